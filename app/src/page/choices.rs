//! The choices page of somebody we know.

use std::collections::HashMap;

use domain::change::Assurance;
use domain::{Choice, Decision, Preferences, Target, decide};
use leptos::prelude::*;

use super::shell::{Page, Rendered, render};
use super::switch::FORM;
use super::{Frame, exceptions, history, marketing, now, sharing, toast};
use crate::portal::Customer;
use crate::routes;
use crate::texts::fill;
use crate::visit::Visit;

/// How things stand for one person; what the gate would answer, target by target.
#[derive(Debug)]
pub struct State {
    /// Folded from the ledger.
    pub preferences: Preferences,
    decisions: HashMap<Target, Decision>,
}

impl State {
    /// Asks the gate's own function for every switch of the register.
    #[must_use]
    pub fn of(frame: &Frame, customer: &Customer) -> Self {
        let preferences = Preferences::fold(&customer.history);
        let catalogue = &frame.notice.catalogue;
        let decisions = catalogue
            .leaves()
            .map(|leaf| {
                let person = customer.standpoint;
                let decision = decide(catalogue, &preferences, person, &leaf, frame.now);
                (leaf, decision)
            })
            .collect();
        Self { preferences, decisions }
    }

    /// The decision for a switch of the register.
    #[must_use]
    pub fn decision(&self, target: &Target) -> Option<&Decision> {
        self.decisions.get(target)
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
}

/// The choices page.
#[must_use]
pub fn choices(frame: &Frame, customer: &Customer, visit: &Visit) -> Rendered {
    let state = State::of(frame, customer);
    let verified = visit.assurance(frame.now) == Assurance::Verified;
    render(frame, || Page {
        title: frame.texts.title.to_owned(),
        status: if visit.mistake.is_some() { 422 } else { 200 },
        live: true,
        toast: Some(toast::toast(frame, visit)),
        main: body(frame, customer, visit, &state, verified.then_some(&customer.history)),
    })
}

fn body(
    frame: &Frame,
    customer: &Customer,
    visit: &Visit,
    state: &State,
    shown: Option<&std::sync::Arc<Vec<Choice>>>,
) -> AnyView {
    let texts = frame.texts;
    let who = customer.masked.clone().unwrap_or_default();
    let (before, after) = fill(texts.who, &[("who", "\u{1}")])
        .split_once('\u{1}')
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .unwrap_or_default();
    view! {
        {toast::mistake(frame, visit)}
        <form id=FORM method="post" action=frame.act(routes::CHOOSE)></form>
        <form class="who" method="post" action=frame.act(routes::LEAVE)>
            {before}<strong><bdi dir="ltr">{who}</bdi></strong>{after}" · "
            <button class="link" type="submit">{texts.not_you}</button>
        </form>
        <h1>{texts.title}</h1>
        <p class="lede">{texts.lede}</p>
        {object(frame)}
        {now::now(frame, state)}
        {marketing::marketing(frame, state)}
        {marketing::profiling(frame, state)}
        {sharing::sharing(frame, Some(state))}
        {exceptions::exceptions(frame)}
        {history::history(frame, shown)}
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
