//! A receipt, to read, to print and to keep.

use std::collections::BTreeMap;

use domain::choice::Entry;
use domain::event::{Deed, Event, Status, Validity};
use domain::{Act, Position, Reference, Target};
use leptos::prelude::*;

use super::Frame;
use super::history::{did, how, who};
use super::names::{apart, name};
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::routes;
use crate::texts::{ProofTexts, fill};

/// Switches that are named one by one where several share a state.
const NAMED: usize = 40;

/// What the page of a receipt shows. Its frame carries the notice of the time.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Its place; none for the acknowledgement of a form.
    pub position: Option<Position>,
    /// The number of an entry that it took back.
    pub taken_back: Option<&'a Reference>,
    /// What it did, switch by switch.
    pub events: &'a [Event],
    /// The customer's pseudonym.
    pub principal: &'a str,
    /// The entry's hash, or that of the head before it.
    pub hash: &'a str,
    /// The key that signed.
    pub key: &'a str,
    /// Where the code leads.
    pub check: &'a str,
    /// The code, as an SVG element.
    pub code: Option<&'a str>,
    /// What addresses call the receipt by.
    pub number: &'a str,
}

/// A receipt's page.
#[must_use]
pub fn receipt(frame: &Frame, receipt: &Receipt<'_>) -> Rendered {
    let proof = ProofTexts::of(frame.language);
    let brand = &frame.notice.catalogue.controller.name;
    let lede = if receipt.position.is_some() { proof.receipt_lede } else { proof.receipt_asked };
    let lede = fill(lede, &[("controller", brand)]);
    render(frame, || {
        let json = routes::receipt_json(receipt.number);
        let file = format!("receipt-{}.json", receipt.entry.reference);
        let main = html(view! {
            <article class="receipt">
                <h1>{proof.receipt_title}</h1>
                <p class="lede">{lede}</p>
                <dl>{facts(frame, proof, receipt)}</dl>
                {meaning(frame, proof, receipt)}
                {seal(frame, proof, receipt)}
            </article>
            <div class="unprinted">
                <p class="hint">{proof.receipt_print}</p>
                <p>
                    <a href=json download=file>{proof.receipt_download}</a>" · "
                    <a href=receipt.check.to_owned()>{proof.receipt_check}</a>" · "
                    <a href=routes::CHOICES>{frame.texts.back}</a>
                </p>
            </div>
        });
        let title = proof.receipt_title.to_owned();
        Page { title, main, toast: None, status: 200, live: false }
    })
}

/// A term and what is said of it.
fn fact(term: &'static str, said: impl IntoView) -> impl IntoView {
    view! { <div><dt>{term}</dt><dd>{said}</dd></div> }
}

fn facts(
    frame: &Frame,
    proof: &'static ProofTexts,
    receipt: &Receipt<'_>,
) -> impl IntoView + use<> {
    let (texts, entry) = (frame.texts, receipt.entry);
    let target = name(&frame.notice.catalogue, frame.language, &entry.target);
    let did = did(frame, entry.act, receipt.taken_back);
    let number = fill(proof.receipt_notice_number, &[("number", &entry.notice.0.to_string())]);
    let notice = routes::notice(entry.notice, entry.language);
    let place = receipt.position.map(|place| {
        let place = fill(proof.receipt_entry, &[("position", &place.0.to_string())]);
        let hash = receipt.hash.to_owned();
        fact(proof.receipt_ledger, view! { {place}" "<code dir="ltr">{hash}</code> })
    });
    let you = receipt.principal.to_owned();
    let hint = proof.receipt_person_hint;
    view! {
        {fact(proof.receipt_choice, view! { <b>{target}</b>": "{did} })}
        {fact(proof.receipt_when, frame.date_time(entry.at))}
        {fact(proof.receipt_holds, holds(frame, proof, receipt))}
        {fact(proof.receipt_how, view! { {who(texts, entry.actor)}", "{how(texts, entry.source)} })}
        {fact(proof.receipt_reference, view! { <bdi dir="ltr">{entry.reference.to_string()}</bdi> })}
        {fact(proof.receipt_notice, view! { <a href=notice>{number}</a> })}
        {fact(proof.receipt_person, view! { <code dir="ltr">{you}</code>" "<small>{hint}</small> })}
        {place}
    }
}

/// How long it holds, where that is the same for every switch; otherwise until another choice.
fn holds(frame: &Frame, proof: &ProofTexts, receipt: &Receipt<'_>) -> String {
    let mut all = receipt.events.iter().map(|event| event.validity);
    let first = all.next().filter(|first| all.all(|other| other == *first));
    let until = match first {
        Some(Validity::Until(end)) => end,
        Some(Validity::Days(days)) => receipt.entry.at.plus(i64::from(days) * domain::moment::DAY),
        _ => return proof.holds_until_changed.to_owned(),
    };
    fill(proof.holds_until, &[("date", &frame.date(until))])
}

/// What an event comes to in plain words.
const fn state(proof: &ProofTexts, act: Act, event: &Event) -> &'static str {
    match (event.deed, event.status) {
        _ if matches!(act, Act::Paused { .. }) => proof.state_paused,
        (_, Some(Status::ConsentRequested)) => proof.state_requested,
        (Some(Deed::Withdrew), _) => proof.state_withdrew,
        (Some(Deed::OptedOut), Some(Status::ConsentRefused)) => proof.state_refused,
        (Some(Deed::Objected), _) => proof.state_objected,
        (Some(Deed::OptedOut), _) => proof.state_opted_out,
        (Some(Deed::OptedIn), Some(Status::ConsentGiven)) => proof.state_given,
        (Some(Deed::OptedIn), Some(Status::RenewedConsentGiven)) => proof.state_renewed,
        (Some(Deed::OptedIn), _) => proof.state_opted_in,
        (None, _) => proof.state_open,
    }
}

/// The switches by what became of them.
fn meaning(
    frame: &Frame,
    proof: &'static ProofTexts,
    receipt: &Receipt<'_>,
) -> impl IntoView + use<> {
    let mut states: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for event in receipt.events {
        let named = states.entry(state(proof, receipt.entry.act, event)).or_default();
        named.push(name(&frame.notice.catalogue, frame.language, &event.switch));
    }
    let groups = states.into_iter().map(|(state, mut switches)| {
        switches.truncate(NAMED);
        let switches = crate::texts::list(frame.language, &switches);
        view! { <li><b>{state}</b>": "{switches}</li> }
    });
    let groups: Vec<_> = groups.collect();
    view! {
        <h2>{proof.receipt_means}</h2>
        <ul>{groups}</ul>
    }
}

fn seal(frame: &Frame, proof: &'static ProofTexts, receipt: &Receipt<'_>) -> impl IntoView + use<> {
    let controller = &frame.notice.catalogue.controller;
    let signed =
        fill(proof.receipt_signed, &[("controller", &apart(frame.language, &controller.name))]);
    let code = receipt.code.map(|svg| {
        view! { <div class="code" role="img" aria-label=proof.receipt_scan inner_html=svg.to_owned()></div> }
    });
    let (before, after) = super::choices::around(proof.receipt_key, "key");
    let key = receipt.key.to_owned();
    view! {
        <div class="seal">
            {code}
            <div>
                <p><b>{signed}</b></p>
                <p><small>{before}<code dir="ltr">{key}</code>{after}</small></p>
                <p><small>{proof.receipt_scan}</small></p>
            </div>
        </div>
    }
}

/// The link to a receipt, with a name that tells it from the others on the page.
pub(super) fn link(frame: &Frame, number: &str, target: &Target, at: domain::Moment) -> AnyView {
    let proof = ProofTexts::of(frame.language);
    let target = name(&frame.notice.catalogue, frame.language, target);
    let label = fill(proof.receipt_of, &[("target", &target), ("date", &frame.date_time(at))]);
    view! { <a href=routes::receipt(number) aria-label=label>{proof.receipt}</a> }.into_any()
}

/// The short link beside what just happened.
pub(super) fn short_link(frame: &Frame, reference: &Reference) -> AnyView {
    let proof = ProofTexts::of(frame.language);
    view! { <a href=routes::receipt(reference.as_str())>{proof.receipt}</a> }.into_any()
}
