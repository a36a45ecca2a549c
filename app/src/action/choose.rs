//! The switches and buttons of the choices page.

use domain::{Reference, Refusal, Source, Target, Wish};
use leptos::prelude::*;
use leptos::server_fn::codec::PostUrl;

use super::tools::{Answer, Call, back_to};
use crate::page::names::anchor;
use crate::portal::{PortalError, Who};
use crate::routes;
use crate::visit::{Deed, Mistake, Problem, What, read_seen};

/// One click on the choices page. Exactly one of `off`, `on`, `pause` and `undo` is sent, by the
/// button that was pressed; each names what is wanted, never "the other way round", so that a
/// stale page, a second tab or a double click can't turn a choice into its opposite.
#[server(prefix = "/do", endpoint = "choose", input = PostUrl)]
pub async fn choose(
    #[server(default)] off: Option<String>,
    #[server(default)] on: Option<String>,
    #[server(default)] pause: Option<String>,
    #[server(default)] undo: Option<String>,
) -> Result<(), ServerFnError> {
    let call = Call::begin().await?;
    if let Some(undo) = undo {
        return take_back(call, &undo).await;
    }
    let Some(person) = call.visit.person else {
        return mistake(call, Problem::Session, None).await;
    };
    let who = Who::Person(person);
    match (off, on, pause) {
        (Some(off), _, _) => turn_off(call, who, &off).await,
        (None, Some(on), _) => ask_on(call, who, &on).await,
        (None, None, Some(days)) => rest(call, who, &days).await,
        (None, None, None) => mistake(call, Problem::Form, None).await,
    }
}

async fn mistake(call: Call, problem: Problem, anchor: Option<String>) -> Answer {
    call.mend(Mistake { problem, typed: String::new(), selected: None }, &back_to(anchor)).await
}

async fn turn_off(mut call: Call, who: Who, text: &str) -> Answer {
    let Ok(target) = text.parse::<Target>() else {
        return mistake(call, Problem::Target, None).await;
    };
    let place = Some(anchor(&target));
    let wish = Wish::TurnOff(target.clone());
    let by = call.by(Source::Page);
    match call.record(who.clone(), wish, by).await {
        Ok(done) => {
            let what = if done.added == 0 { What::Nothing } else { What::Off(target) };
            note(&mut call, who, what, done.reference, done.added > 0);
            call.go(&back_to(place)).await
        }
        Err(error) => call.fail(error, &back_to(place)).await,
    }
}

async fn rest(mut call: Call, who: Who, text: &str) -> Answer {
    let Ok(days) = text.trim().parse::<u16>() else {
        return mistake(call, Problem::Pause, None).await;
    };
    let by = call.by(Source::Page);
    match call.record(who.clone(), Wish::Pause(days), by).await {
        Ok(done) => {
            let until = call.now.plus(i64::from(days) * domain::moment::DAY);
            let what = if done.added == 0 { What::Nothing } else { What::Paused(until) };
            note(&mut call, who, what, done.reference, done.added > 0);
            call.go(&back_to(None)).await
        }
        Err(error) => call.fail(error, &back_to(None)).await,
    }
}

async fn ask_on(mut call: Call, who: Who, text: &str) -> Answer {
    let Ok(target) = text.parse::<Target>() else {
        return mistake(call, Problem::Target, None).await;
    };
    let place = Some(anchor(&target));
    let wish = Wish::AskOn(target.clone());
    let by = call.by(Source::Code);
    match call.record(who, wish, by).await {
        Ok(done) if done.added == 0 && !waits(&call, &target).await => {
            call.go(&back_to(place)).await
        }
        Ok(_) => {
            call.visit.wanted = Some(target);
            call.go(routes::CONFIRM).await
        }
        Err(PortalError::Refused(Refusal::NeedsCode)) => {
            call.visit.wanted = Some(target);
            call.go(routes::CODE).await
        }
        Err(error) => call.fail(error, &back_to(place)).await,
    }
}

/// Whether a request made a moment ago still waits for its second step (a double click).
async fn waits(call: &Call, target: &Target) -> bool {
    let Some(person) = call.visit.person else { return false };
    let Ok(Some(customer)) = call.portal.find_customer(person, call.visit.version).await else {
        return false;
    };
    customer.preferences.requested(target).is_some()
}

async fn take_back(mut call: Call, text: &str) -> Answer {
    let mine = call.visit.recent(call.now).filter(|deed| deed.undoable).cloned();
    let (Some(deed), Ok(reference)) = (mine, text.parse::<Reference>()) else {
        return mistake(call, Problem::Undo, None).await;
    };
    if deed.reference != reference {
        return mistake(call, Problem::Undo, None).await;
    }
    let wish = Wish::Undo(reference.clone());
    let by_form = matches!(deed.who, Who::Handle(_));
    let by = call.by(Source::Page);
    let done = call.record(deed.who.clone(), wish, by).await;
    let reference = match done {
        // The form never says whether anything had to change, and so neither does its undo.
        Ok(_) | Err(PortalError::Refused(Refusal::NotUndoable)) if by_form => reference,
        Ok(done) => done.reference,
        Err(error) => return call.fail(error, &back_to(None)).await,
    };
    note(&mut call, deed.who, What::Undone, reference, false);
    call.go(&back_to(None)).await
}

fn note(call: &mut Call, who: Who, what: What, reference: Reference, undoable: bool) {
    let at = call.now;
    // Pressing an already pressed button must not take the way back of the press before.
    if what == What::Nothing && call.visit.recent(at).is_some_and(|deed| deed.undoable) {
        return;
    }
    call.visit.deed = Some(Deed { who, what, reference, at, undoable });
}

/// The second step of turning something on. `seen` is the newest entry that the page had shown.
#[server(prefix = "/do", endpoint = "confirm", input = PostUrl)]
pub async fn confirm(
    #[server(default)] target: Option<String>,
    #[server(default)] seen: Option<String>,
) -> Result<(), ServerFnError> {
    let mut call = Call::begin().await?;
    let Some(person) = call.visit.person else {
        return mistake(call, Problem::Session, None).await;
    };
    let Some(target) = target.and_then(|text| text.parse::<Target>().ok()) else {
        return mistake(call, Problem::Target, None).await;
    };
    let Some(seen) = seen.as_deref().and_then(read_seen) else {
        return mistake(call, Problem::Form, None).await;
    };
    let wish = Wish::ConfirmOn { target: target.clone(), seen };
    let who = Who::Person(person);
    let place = Some(anchor(&target));
    let by = call.by(Source::Code);
    match call.record(who.clone(), wish, by).await {
        Ok(done) => {
            let what = match (done.added, &target) {
                (0, _) => What::Nothing,
                (_, Target::Marketing) => What::Resumed,
                _ => What::On(target),
            };
            call.visit.wanted = None;
            note(&mut call, who, what, done.reference, false);
            call.go(&back_to(place)).await
        }
        Err(PortalError::Refused(Refusal::NeedsCode)) => {
            call.visit.wanted = Some(target);
            call.go(routes::CODE).await
        }
        Err(error) => call.fail(error, &back_to(place)).await,
    }
}
