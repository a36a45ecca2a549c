//! Taking back what a confirmation told.

use domain::change::Assurance;
use domain::outbox::undoable;
use domain::{Source, Wish};
use leptos::prelude::*;
use leptos::server_fn::codec::PostUrl;

use super::tools::Call;
use crate::portal::{By, Who};
use crate::routes;
use crate::visit::{Deed, Mistake, Problem, What, read_seen};

/// Takes back one change that a confirmation told. Its link was sent to the person and is as good
/// as a code, for what stands in that letter and nothing else.
#[server(prefix = "/do", endpoint = "undo", input = PostUrl)]
pub async fn undo(#[server(default)] choice: Option<String>) -> Result<(), ServerFnError> {
    let mut call = Call::begin().await?;
    let entry = choice.as_deref().and_then(read_seen);
    let letter = call.visit.letter(call.now);
    let (Some(letter), Some(entry)) = (letter, entry) else {
        return too_late(call).await;
    };
    let person = letter.person;
    let history = match call.portal.list_history(person).await {
        Ok(history) => history,
        Err(error) => return call.fail(error, routes::CHOICES).await,
    };
    let told = undoable(&history, letter.since, letter.through);
    if !told.iter().any(|choice| choice.position == entry) {
        return too_late(call).await;
    }
    let wish = Wish::UndoByLetter { entry, until: letter.until };
    let by = By { assurance: Assurance::Verified, ..call.by(Source::Page) };
    match call.record(Who::Person(person), wish, by).await {
        Ok(done) => {
            let who = Who::Person(person);
            let (reference, at) = (done.reference, call.now);
            let what = What::Undone;
            call.visit.deed = Some(Deed { who, what, reference, at, undoable: false });
            call.go(routes::CHOICES).await
        }
        Err(error) => call.fail(error, routes::CHOICES).await,
    }
}

async fn too_late(call: Call) -> Result<(), ServerFnError> {
    let mistake = Mistake { problem: Problem::Undo, typed: String::new(), selected: None };
    call.mend(mistake, routes::CHOICES).await
}
