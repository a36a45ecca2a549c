//! What staff read out when somebody opts out by phone, made from the register.

use domain::moment::DAY;
use domain::{Channel, Moment, Target};
use leptos::prelude::*;

use super::Frame;
use super::form::law;
use super::names::{isolated, name};
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::texts::fill;
use crate::texts::letters::Letters;

/// Stands where staff fill something in.
const BLANK: &str = "________";

/// One step of the call.
struct Step {
    heading: &'static str,
    /// Sentences that are read aloud.
    said: Vec<String>,
    /// What can be turned off, for the step that asks.
    offered: Vec<String>,
    /// A word to staff.
    note: Option<&'static str>,
}

/// The script as a page. `url` is where customers can do the same, as one would say it.
#[must_use]
pub fn script(frame: &Frame, url: &str) -> Rendered {
    let words = Letters::of(frame.language);
    render(frame, || {
        let steps: Vec<_> = steps(frame, url).into_iter().map(view).collect();
        let letter = letter(frame, url).into_iter().map(|line| view! { <p>{line}</p> });
        let main = html(view! {
            <article class="sheet read-aloud">
                <h1>{words.script_title}</h1>
                <p class="lede">{words.script_use}</p>
                <ol>{steps}</ol>
                <section class="answer" aria-labelledby="letter-h">
                    <h2 id="letter-h">{words.letter_title}</h2>
                    {letter.collect::<Vec<_>>()}
                </section>
            </article>
        });
        Page { title: words.script_title.to_owned(), main, toast: None, status: 200, live: false }
    })
}

fn view(step: Step) -> AnyView {
    let said: Vec<_> = step.said.into_iter().map(|line| view! { <p>{line}</p> }).collect();
    let offered: Vec<_> = step.offered.into_iter().map(|one| view! { <li>{one}</li> }).collect();
    let offered = (!offered.is_empty()).then(|| view! { <ul>{offered}</ul> });
    view! {
        <li>
            <h2>{step.heading}</h2>
            <blockquote>{said}{offered}</blockquote>
            {step.note.map(|note| view! { <p class="hint">{note}</p> })}
        </li>
    }
    .into_any()
}

/// The script as plain text: what is read aloud stands behind a bar.
#[must_use]
pub fn script_text(frame: &Frame, url: &str) -> String {
    let words = Letters::of(frame.language);
    let mut lines = vec![words.script_title.to_owned(), words.script_use.to_owned()];
    for (number, step) in (1..).zip(steps(frame, url)) {
        lines.push(format!("\n{number}. {}", step.heading));
        lines.extend(step.said.iter().map(|line| format!("| {line}")));
        lines.extend(step.offered.iter().map(|one| format!("|  - {one}")));
        lines.extend(step.note.map(str::to_owned));
    }
    lines.join("\n")
}

/// The letter that answers somebody who wrote one (11 CCR 7021(a): in the same manner).
#[must_use]
pub fn letter_text(frame: &Frame, url: &str) -> String {
    let mut lines = vec![Letters::of(frame.language).letter_title.to_owned()];
    lines.extend(letter(frame, url));
    lines.join("\n\n")
}

fn letter(frame: &Frame, url: &str) -> Vec<String> {
    let (words, controller) = (Letters::of(frame.language), &frame.notice.catalogue.controller);
    let blanks = [("day", BLANK), ("what", BLANK), ("reference", BLANK)];
    let phone = isolated(&controller.privacy_phone);
    let mut lines = vec![fill(words.letter_body, &blanks)];
    lines.extend(ends(frame));
    lines.extend(law(frame));
    lines.push(fill(words.letter_more, &[("url", &isolated(url)), ("phone", &phone)]));
    lines.push(controller.name.clone());
    lines
}

fn steps(frame: &Frame, url: &str) -> Vec<Step> {
    let (words, brand) = (Letters::of(frame.language), &frame.notice.catalogue.controller.brand);
    let step = |heading, said, note| Step { heading, said, offered: Vec::new(), note };
    let said = |text: &str| vec![text.to_owned()];
    let greeting = fill(words.script_greeting, &[("brand", brand)]);
    // At most two things are asked for (11 CCR 7060(b)).
    let find = vec![words.script_find.to_owned(), words.script_find_second.to_owned()];
    let mut repeat = vec![fill(words.script_repeat, &[("what", BLANK), ("reference", BLANK)])];
    repeat.extend(ends(frame));
    let what = Step {
        heading: words.script_what_heading,
        said: said(words.script_what),
        offered: offered(frame),
        note: Some(words.script_what_note),
    };
    let goodbye = fill(words.script_goodbye, &[("url", &isolated(url))]);
    let continues = law(frame)
        .map(|law| step(words.script_law_heading, vec![law], Some(words.script_law_note)));
    let opening = [
        step(words.script_greeting_heading, vec![greeting], None),
        step(words.script_find_heading, find, Some(words.script_find_note)),
        what,
        step(words.script_repeat_heading, repeat, Some(words.script_repeat_note)),
    ];
    let end = step(words.script_goodbye_heading, vec![goodbye], Some(words.script_goodbye_note));
    opening.into_iter().chain(continues).chain([end]).collect()
}

/// Everything that can be turned off, wide things first, each by the name that pages give it.
fn offered(frame: &Frame) -> Vec<String> {
    let catalogue = &frame.notice.catalogue;
    let wide = [Target::Everything, Target::Marketing, Target::Sharing];
    let targets = wide.into_iter().chain(catalogue.leaves());
    targets.map(|target| name(catalogue, frame.language, &target)).collect()
}

/// Until when something may still come, as the register promises it.
fn ends(frame: &Frame) -> Vec<String> {
    let (words, catalogue) = (Letters::of(frame.language), &frame.notice.catalogue);
    let rules = || catalogue.topics.iter().flat_map(|topic| &topic.channels);
    let printed = rules().filter(|rule| rule.channel == Channel::Post);
    let other = rules().filter(|rule| rule.channel != Channel::Post);
    let shared = catalogue.purposes.iter().flat_map(|purpose| &purpose.recipients);
    let longest = [
        (words.script_messages, other.map(|rule| rule.lead_days).max()),
        (words.script_post, printed.map(|rule| rule.lead_days).max()),
        (words.script_companies, shared.map(|to| to.lead_days).max()),
    ];
    let told = longest.into_iter().filter_map(|(text, days)| {
        let days = days.filter(|days| *days > 0)?;
        let until: Moment = frame.now.plus(i64::from(days) * DAY);
        Some(fill(text, &[("date", &frame.date(until))]))
    });
    told.collect()
}
