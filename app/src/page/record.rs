//! A customer's record, to print and to keep.

use domain::decision::Standpoint;
use domain::gpp::{UsNational, asked_by_browser};
use domain::{Choice, Position, Preferences, Target};
use leptos::prelude::*;
use serde::Serialize;

use super::Frame;
use super::history::{act, how, who};
use super::names::name;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::routes;
use crate::texts::fill;

/// The printable record: every entry, newest first.
#[must_use]
pub fn record(frame: &Frame, history: &[Choice], masked: Option<&str>) -> Rendered {
    let texts = frame.texts;
    render(frame, || {
        let rows: Vec<_> = history.iter().rev().map(|choice| row(frame, history, choice)).collect();
        let lede = fill(texts.record_lede, &[("date", &frame.date_time(frame.now))]);
        let main = html(view! {
            <h1>{texts.record_title}</h1>
            <p class="who"><strong><bdi dir="ltr">{masked.map(str::to_owned)}</bdi></strong></p>
            <p class="lede">{lede}</p>
            <div class="scroll" tabindex="0" role="region" aria-label=texts.record_title>
            <table>
                <thead><tr>
                    <th scope="col">{texts.record_when}</th>
                    <th scope="col">{texts.record_what}</th>
                    <th scope="col">{texts.record_how}</th>
                    <th scope="col">{texts.record_notice}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            </div>
            <p><small>"IAB GPP: "<code>{gpp(frame, history)}</code></small></p>
            <p><a href=routes::CHOICES>{texts.back}</a>" · "
            <a href=routes::RECORD_JSON download="record.json">{texts.record_json}</a></p>
        });
        Page { title: texts.record_title.to_owned(), main, toast: None, status: 200, live: false }
    })
}

/// The same for the advertising industry's machines.
fn gpp(frame: &Frame, history: &[Choice]) -> String {
    let (catalogue, preferences) = (&frame.notice.catalogue, Preferences::fold(history));
    let rules = &frame.notice.rules;
    let allowed = |share: &Target| {
        rules.decide(&preferences, Standpoint::default(), share, frame.now).allowed
    };
    UsNational::of(catalogue, allowed, asked_by_browser(&preferences)).string()
}

fn row(frame: &Frame, history: &[Choice], choice: &Choice) -> AnyView {
    let (texts, entry) = (frame.texts, &choice.entry);
    let href = routes::notice(entry.notice, entry.language);
    view! {
        <tr>
            <td>{frame.date_time(entry.at)}</td>
            <td>
                <b>{name(&frame.notice.catalogue, frame.language, &entry.target)}</b>": "
                {act(frame, history, choice)}
                <br/><small>{fill(texts.reference, &[("reference", entry.reference.as_str())])}</small>
            </td>
            <td>{who(texts, entry.actor)}", "{how(texts, entry.source)}</td>
            <td><a href=href>{entry.notice.0.to_string()}</a></td>
        </tr>
    }
    .into_any()
}

#[derive(Serialize)]
struct Document<'a> {
    controller: &'a str,
    made_at: domain::Moment,
    customer: Option<&'a str>,
    gpp: String,
    choices: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    position: Position,
    target: &'a Target,
    name: String,
    act: domain::Act,
    source: domain::Source,
    actor: domain::choice::Actor,
    notice: domain::NoticeNumber,
    words: String,
    language: domain::Language,
    at: domain::Moment,
    reference: &'a domain::Reference,
}

/// The record as JSON; the same entries as the ledger has, oldest first.
///
/// # Errors
/// Never in practice: every field has a JSON form.
pub fn record_json(
    frame: &Frame,
    history: &[Choice],
    masked: Option<&str>,
) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Document {
        controller: &frame.notice.catalogue.controller.name,
        made_at: frame.now,
        customer: masked,
        gpp: gpp(frame, history),
        choices: history.iter().map(|choice| line(frame, choice)).collect(),
    })
}

fn line<'a>(frame: &Frame, choice: &'a Choice) -> Line<'a> {
    let entry = &choice.entry;
    Line {
        position: choice.position,
        target: &entry.target,
        name: name(&frame.notice.catalogue, frame.language, &entry.target),
        act: entry.act,
        source: entry.source,
        actor: entry.actor,
        notice: entry.notice,
        words: routes::notice(entry.notice, entry.language),
        language: entry.language,
        at: entry.at,
        reference: &entry.reference,
    }
}
