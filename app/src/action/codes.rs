//! Proving that it is really them.

use domain::Wish;
use leptos::prelude::*;
use leptos::server_fn::codec::PostUrl;

use super::tools::{Answer, Call, see_other, shown_again, unavailable};
use crate::portal::{PortalError, Who};
use crate::routes;
use crate::visit::{Mistake, PendingCode, Problem};

/// Sends a code: to the address on file when a link told who it is, otherwise to the one typed.
#[server(prefix = "/do", endpoint = "send-code", input = PostUrl)]
pub async fn send_code(#[server(default)] contact: Option<String>) -> Result<(), ServerFnError> {
    let mut call = Call::begin().await?;
    let typed = contact.unwrap_or_default();
    let known = call.visit.person.filter(|_| !call.visit.veiled);
    if let (Some(person), true) = (known, typed.is_empty()) {
        match call.portal.send_code_to(person, call.language).await {
            Ok(Some((id, masked))) => {
                call.visit.code = Some(PendingCode { id, masked });
                return call.go(routes::CODE).await;
            }
            Ok(None) => {}
            Err(error) => return call.fail(error, routes::CODE).await,
        }
    }
    let contact = match call.portal.read_contact(&typed) {
        Ok(contact) => contact,
        Err(malformed) => {
            let typed = shown_again(&typed);
            let mistake = Mistake { problem: malformed.into(), typed, selected: None };
            return call.mend(mistake, routes::CODE).await;
        }
    };
    match call.portal.send_code(&contact, call.language).await {
        Ok(id) => {
            call.visit.code = Some(PendingCode { id, masked: contact.masked() });
            call.visit.contact = Some(contact.as_str().to_owned());
            call.go(routes::CODE).await
        }
        Err(error) => call.fail(error, routes::CODE).await,
    }
}

/// Takes a code, pasted with spaces or dashes or not.
#[server(prefix = "/do", endpoint = "check-code", input = PostUrl)]
pub async fn check_code(#[server(default)] code: Option<String>) -> Result<(), ServerFnError> {
    let mut call = Call::begin().await?;
    let digits = read_digits(&code.unwrap_or_default());
    let wrong = |problem| Mistake { problem, typed: String::new(), selected: None };
    let Some(pending) = call.visit.code.clone() else {
        return call.mend(wrong(Problem::Session), routes::CODE).await;
    };
    if digits.is_empty() {
        return call.mend(wrong(Problem::CodeEmpty), routes::CODE).await;
    }
    match call.portal.check_code(pending.id, &digits).await {
        Ok(Some(person)) => {
            let same = call.visit.person == Some(person) && !call.visit.veiled;
            if !same {
                let Ok(masked) = call.portal.find_mask(person).await else {
                    return Err(unavailable());
                };
                call.visit.welcome(person, masked);
            }
            call.visit.verify(person, call.now);
            enter(call).await
        }
        Ok(None) => call.mend(wrong(Problem::Code), routes::CODE).await,
        Err(error) => call.fail(error, routes::CODE).await,
    }
}

/// Goes on to what the code was for.
async fn enter(mut call: Call) -> Answer {
    let mut to = routes::CHOICES;
    if let (Some(target), Some(person)) = (call.visit.wanted.clone(), call.visit.person) {
        let by = call.by(domain::Source::Code);
        let asked = call.record(Who::Person(person), Wish::AskOn(target), by).await;
        match asked {
            Ok(_) => to = routes::CONFIRM,
            Err(PortalError::Unavailable) => return Err(unavailable()),
            Err(PortalError::Refused(refusal)) => {
                let problem = super::tools::problem(refusal);
                call.visit.mistake =
                    Some(Mistake { problem, typed: String::new(), selected: None });
            }
            Err(PortalError::TooMany(_)) => {}
        }
    }
    call.enter(to).await
}

/// The digits of a code, in any script's digits that a keyboard may give.
fn read_digits(text: &str) -> String {
    text.chars()
        .take(64)
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c {
            '\u{0660}'..='\u{0669}' => char::from_u32(c as u32 - 0x0660 + 0x30).unwrap_or(c),
            '\u{06F0}'..='\u{06F9}' => char::from_u32(c as u32 - 0x06F0 + 0x30).unwrap_or(c),
            '\u{FF10}'..='\u{FF19}' => char::from_u32(c as u32 - 0xFF10 + 0x30).unwrap_or(c),
            other => other,
        })
        .collect()
}

/// Ends the visit ("Not you?").
#[server(prefix = "/do", endpoint = "leave", input = PostUrl)]
pub async fn leave() -> Result<(), ServerFnError> {
    let call = Call::begin().await?;
    call.session.flush().await.map_err(|_| unavailable())?;
    see_other(routes::CHOICES);
    Ok(())
}
