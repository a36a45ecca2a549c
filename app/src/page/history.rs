//! What happened with a person's choices, newest first.

use std::collections::BTreeSet;

use domain::choice::Actor;
use domain::preference::undone;
use domain::{Act, Choice, Position, Reference, Source};
use leptos::prelude::*;

use super::Frame;
use super::names::name;
use super::receipt::link;
use crate::routes;
use crate::texts::{Texts, fill};

/// Most entries on the page; the record has them all.
const SHOWN: usize = 50;

pub(super) fn history(frame: &Frame, shown: Option<&[Choice]>) -> AnyView {
    let texts = frame.texts;
    let body = match shown {
        None => view! {
            <p class="hint">{texts.history_locked}</p>
            <form method="post" action=frame.act(routes::SEND_CODE)>
                <button class="wide" type="submit">{texts.history_unlock}</button>
            </form>
        }
        .into_any(),
        Some(history) => {
            let downloads = view! {
                <p>
                    <a href=routes::RECORD>{texts.record_page}</a>" · "
                    <a href=routes::RECORD_JSON download="record.json">{texts.record_json}</a>
                </p>
            };
            if history.is_empty() {
                view! { <p class="hint">{texts.history_empty}</p>{downloads} }.into_any()
            } else {
                let items: Vec<_> = history
                    .iter()
                    .rev()
                    .take(SHOWN)
                    .map(|choice| item(frame, history, choice))
                    .collect();
                view! { <ol class="trail">{items}</ol>{downloads} }.into_any()
            }
        }
    };
    view! {
        <section aria-labelledby="history-h" id="history">
            <h2 id="history-h">{texts.history}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn item(frame: &Frame, history: &[Choice], choice: &Choice) -> AnyView {
    let texts = frame.texts;
    let entry = &choice.entry;
    let gone: BTreeSet<Position> = undone(history);
    let class = if gone.contains(&choice.position) { "gone" } else { "" };
    let words = fill(texts.notice_link, &[("number", &entry.notice.0.to_string())]);
    let href = routes::notice(entry.notice, entry.language);
    let receipt = frame.receipts.then(|| {
        let link = link(frame, &choice.position.0.to_string(), &entry.target, entry.at);
        view! { " · "{link} }
    });
    view! {
        <li class=class>
            <time>{frame.date_time(entry.at)}</time>
            <div>
                <b>{name(&frame.notice.catalogue, frame.language, &entry.target)}</b>": "
                {act(frame, history, choice)}
            </div>
            <small>
                {who(texts, entry.actor)}", "{how(texts, entry.source)}" · "
                {fill(texts.reference, &[("reference", entry.reference.as_str())])}" · "
                <a href=href>{words}</a>
                {receipt}
            </small>
        </li>
    }
    .into_any()
}

/// What an entry did.
pub(super) fn act(frame: &Frame, history: &[Choice], choice: &Choice) -> String {
    let taken_back = match choice.entry.act {
        Act::Undone { entry } => history.iter().find(|known| known.position == entry),
        _ => None,
    };
    did(frame, choice.entry.act, taken_back.map(|known| &known.entry.reference))
}

/// What an act did, and the number of the one that it took back.
pub(super) fn did(frame: &Frame, act: Act, taken_back: Option<&Reference>) -> String {
    let texts = frame.texts;
    match act {
        Act::Granted => texts.act_granted.to_owned(),
        Act::Withdrawn => texts.act_withdrawn.to_owned(),
        Act::Paused { until } => fill(texts.act_paused, &[("date", &frame.date(until))]),
        Act::Resumed => texts.act_resumed.to_owned(),
        Act::Requested => texts.act_requested.to_owned(),
        Act::Undone { .. } => {
            let reference = taken_back.map_or("", Reference::as_str);
            fill(texts.act_undone, &[("reference", reference)])
        }
    }
}

/// Who made an entry.
pub(super) const fn who(texts: &Texts, actor: Actor) -> &'static str {
    match actor {
        Actor::Person => texts.actor_person,
        Actor::Staff => texts.actor_staff,
        Actor::Agent => texts.actor_agent,
        Actor::System => texts.actor_system,
    }
}

/// How an entry came.
pub(super) const fn how(texts: &Texts, source: Source) -> &'static str {
    match source {
        Source::Page => texts.source_page,
        Source::OneClick => texts.source_one_click,
        Source::PreferenceSignal => texts.source_preference_signal,
        Source::Form => texts.source_form,
        Source::Code => texts.source_code,
        Source::StaffPhone => texts.source_staff_phone,
        Source::StaffPost => texts.source_staff_post,
        Source::StaffPerson => texts.source_staff_person,
        Source::StaffEmail => texts.source_staff_email,
        Source::Agent => texts.source_agent,
        Source::Api => texts.source_api,
        Source::Import => texts.source_import,
        Source::Reply => texts.source_reply,
    }
}
