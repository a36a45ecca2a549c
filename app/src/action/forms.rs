//! Forms that take an opt-out from somebody without a session.

use domain::change::Assurance;
use domain::contact::Malformed;
use domain::{Channel, Key, Source, Target, Wish};
use leptos::prelude::*;
use leptos::server_fn::codec::PostUrl;

use super::tools::{Answer, Call, shown_again};
use crate::portal::{By, Who};
use crate::routes;
use crate::visit::{Deed, Mistake, Problem, What};

/// Opts an address or number out, known or not, without saying which (ASVS 5.0 6.3.8).
/// Asks for nothing else (16 CFR 316.5).
#[server(prefix = "/do", endpoint = "opt-out", input = PostUrl)]
pub async fn opt_out(
    #[server(default)] contact: Option<String>,
    #[server(default)] what: Option<String>,
) -> Result<(), ServerFnError> {
    let mut call = Call::begin().await?;
    let typed = contact.unwrap_or_default();
    let target = what.as_deref().unwrap_or("everything").parse::<Target>();
    let Ok(target @ (Target::Everything | Target::Marketing | Target::Sharing)) = target else {
        return wrong(call, Problem::Target, typed, None).await;
    };
    let contact = match call.portal.read_contact(&typed) {
        Ok(contact) => contact,
        Err(malformed) => return wrong(call, malformed.into(), typed, Some(target)).await,
    };
    let who = Who::Handle(call.portal.handle(&contact));
    let by = By { assurance: Assurance::Link, ..call.by(Source::Form) };
    match call.record(who.clone(), Wish::TurnOff(target.clone()), by).await {
        Ok(done) => {
            let (reference, at) = (done.reference, call.now);
            let what = What::OffByForm(target);
            call.visit.deed = Some(Deed { who, what, reference, at, undoable: true });
            call.visit.contact = Some(contact.as_str().to_owned());
            call.go(routes::CHOICES).await
        }
        Err(error) => call.fail(error, routes::CHOICES).await,
    }
}

async fn wrong(call: Call, problem: Problem, typed: String, selected: Option<Target>) -> Answer {
    let typed = shown_again(&typed);
    call.mend(Mistake { problem, typed, selected }, "/choices#opt-out").await
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::Empty => Self::ContactEmpty,
            Malformed::TooLong => Self::ContactLong,
            Malformed::Form => Self::ContactForm,
            Malformed::Control => Self::ContactControl,
        }
    }
}

/// The button on a message's page: the token is the authority, as with one-click.
#[server(prefix = "/do", endpoint = "unsubscribe", input = PostUrl)]
pub async fn unsubscribe(
    #[server(default)] token: Option<String>,
    #[server(default)] topic: Option<String>,
    #[server(default)] channel: Option<String>,
    #[server(default)] all: Option<String>,
) -> Result<(), ServerFnError> {
    let mut call = Call::begin().await?;
    let target = match (all, topic, channel) {
        (Some(_), _, _) => Some(Target::Marketing),
        (None, Some(topic), Some(channel)) => message(&topic, &channel),
        _ => None,
    };
    let Some(target) = target else {
        return wrong(call, Problem::Target, String::new(), None).await;
    };
    let opened = call.portal.open_link(&token.unwrap_or_default()).await;
    let person = match opened {
        Ok(Some(person)) => person,
        Ok(None) => return wrong(call, Problem::Session, String::new(), None).await,
        Err(error) => return call.fail(error, routes::CHOICES).await,
    };
    let who = Who::Person(person);
    let by = By { assurance: Assurance::Link, ..call.by(Source::Page) };
    match call.record(who.clone(), Wish::TurnOff(target.clone()), by).await {
        Ok(done) => {
            let (reference, at, undoable) = (done.reference, call.now, done.added > 0);
            let what = if undoable { What::Off(target) } else { What::Nothing };
            let masked = call.portal.find_mask(person).await.ok().flatten();
            call.visit.welcome(person, masked);
            call.visit.deed = Some(Deed { who, what, reference, at, undoable });
            call.enter(routes::CHOICES).await
        }
        Err(error) => call.fail(error, routes::CHOICES).await,
    }
}

fn message(topic: &str, channel: &str) -> Option<Target> {
    let topic: Key = topic.parse().ok()?;
    let channel: Channel = channel.parse().ok()?;
    Some(Target::Message(topic, channel))
}
