//! "Right now": what happens, in one plain sentence each, and the two wide buttons.

use domain::change::PAUSE_DAYS;
use domain::{Standings, Target, catalogue::Topic};
use leptos::prelude::*;

use super::Frame;
use super::choices::State;
use super::names::{apart, by_channel};
use super::shelf::Key;
use super::switch::button;
use crate::texts::{fill, list};

/// Kept for all whose switches stand alike.
pub(super) fn now(frame: &Frame, state: &State<'_>) -> String {
    let pause = state.preferences.pause(&Target::Marketing, frame.now);
    let mut key = Key::new("now")
        .day(pause.map(|pause| pause.until))
        .flag(state.preferences.is_withdrawn(&Target::Everything));
    for decision in state.decisions() {
        key = key.flag(decision.allowed);
    }
    frame.keep(key, || view(frame, state)).as_ref().to_owned()
}

fn view(frame: &Frame, state: &State<'_>) -> AnyView {
    let texts = frame.texts;
    let pause = state.preferences.pause(&Target::Marketing, frame.now);
    let paused = pause.map(|pause| {
        let text = fill(texts.now_paused, &[("date", &frame.date(pause.until))]);
        view! { <p>{text}</p> }
    });
    view! {
        <section class="now" id="now" aria-labelledby="now-h">
            <h2 id="now-h" tabindex="-1">{texts.now}</h2>
            {everything(frame, state)}
            {paused}
            <p>{sends(frame, state)}{frame.gap()}{shares(frame, state)}{frame.gap()}{profiles(frame, state)}</p>
            {pauses(frame, state)}
        </section>
    }
    .into_any()
}

/// The widest button comes first: it is in the first view of the smallest phone.
fn everything(frame: &Frame, state: &State<'_>) -> AnyView {
    let texts = frame.texts;
    let all = Target::Everything;
    if state.all_off(&all) && state.preferences.is_withdrawn(&all) {
        return view! { <p class="done">{texts.all_off_done}</p> }.into_any();
    }
    let button = button("wide", "off", all.to_string(), texts.all_off.to_owned());
    view! { <div class="actions">{button}</div> }.into_any()
}

fn pauses(frame: &Frame, state: &State<'_>) -> Option<AnyView> {
    let texts = frame.texts;
    if state.preferences.pause(&Target::Marketing, frame.now).is_some() {
        let end = button("wide", "on", Target::Marketing.to_string(), texts.resume.to_owned());
        return Some(view! { <div class="actions">{end}</div> }.into_any());
    }
    if state.all_off(&Target::Marketing) {
        return None;
    }
    let days = PAUSE_DAYS.map(|days| {
        let text = texts.pause_days.of(frame.language, usize::from(days));
        button("wide", "pause", days.to_string(), text)
    });
    Some(
        view! {
            <div class="actions" role="group" aria-labelledby="pause-h">
                <span class="actions-label" id="pause-h">{texts.pause_heading}</span>
                {days.into_iter().collect::<Vec<_>>()}
            </div>
        }
        .into_any(),
    )
}

fn sends(frame: &Frame, state: &State<'_>) -> String {
    let texts = frame.texts;
    let item = |topic: &Topic| {
        let on = topic
            .channels
            .iter()
            .filter(|rule| state.allows(&Target::Message(topic.key.clone(), rule.channel)));
        let channels: Vec<String> =
            on.map(|rule| by_channel(texts, rule.channel).to_owned()).collect();
        let label = topic.label.get(frame.language);
        let channels = (!channels.is_empty()).then(|| list(frame.language, &channels))?;
        Some(fill(texts.now_item, &[("topic", label), ("channels", &channels)]))
    };
    let items: Vec<String> = frame.notice.catalogue.topics.iter().filter_map(item).collect();
    if items.is_empty() {
        return texts.now_sends_nothing.to_owned();
    }
    fill(texts.now_sends, &[("list", &list(frame.language, &items))])
}

fn shares(frame: &Frame, state: &State<'_>) -> String {
    let texts = frame.texts;
    let mut names: Vec<String> = Vec::new();
    for purpose in &frame.notice.catalogue.purposes {
        for recipient in &purpose.recipients {
            let share = Target::Share(purpose.key.clone(), recipient.key.clone());
            let name = apart(frame.language, &recipient.name).into_owned();
            if state.allows(&share) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return texts.now_shares_nothing.to_owned();
    }
    let text = texts.now_shares.of(frame.language, names.len());
    fill(&text, &[("list", &list(frame.language, &names))])
}

fn profiles(frame: &Frame, state: &State<'_>) -> String {
    let texts = frame.texts;
    let on = frame
        .notice
        .catalogue
        .profilings
        .iter()
        .filter(|known| state.allows(&Target::Profiling(known.key.clone())));
    let labels: Vec<String> = on.map(|known| known.label.get(frame.language).to_owned()).collect();
    if labels.is_empty() {
        return texts.now_profiles_nothing.to_owned();
    }
    fill(texts.now_profiles, &[("list", &list(frame.language, &labels))])
}
