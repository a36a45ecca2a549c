//! What is sent, topic by topic and channel by channel, and what is guessed for it.

use domain::catalogue::{MessageRule, Profiling, Regime, Topic};
use domain::decision::Reason;
use domain::{Decision, Target};
use leptos::prelude::*;

use super::Frame;
use super::choices::State;
use super::names::{anchor, basis, channel_label};
use super::shelf::Key;
use super::switch::{Labels, button, since, switch};
use crate::texts::fill;

pub(super) fn marketing(frame: &Frame, state: &State<'_>) -> String {
    let texts = frame.texts;
    let all = state.preferences.is_withdrawn(&Target::Marketing);
    let mut html = section(frame, "marketing", texts.marketing, texts.marketing_hint);
    for topic in &frame.notice.catalogue.topics {
        let mut key = Key::new("topic").text(topic.key.as_str());
        for rule in &topic.channels {
            key = key.decision(state.message(topic, rule.channel));
        }
        let row = |rule: &MessageRule| Some(row(frame, state, topic, rule));
        html.push_str(&frame.keep(key, || card(frame, topic, row)));
    }
    html.push_str(&frame.keep(Key::new("stop-marketing").flag(all), || {
        let text = texts.marketing_off.to_owned();
        (!all).then(|| {
            view! { <p>{button("wide", "off", Target::Marketing.to_string(), text)}</p> }
        })
    }));
    html.push_str("</section>");
    html
}

/// A section's opening, with its heading and a hint. The caller closes it.
pub(super) fn section(
    frame: &Frame,
    id: &str,
    heading: &'static str,
    hint: &'static str,
) -> String {
    let parts = frame.keep(Key::new("section").text(id).flag(hint.is_empty()), || {
        let hint = (!hint.is_empty()).then(|| view! { <p class="hint">{hint}</p> });
        view! { <h2 id=format!("{id}-h")>{heading}</h2>{hint} }
    });
    format!("<section aria-labelledby=\"{id}-h\">{parts}")
}

/// What is sent, told without switches.
pub(super) fn told_marketing(frame: &Frame, hint: &'static str) -> String {
    let mut html = section(frame, "marketing", frame.texts.marketing, hint);
    for topic in &frame.notice.catalogue.topics {
        let key = Key::new("told-topic").text(topic.key.as_str());
        html.push_str(&frame.keep(key, || card(frame, topic, |_| None)));
    }
    html.push_str("</section>");
    html
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
                    <p>{topic.frequency.get(language).to_owned()}{frame.gap()}{topic.data.get(language).to_owned()}</p>
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
    format!("{regime} · {}", ground(frame, rule))
}

fn ground(frame: &Frame, rule: &MessageRule) -> String {
    fill(frame.texts.basis_label, &[("basis", basis(frame.texts, rule.basis))])
}

fn row(frame: &Frame, state: &State<'_>, topic: &Topic, rule: &MessageRule) -> AnyView {
    let target = Target::Message(topic.key.clone(), rule.channel);
    let Some(decision) = state.decision(&target) else { return ().into_any() };
    let id = anchor(&target);
    let (label, about) = (format!("{id}-l"), format!("{id}-a"));
    let labels = Labels { by: format!("topic-{} {label}", topic.key), about: Some(about.clone()) };
    // Somebody who has answered needs no "unless you say no" any more.
    let answered = since(frame, decision).map(|since| [since, ground(frame, rule)].join(" · "));
    let notes = [Some(answered.unwrap_or_else(|| rules(frame, rule))), lead(frame, rule, decision)];
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

/// What is guessed; with a state, each kind has a switch.
pub(super) fn profiling(frame: &Frame, state: Option<&State<'_>>) -> String {
    let texts = frame.texts;
    let mut html = section(frame, "profiling", texts.profiling, texts.profiling_hint);
    for known in &frame.notice.catalogue.profilings {
        let target = Target::Profiling(known.key.clone());
        let decision = state.and_then(|state| state.decision(&target));
        let key = Key::new("profiling").text(known.key.as_str()).decision(decision);
        html.push_str(&frame.keep(key, || guess(frame, known, &target, decision)));
    }
    html.push_str("</section>");
    html
}

fn guess(
    frame: &Frame,
    known: &Profiling,
    target: &Target,
    decision: Option<&Decision>,
) -> AnyView {
    let (texts, language) = (frame.texts, frame.language);
    let id = anchor(target);
    let (label, about) = (format!("{id}-l"), format!("{id}-a"));
    let note = decision.and_then(|decision| since(frame, decision));
    let ground = fill(texts.basis_label, &[("basis", basis(texts, known.basis))]);
    let notes: Vec<String> = note.into_iter().chain([ground]).collect();
    let name = known.label.get(language).to_owned();
    let name = match decision {
        Some(_) => view! { <label for=id id=label.clone()>{name}</label> }.into_any(),
        None => name.into_any(),
    };
    let switch = decision.map(|decision| {
        let labels = Labels { by: label, about: Some(about.clone()) };
        view! {
            {for_good(frame, target, decision)}
            {switch(frame, target, decision.allowed, labels)}
        }
    });
    view! {
        <div class="card">
            <div class="row head">
                <div>
                    <h3>{name}</h3>
                    <p>{known.about.get(language).to_owned()}</p>
                    <small id=about>{notes.join(" · ")}</small>
                </div>
                {switch}
            </div>
            <details>
                <summary>{texts.effect}</summary>
                <p>{known.off_effect.get(language).to_owned()}</p>
            </details>
        </div>
    }
    .into_any()
}
