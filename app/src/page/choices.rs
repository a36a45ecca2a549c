//! The choices page of somebody we know.

use domain::catalogue::{Purpose, Recipient, Topic};
use domain::change::Assurance;
use domain::{Channel, Decision, Preferences, Target, decide};
use leptos::prelude::*;

use super::shelf::{Key, html};
use super::shell::{Page, Rendered, render};
use super::switch::FORM;
use super::{Frame, exceptions, history, marketing, now, progress, sharing, toast};
use crate::portal::{Customer, Progress};
use crate::routes;
use crate::visit::Visit;

/// How things stand for one person; what the gate would answer, target by target.
#[derive(Debug)]
pub struct State {
    /// Folded from the ledger.
    pub preferences: Preferences,
    /// In the register's order.
    decisions: Vec<(Target, Decision)>,
}

impl State {
    /// Asks the gate's own function for every switch of the register.
    #[must_use]
    pub fn of(frame: &Frame, customer: &Customer) -> Self {
        let preferences = Preferences::fold(&customer.history);
        let catalogue = &frame.notice.catalogue;
        let decided = |leaf| {
            let decision = decide(catalogue, &preferences, customer.standpoint, &leaf, frame.now);
            (leaf, decision)
        };
        let decisions = catalogue.leaves().map(decided).collect();
        Self { preferences, decisions }
    }

    /// The decision for a switch of the register.
    #[must_use]
    pub fn decision(&self, target: &Target) -> Option<&Decision> {
        self.decisions.iter().find(|(known, _)| known == target).map(|(_, decision)| decision)
    }

    /// The decision for a message.
    pub(super) fn message(&self, topic: &Topic, channel: Channel) -> Option<&Decision> {
        let is = |target: &Target| matches!(target, Target::Message(key, by) if *by == channel && *key == topic.key);
        self.decisions.iter().find(|(known, _)| is(known)).map(|(_, decision)| decision)
    }

    /// The decision for a recipient.
    pub(super) fn share(&self, purpose: &Purpose, to: &Recipient) -> Option<&Decision> {
        let is = |target: &Target| matches!(target, Target::Share(key, name) if *key == purpose.key && *name == to.key);
        self.decisions.iter().find(|(known, _)| is(known)).map(|(_, decision)| decision)
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn allows(&self, target: &Target) -> bool {
        self.decision(target).is_some_and(|decision| decision.allowed)
    }

    /// Whether nothing below a wide target is on.
    #[must_use]
    pub fn all_off(&self, wide: &Target) -> bool {
        !self.decisions.iter().any(|(leaf, decision)| decision.allowed && wide.covers(leaf))
    }

    /// Every decision, in the register's order.
    pub(super) fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().map(|(_, decision)| decision)
    }
}

/// The choices page.
#[must_use]
pub fn choices(frame: &Frame, customer: &Customer, visit: &Visit, progress: &Progress) -> Rendered {
    let state = State::of(frame, customer);
    let verified = visit.assurance(frame.now) == Assurance::Verified;
    render(frame, || Page {
        title: frame.texts.title.to_owned(),
        status: toast::status(visit),
        live: true,
        toast: Some(toast::toast(frame, visit)),
        main: body(frame, customer, visit, &state, progress, verified),
    })
}

fn body(
    frame: &Frame,
    customer: &Customer,
    visit: &Visit,
    state: &State,
    progress: &Progress,
    verified: bool,
) -> String {
    let mut parts = vec![
        html(toast::mistake(frame, visit)),
        html(who(frame, visit)),
        frame.keep(Key::new("opening"), || opening(frame)).as_ref().to_owned(),
        now::now(frame, state),
        marketing::marketing(frame, state),
        marketing::profiling(frame, Some(state)),
        sharing::sharing(frame, Some(state)),
        exceptions::exceptions(frame).as_ref().to_owned(),
        html(progress::progress(frame, progress)),
    ];
    parts.push(if verified {
        html(history::history(frame, Some(&customer.history)))
    } else {
        frame.keep(Key::new("history"), || history::history(frame, None)).as_ref().to_owned()
    });
    parts.concat()
}

fn who(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    let (before, after) = around(texts.who, "who");
    let mask = visit.masked.clone().map(|masked| {
        view! { {before}<strong><bdi dir="ltr">{masked}</bdi></strong>{after}" · " }
    });
    view! {
        <form class="who" method="post" action=frame.act(routes::LEAVE)>
            {mask}
            <button class="link" type="submit">{texts.not_you}</button>
        </form>
    }
    .into_any()
}

/// The two sides of a placeholder that is filled with more than text.
pub(super) fn around(text: &'static str, name: &str) -> (&'static str, &'static str) {
    text.split_once(&format!("{{{name}}}")).unwrap_or((text, ""))
}

fn opening(frame: &Frame) -> AnyView {
    let texts = frame.texts;
    view! {
        <form id=FORM method="post" action=frame.act(routes::CHOOSE)></form>
        <h1>{texts.title}</h1>
        <p class="lede">{texts.lede}</p>
        {object(frame)}
    }
    .into_any()
}

/// The right to object, apart from other information (GDPR 21(4)).
pub(super) fn object(frame: &Frame) -> AnyView {
    view! {
        <section class="object" aria-labelledby="object-h">
            <h2 id="object-h">{frame.texts.object_heading}</h2>
            <p>{frame.texts.object}</p>
        </section>
    }
    .into_any()
}
