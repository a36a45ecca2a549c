//! One switch: a button that says what is wanted, so that one click without JavaScript is enough.

use domain::Target;
use domain::decision::{Decision, Reason};
use leptos::prelude::*;

use super::Frame;
use super::names::anchor;
use crate::texts::fill;

/// The form that all switches of a page belong to.
pub(super) const FORM: &str = "choices-form";

/// Ids of the elements that name and describe a switch.
pub(super) struct Labels {
    pub by: String,
    pub about: Option<String>,
}

/// A switch for a target, showing what the gate would answer.
pub(super) fn switch(frame: &Frame, target: &Target, on: bool, labels: Labels) -> AnyView {
    let texts = frame.texts;
    let state = if on { texts.on } else { texts.off };
    let name = if on { "off" } else { "on" };
    view! {
        <button
            class="switch"
            type="submit"
            form=FORM
            name=name
            value=target.to_string()
            role="switch"
            aria-checked=if on { "true" } else { "false" }
            aria-labelledby=labels.by
            aria-describedby=labels.about
            id=anchor(target)
            data-on=texts.on
            data-off=texts.off
        >
            <span class="state">{state}</span>
            <span class="track" aria-hidden="true"></span>
        </button>
    }
    .into_any()
}

/// A plain button of the choices form.
pub(super) fn button(
    class: &'static str,
    name: &'static str,
    value: String,
    text: String,
) -> AnyView {
    view! {
        <button class=class type="submit" form=FORM name=name value=value>{text}</button>
    }
    .into_any()
}

/// Why a switch stands as it does, in small print; nothing where there is nothing to add.
pub(super) fn since(frame: &Frame, decision: &Decision) -> Option<String> {
    let texts = frame.texts;
    let date = decision.since.map(|since| frame.date(since));
    let state = if decision.allowed { texts.on } else { texts.off };
    match decision.reason {
        Reason::OptedIn | Reason::OptedOut => {
            let date = date?;
            Some(fill(texts.since, &[("state", state), ("date", &date)]))
        }
        Reason::PreferenceSignal => {
            let date = date?;
            let texts = crate::texts::signal::Texts::of(frame.language);
            Some(fill(texts.since, &[("date", &date)]))
        }
        Reason::Paused => {
            let until = frame.date(decision.until?);
            Some(fill(texts.paused_until, &[("date", &until)]))
        }
        Reason::ConsentExpired => Some(fill(texts.expired, &[("date", &date?)])),
        Reason::Minor => Some(texts.minor.to_owned()),
        Reason::ReviewOverdue => Some(texts.review_overdue.to_owned()),
        Reason::NoObjection
        | Reason::NeverOptedIn
        | Reason::RequiredByLaw
        | Reason::NotInCatalogue => None,
    }
}
