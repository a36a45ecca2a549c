//! How far choices have come: system by system, who has confirmed and who has until when.

use std::sync::Arc;

use domain::delivery::{Pace, Stage};
use domain::{Act, Position};
use leptos::prelude::*;

use super::Frame;
use super::names::name;
use super::shelf::Key;
use crate::portal::{Progress, Step};
use crate::texts::fill;

/// Most choices shown; each target's newest counts.
const SHOWN: usize = 12;

/// The section; nothing where no system had to be told. An entry of the ledger never changes, so
/// its position stands for all that it says.
pub(super) fn progress(frame: &Frame, progress: &Progress) -> Arc<str> {
    let (language, notice) = (frame.language, frame.notice.number);
    let made = || (language, notice, kept(frame, progress));
    match progress.shown.get_or_init(made) {
        (of, under, shown) if (*of, *under) == (language, notice) => Arc::clone(shown),
        _ => kept(frame, progress),
    }
}

fn kept(frame: &Frame, progress: &Progress) -> Arc<str> {
    let mut key = Key::new("progress");
    for step in &progress.steps {
        let (stage, at) = match step.stage {
            Stage::Confirmed(at) => (0, at.0),
            Stage::Asked => (1, 0),
            Stage::Waiting => (2, 0),
            Stage::Late => (3, 0),
        };
        key = key.numbers(&[step.position.0, stage, at, step.due_at.0]).text(&step.system);
    }
    for (system, pace) in &progress.paces {
        key = key.text(system).numbers(&[pace.median, pace.slowest]);
    }
    frame.keep(key, || view(frame, progress))
}

fn view(frame: &Frame, progress: &Progress) -> AnyView {
    let texts = frame.texts;
    let mut choices = newest(frame, &progress.steps);
    if choices.is_empty() {
        return ().into_any();
    }
    let more = choices.len() > SHOWN;
    choices.truncate(SHOWN);
    let cards: Vec<_> = choices.iter().map(|steps| card(frame, progress, steps)).collect();
    view! {
        <section aria-labelledby="progress-h" id="progress">
            <h2 id="progress-h">{texts.progress}</h2>
            <p class="hint">{texts.progress_hint}</p>
            {cards}
            {more.then(|| view! { <p class="hint">{texts.progress_more}</p> })}
        </section>
    }
    .into_any()
}

/// The steps of the newest choice of each target. What was taken back is no choice any more, and
/// a pause that is over neither.
fn newest<'a>(frame: &Frame, steps: &'a [Step]) -> Vec<Vec<&'a Step>> {
    let mut choices: Vec<(Position, Vec<&'a Step>)> = Vec::new();
    for step in steps {
        let known = choices.iter_mut().find(|(_, known)| known[0].target == step.target);
        match known {
            Some((position, known)) if *position == step.position => known.push(step),
            Some(_) => {}
            None => choices.push((step.position, vec![step])),
        }
    }
    let stands = |(_, steps): &(Position, Vec<&Step>)| match steps[0].act {
        Act::Undone { .. } => false,
        Act::Paused { until } => until > frame.now,
        _ => true,
    };
    choices.into_iter().filter(stands).map(|(_, steps)| steps).collect()
}

fn card(frame: &Frame, progress: &Progress, steps: &[&Step]) -> AnyView {
    let choice = steps[0];
    let id = format!("choice-{}", choice.position.0);
    let labelled = id.clone();
    let rows: Vec<_> = steps
        .iter()
        .map(|step| {
            let system = frame.notice.catalogue.system(&step.system);
            // One that is gone from the register keeps its key.
            let label = system.map_or_else(
                || step.system.clone(),
                |system| system.label.get(frame.language).to_owned(),
            );
            let pace = progress.paces.iter().find(|(system, _)| *system == step.system);
            let pace = pace.map(|(_, pace)| told(frame, *pace));
            let notes: Vec<String> = [stage(frame, step)].into_iter().chain(pace).collect();
            view! { <div class="row"><div>{label}<small>{notes.join(" · ")}</small></div></div> }
        })
        .collect();
    view! {
        <div class="card" role="group" aria-labelledby=labelled>
            <div class="row head">
                <div>
                    <h3 id=id>{name(&frame.notice.catalogue, frame.language, &choice.target)}</h3>
                    <p>{act(frame, choice)}" · "{frame.date_time(choice.at)}</p>
                </div>
            </div>
            {rows}
        </div>
    }
    .into_any()
}

fn act(frame: &Frame, step: &Step) -> String {
    let texts = frame.texts;
    match step.act {
        Act::Granted | Act::Requested | Act::Undone { .. } => texts.act_granted.to_owned(),
        Act::Withdrawn => texts.act_withdrawn.to_owned(),
        Act::Paused { until } => fill(texts.act_paused, &[("date", &frame.date(until))]),
        Act::Resumed => texts.act_resumed.to_owned(),
    }
}

fn stage(frame: &Frame, step: &Step) -> String {
    let texts = frame.texts;
    let (text, at) = match step.stage {
        Stage::Confirmed(at) => (texts.progress_confirmed, at),
        Stage::Asked => (texts.progress_asked, step.due_at),
        Stage::Waiting => (texts.progress_waiting, step.due_at),
        Stage::Late => (texts.progress_late, step.due_at),
    };
    fill(text, &[("date", &frame.date(at))])
}

fn told(frame: &Frame, pace: Pace) -> String {
    let values = [("median", length(frame, pace.median)), ("slowest", length(frame, pace.slowest))];
    let values = values.each_ref().map(|(name, length)| (*name, length.as_str()));
    fill(frame.texts.progress_pace, &values)
}

/// A length of time in its largest fitting unit, rounded up: nobody is promised less than it took.
fn length(frame: &Frame, minutes: i64) -> String {
    let (texts, minutes) = (frame.texts, u64::try_from(minutes).unwrap_or(0).max(1));
    let (plural, count) = match minutes {
        0..=119 => (&texts.minutes, minutes),
        120..=2_880 => (&texts.hours, minutes.div_ceil(60)),
        _ => (&texts.pause_days, minutes.div_ceil(1_440)),
    };
    plural.of(frame.language, usize::try_from(count).unwrap_or(usize::MAX))
}
