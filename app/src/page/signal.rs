//! What the page says of the browser's signal (Global Privacy Control).

use domain::{Language, Target};
use leptos::prelude::*;

use super::Frame;
use super::choices::State;
use super::names::apart;
use super::shelf::Key;
use crate::texts::signal::{HONORED, Texts};
use crate::texts::{fill, list};

/// What the browser that asks for a page says of sale and sharing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signal {
    /// It may say what it wants: the business has switched the signal off.
    Unheeded,
    /// Nothing.
    #[default]
    Absent,
    /// It asks not to sell or share, and that is done.
    Honored,
}

/// Shown while the signal is present (11 CCR 7025(c)(6)). Without a state it is about the browser.
pub(super) fn status(frame: &Frame, state: Option<&State<'_>>) -> String {
    if frame.signal != Signal::Honored {
        return String::new();
    }
    let allowed = state.map(|state| allowed(frame, state)).unwrap_or_default();
    let mut key = Key::new("signal").flag(state.is_some());
    for name in &allowed {
        key = key.text(name);
    }
    frame.keep(key, || view(frame, state.is_some(), &allowed)).as_ref().to_owned()
}

/// The companies to which the customer allowed sale or sharing all the same.
fn allowed(frame: &Frame, state: &State<'_>) -> Vec<String> {
    let sold = frame.notice.catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
    let mut names: Vec<String> = Vec::new();
    for purpose in sold {
        for to in &purpose.recipients {
            if state.share(purpose, to).is_some_and(|decision| decision.allowed) {
                names.push(format!(
                    "{}, {}",
                    purpose.label.get(frame.language),
                    apart(frame.language, &to.name)
                ));
            }
        }
    }
    names
}

fn view(frame: &Frame, known: bool, allowed: &[String]) -> AnyView {
    let texts = Texts::of(frame.language);
    let original = (frame.language != Language::English).then(|| {
        view! { " "<span lang="en" dir="ltr">{format!("({HONORED})")}</span> }
    });
    let reach = if known { texts.account } else { texts.browser };
    let control = if allowed.is_empty() {
        view! {
            <p id="signal-control">{texts.control}": "<b class="state">{frame.texts.off}</b></p>
        }
        .into_any()
    } else {
        let names = list(frame.language, allowed);
        view! { <p id="signal-conflict">{fill(texts.conflict, &[("list", &names)])}</p> }.into_any()
    };
    view! {
        <section class="object" id="signal" aria-labelledby="signal-h">
            <h2 id="signal-h">{texts.honored}{original}</h2>
            <p>{texts.honored_text}{frame.gap()}{reach}</p>
            {control}
        </section>
    }
    .into_any()
}

/// How signals and conflicts are handled, for whoever wants to know.
pub(super) fn how(frame: &Frame) -> String {
    if frame.signal == Signal::Unheeded {
        return String::new();
    }
    let texts = Texts::of(frame.language);
    let kept = frame.keep(Key::new("signal-how"), || {
        view! {
            <details id="signals">
                <summary>{texts.how_heading}</summary>
                <p>{texts.how}</p>
                <p>{texts.how_conflicts}</p>
            </details>
        }
    });
    kept.as_ref().to_owned()
}

/// Before something is allowed that the browser asks to stop.
pub(super) fn warning(frame: &Frame, target: &Target) -> Option<AnyView> {
    let Target::Share(purpose, recipient) = target else { return None };
    let (purpose, _) = frame.notice.catalogue.share(purpose, recipient)?;
    let conflicts = frame.signal == Signal::Honored && purpose.sale_or_sharing;
    let text = Texts::of(frame.language).asks_otherwise;
    conflicts.then(|| view! { <p id="signal-conflict">{text}</p> }.into_any())
}
