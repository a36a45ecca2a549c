//! A form to print and post: one sheet, made from the register.

use domain::catalogue::{Exception, Topic};
use domain::decision::Standpoint;
use domain::{Channel, Language, Preferences, Target, decide};
use leptos::prelude::*;

use super::Frame;
use super::names::{anchor, channel_label, isolated, shared};
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::texts::fill;
use crate::texts::letters::Letters;

/// The form. `url` is where the same can be done at once, as one would type it.
#[must_use]
pub fn form(frame: &Frame, url: &str) -> Rendered {
    let words = Letters::of(frame.language);
    render(frame, || {
        let main = html(view! {
            <article class="sheet">
                <h1>{words.form_title}</h1>
                <p class="lede">{words.form_lede}</p>
                <p class="hint no-print">{words.form_print}</p>
                {who(frame)}
                <p class="tick whole">{tick(&Target::Everything, frame.texts.form_everything.to_owned())}</p>
                {messages(frame)}
                {others(frame)}
                {terms(frame)}
                {post(frame, url)}
            </article>
        });
        Page { title: words.form_title.to_owned(), main, toast: None, status: 200, live: false }
    })
}

/// At most two things are asked for (11 CCR 7060(b)).
fn who(frame: &Frame) -> AnyView {
    let words = Letters::of(frame.language);
    view! {
        <section aria-labelledby="who-h">
            <h2 id="who-h">{words.form_who}</h2>
            <div class="lines">
                <label>{words.form_name}<input type="text" autocomplete="off"/></label>
                <label>{words.form_reach}<input type="text" autocomplete="off"/></label>
            </div>
        </section>
    }
    .into_any()
}

/// An empty box with its words.
fn tick(target: &Target, words: String) -> AnyView {
    let id = format!("stop-{}", anchor(target));
    view! {
        <input type="checkbox" autocomplete="off" id=id.clone()/>
        <label for=id>{words}</label>
    }
    .into_any()
}

/// Topics down, channels across.
fn messages(frame: &Frame) -> AnyView {
    let (words, catalogue) = (Letters::of(frame.language), &frame.notice.catalogue);
    let used = |channel: &Channel| catalogue.topics.iter().any(|topic| rule(topic, *channel));
    let channels: Vec<Channel> = Channel::ALL.into_iter().filter(used).collect();
    let heads: Vec<_> = channels
        .iter()
        .map(|channel| view! { <th scope="col">{channel_label(frame.texts, *channel)}</th> })
        .collect();
    let rows: Vec<_> = catalogue.topics.iter().map(|topic| row(frame, topic, &channels)).collect();
    view! {
        <section aria-labelledby="messages-h">
            <h2 id="messages-h">{words.form_messages}</h2>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="messages-h">
                <table>
                    <thead><tr><td></td>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn rule(topic: &Topic, channel: Channel) -> bool {
    topic.channels.iter().any(|rule| rule.channel == channel)
}

fn row(frame: &Frame, topic: &Topic, channels: &[Channel]) -> AnyView {
    let called = topic.label.get(frame.language);
    let cells: Vec<_> = channels
        .iter()
        .map(|channel| {
            let there = rule(topic, *channel).then(|| {
                let target = Target::Message(topic.key.clone(), *channel);
                let id = format!("stop-{}", anchor(&target));
                let name = format!("{called}: {}", channel_label(frame.texts, *channel));
                view! { <input type="checkbox" autocomplete="off" id=id aria-label=name/> }
            });
            view! { <td>{there}</td> }
        })
        .collect();
    view! { <tr><th scope="row">{called.to_owned()}</th>{cells}</tr> }.into_any()
}

/// Profiling and sharing, in two columns where there is room.
fn others(frame: &Frame) -> AnyView {
    let (words, language) = (Letters::of(frame.language), frame.language);
    let catalogue = &frame.notice.catalogue;
    let profilings: Vec<_> = (catalogue.profilings.iter())
        .map(|known| {
            let target = Target::Profiling(known.key.clone());
            view! { <p class="tick">{tick(&target, known.label.get(language).to_owned())}</p> }
        })
        .collect();
    let companies: Vec<_> = (catalogue.purposes.iter())
        .flat_map(|purpose| purpose.recipients.iter().map(move |to| (purpose, to)))
        .map(|(purpose, to)| {
            let target = Target::Share(purpose.key.clone(), to.key.clone());
            let called = shared(frame.texts, language, purpose.label.get(language), &to.name);
            view! { <p class="tick">{tick(&target, called)}</p> }
        })
        .collect();
    let part = |id: &'static str, title: &'static str, rows: Vec<_>| {
        (!rows.is_empty()).then(|| {
            view! {
                <section aria-labelledby=id>
                    <h2 id=id>{title}</h2>
                    {rows}
                </section>
            }
        })
    };
    view! {
        <div class="sides">
            {part("sharing-h", words.form_sharing, companies)}
            {part("profiling-h", words.form_profiling, profilings)}
        </div>
    }
    .into_any()
}

fn terms(frame: &Frame) -> AnyView {
    let words = Letters::of(frame.language);
    let law = law(frame).map(|law| view! { {frame.gap()}{law} });
    view! {
        <p class="hint terms">
            {words.form_empty}{frame.gap()}{words.form_when}{law}
        </p>
    }
    .into_any()
}

/// What a law requires and no box stops; none when nothing does.
pub(super) fn law(frame: &Frame) -> Option<String> {
    let words = Letters::of(frame.language);
    let catalogue = &frame.notice.catalogue;
    let names: Vec<&str> = (catalogue.exceptions.iter())
        .filter(|known| in_force(frame, known))
        .map(|known| known.label.get(frame.language))
        .collect();
    let names = names.join(if frame.language == Language::Chinese { "；" } else { "; " });
    (!names.is_empty()).then(|| fill(words.form_law, &[("list", &names)]))
}

/// Whether the gate would allow it: one whose review is overdue is not used.
fn in_force(frame: &Frame, known: &Exception) -> bool {
    let (target, nobody) = (Target::Exception(known.key.clone()), Preferences::default());
    let person = Standpoint::default();
    decide(&frame.notice.catalogue, &nobody, person, &target, frame.now).allowed
}

fn post(frame: &Frame, url: &str) -> AnyView {
    let (words, controller) = (Letters::of(frame.language), &frame.notice.catalogue.controller);
    let values = [("url", isolated(url)), ("phone", isolated(&controller.privacy_phone))];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let number = frame.notice.number.0.to_string();
    view! {
        <section class="post" aria-labelledby="post-h">
            <h2 id="post-h">{words.form_to}</h2>
            <address>
                <bdi>{controller.name.clone()}</bdi><br/><bdi>{controller.address.clone()}</bdi>
            </address>
            <p>{fill(words.form_faster, &values)}</p>
            <small>{fill(frame.texts.notice_title, &[("number", &number)])}</small>
        </section>
    }
    .into_any()
}
