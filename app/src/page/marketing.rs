//! What is sent, topic by topic and channel by channel, and what is guessed for it.

use domain::catalogue::{MessageRule, Regime, Topic};
use domain::decision::Reason;
use domain::{Decision, Target};
use leptos::prelude::*;

use super::Frame;
use super::choices::State;
use super::names::{anchor, basis, channel_label};
use super::switch::{Labels, button, since, switch};
use crate::texts::fill;

pub(super) fn marketing(frame: &Frame, state: &State) -> AnyView {
    let texts = frame.texts;
    let topics: Vec<_> = frame
        .notice
        .catalogue
        .topics
        .iter()
        .map(|topic| card(frame, topic, |rule| Some(row(frame, state, topic, rule))))
        .collect();
    let stop = (!state.preferences.is_withdrawn(&Target::Marketing)).then(|| {
        let text = texts.marketing_off.to_owned();
        view! { <p>{button("wide", "off", Target::Marketing.to_string(), text)}</p> }
    });
    view! {
        <section aria-labelledby="marketing-h">
            <h2 id="marketing-h">{texts.marketing}</h2>
            <p class="hint">{texts.marketing_hint}</p>
            {topics}
            {stop}
        </section>
    }
    .into_any()
}

/// A topic with its channels; each row is made by the caller, or told without a switch.
pub(super) fn card(
    frame: &Frame,
    topic: &Topic,
    row: impl Fn(&MessageRule) -> Option<AnyView>,
) -> AnyView {
    let language = frame.language;
    let heading = format!("topic-{}", topic.key);
    let labelled = heading.clone();
    let rows: Vec<_> =
        topic.channels.iter().map(|rule| row(rule).unwrap_or_else(|| told(frame, rule))).collect();
    view! {
        <div class="card" role="group" aria-labelledby=labelled>
            <div class="row head">
                <div>
                    <h3 id=heading>{topic.label.get(language).to_owned()}</h3>
                    <p>{topic.frequency.get(language).to_owned()}" "{topic.data.get(language).to_owned()}</p>
                </div>
            </div>
            {rows}
        </div>
    }
    .into_any()
}

fn told(frame: &Frame, rule: &MessageRule) -> AnyView {
    view! {
        <div class="row">
            <div>{channel_label(frame.texts, rule.channel)}<small>{rules(frame, rule)}</small></div>
        </div>
    }
    .into_any()
}

/// On which ground a message is sent, in small print.
fn rules(frame: &Frame, rule: &MessageRule) -> String {
    let texts = frame.texts;
    let regime = match rule.regime {
        Regime::OptIn => texts.regime_opt_in,
        Regime::OptOut => texts.regime_opt_out,
    };
    let basis = fill(texts.basis_label, &[("basis", basis(texts, rule.basis))]);
    format!("{regime} · {basis}")
}

fn row(frame: &Frame, state: &State, topic: &Topic, rule: &MessageRule) -> AnyView {
    let target = Target::Message(topic.key.clone(), rule.channel);
    let Some(decision) = state.decision(&target) else { return ().into_any() };
    let id = anchor(&target);
    let (label, about) = (format!("{id}-l"), format!("{id}-a"));
    let labels = Labels { by: format!("topic-{} {label}", topic.key), about: Some(about.clone()) };
    let notes = [since(frame, decision), lead(frame, rule, decision), Some(rules(frame, rule))];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    view! {
        <div class="row">
            <label for=id>
                <span id=label>{channel_label(frame.texts, rule.channel)}</span>
                <small id=about>{notes.join(" · ")}</small>
            </label>
            {for_good(frame, &target, decision)}
            {switch(frame, &target, decision.allowed, labels)}
        </div>
    }
    .into_any()
}

/// A pause ends; somebody who wants it off for good says so without waiting for that.
pub(super) fn for_good(frame: &Frame, target: &Target, decision: &Decision) -> Option<AnyView> {
    (decision.reason == Reason::Paused).then(|| {
        button("link", "off", target.to_string(), frame.texts.turn_off_for_good.to_owned())
    })
}

/// What is already printed may still arrive after a no.
fn lead(frame: &Frame, rule: &MessageRule, decision: &Decision) -> Option<String> {
    if rule.lead_days == 0 || decision.reason != Reason::OptedOut {
        return None;
    }
    let end = decision.since?.plus(i64::from(rule.lead_days) * domain::moment::DAY);
    (end > frame.now).then(|| fill(frame.texts.lead_until, &[("date", &frame.date(end))]))
}

pub(super) fn profiling(frame: &Frame, state: &State) -> AnyView {
    let texts = frame.texts;
    let language = frame.language;
    let cards: Vec<_> = frame
        .notice
        .catalogue
        .profilings
        .iter()
        .map(|known| {
            let target = Target::Profiling(known.key.clone());
            let id = anchor(&target);
            let (label, about) = (format!("{id}-l"), format!("{id}-a"));
            let labels = Labels { by: label.clone(), about: Some(about.clone()) };
            let decision = state.decision(&target);
            let note = decision.and_then(|decision| since(frame, decision));
            let ground = fill(texts.basis_label, &[("basis", basis(texts, known.basis))]);
            let notes: Vec<String> = note.into_iter().chain([ground]).collect();
            view! {
                <div class="card">
                    <div class="row head">
                        <div>
                            <h3><label for=id id=label>{known.label.get(language).to_owned()}</label></h3>
                            <p>{known.about.get(language).to_owned()}</p>
                            <small id=about>{notes.join(" · ")}</small>
                        </div>
                        {decision.and_then(|decision| for_good(frame, &target, decision))}
                        {switch(frame, &target, state.allows(&target), labels)}
                    </div>
                    <details>
                        <summary>{texts.effect}</summary>
                        <p>{known.off_effect.get(language).to_owned()}</p>
                    </details>
                </div>
            }
        })
        .collect();
    view! {
        <section aria-labelledby="profiling-h">
            <h2 id="profiling-h">{texts.profiling}</h2>
            <p class="hint">{texts.profiling_hint}</p>
            {cards}
        </section>
    }
    .into_any()
}
