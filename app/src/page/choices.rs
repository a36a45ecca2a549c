//! The choices page of somebody we know.

use domain::catalogue::{Purpose, Recipient, Topic};
use domain::{Channel, Choice, Decision, Preferences, Standings, Target};
use leptos::prelude::*;

use super::shelf::{Key, PERSONAL, html};
use super::shell::{Page, Rendered, render};
use super::switch::FORM;
use super::{Frame, exceptions, history, marketing, now, progress, sharing, signal, toast};
use crate::portal::{Customer, Progress};
use crate::routes;
use crate::visit::Visit;

/// How things stand for one person; what the gate would answer, target by target.
#[derive(Debug)]
pub struct State<'a> {
    /// Folded from the ledger.
    pub preferences: &'a Preferences,
    /// In the register's order.
    decisions: Vec<(&'a Target, Decision)>,
}

impl<'a> State<'a> {
    /// Asks the gate's own function for every switch of the register.
    #[must_use]
    pub fn of(frame: &'a Frame, customer: &'a Customer) -> Self {
        let Customer { preferences, standpoint, .. } = customer;
        let decisions = frame.notice.rules.decide_all(preferences, *standpoint, frame.now);
        Self { preferences, decisions: decisions.collect() }
    }
}

impl State<'_> {
    /// The decision for a switch of the register.
    #[must_use]
    pub fn decision(&self, target: &Target) -> Option<&Decision> {
        self.decisions.iter().find(|(known, _)| *known == target).map(|(_, decision)| decision)
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

/// The choices page. Whoever answered a fresh code also sees what happened.
#[must_use]
pub fn choices(
    frame: &Frame,
    customer: &Customer,
    visit: &Visit,
    progress: &Progress,
    history: Option<&[Choice]>,
) -> Rendered {
    let state = State::of(frame, customer);
    let told = progress::progress(frame, progress);
    let plain = history.is_none() && visit.mistake.is_none() && visit.recent(frame.now).is_none();
    if !plain {
        return view(frame, visit, &state, &told, history);
    }
    let personal =
        [visit.masked.as_deref().map(|masked| html(masked.to_owned()).into()), Some(told)];
    frame.keep_page_around(key(frame, &state), personal, || {
        let masked = visit.masked.as_ref().map(|_| PERSONAL.to_owned());
        view(frame, &Visit { masked, ..visit.clone() }, &state, PERSONAL, None)
    })
}

/// All that the page of somebody shows beside what is personal.
fn key(frame: &Frame, state: &State<'_>) -> Key {
    let wide = [Target::Everything, Target::Marketing, Target::Sharing];
    let pause = state.preferences.pause(&Target::Marketing, frame.now);
    let key = Key::new("choices").numbers(&[frame.signal as i64]);
    let mut key = key.day(pause.map(|pause| pause.until));
    for target in &wide {
        key = key.flag(state.preferences.is_withdrawn(target));
    }
    state.decisions().fold(key, |key, decision| key.decision(Some(decision)))
}

fn view(
    frame: &Frame,
    visit: &Visit,
    state: &State<'_>,
    told: &str,
    history: Option<&[Choice]>,
) -> Rendered {
    render(frame, || Page {
        title: frame.texts.title.to_owned(),
        status: toast::status(visit),
        live: true,
        toast: Some(toast::toast(frame, visit)),
        main: body(frame, visit, state, told, history),
    })
}

fn body(
    frame: &Frame,
    visit: &Visit,
    state: &State<'_>,
    told: &str,
    history: Option<&[Choice]>,
) -> String {
    let mut parts = vec![
        html(toast::mistake(frame, visit)),
        html(who(frame, visit)),
        signal::status(frame, Some(state)),
        frame.keep(Key::new("opening"), || opening(frame)).as_ref().to_owned(),
        now::now(frame, state),
        marketing::marketing(frame, state),
        marketing::profiling(frame, Some(state)),
        sharing::sharing(frame, Some(state)),
        exceptions::exceptions(frame).as_ref().to_owned(),
        told.to_owned(),
    ];
    parts.push(if history.is_some() {
        html(history::history(frame, history))
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
