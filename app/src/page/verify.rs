//! Checking a receipt.

use domain::{Moment, Target};
use leptos::prelude::*;

use super::Frame;
use super::names::name;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::routes;
use crate::texts::{ProofTexts, fill};

/// Most changed places that are listed.
const LISTED: usize = 20;

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Genuine.
    Genuine(Told),
    /// Not as it was issued, or not to be told.
    Wrong(Wrong),
}

/// What a genuine receipt says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it was about.
    pub target: String,
    /// The act's word in the ledger, with its moment or entry.
    pub act: String,
    /// Until when, for a pause.
    pub until: Option<Moment>,
    /// When.
    pub at: Option<Moment>,
    /// The number that the customer was told.
    pub reference: String,
    /// The entry, where the ledger has it.
    pub position: Option<i64>,
    /// Whether only the code was checked, and not the whole document.
    pub by_code: bool,
}

/// What is wrong with a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name of its text")]
pub enum Wrong {
    Empty,
    TooLarge,
    NotJson { line: usize, column: usize },
    Twice(String),
    NotAReceipt(&'static str),
    NoCode,
    Changed(Vec<(String, How)>),
    UnknownKey(String),
    Signature,
    NotInLedger(i64),
}

/// How a place differs from what was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name of its text")]
pub enum How {
    Altered,
    Removed,
    Added,
}

/// The page that checks a receipt, with what the last check came to.
#[must_use]
pub fn verify(frame: &Frame, verdict: Option<&Verdict>) -> Rendered {
    let proof = ProofTexts::of(frame.language);
    let status = match verdict {
        None | Some(Verdict::Genuine(_)) => 200,
        Some(Verdict::Wrong(Wrong::TooLarge)) => 413,
        Some(Verdict::Wrong(_)) => 422,
    };
    render(frame, || {
        let said = verdict.map(|verdict| match verdict {
            Verdict::Genuine(told) => genuine(frame, proof, told),
            Verdict::Wrong(wrong) => not_genuine(proof, wrong),
        });
        let main = html(view! {
            <h1>{proof.verify_title}</h1>
            {said}
            <p class="lede">{proof.verify_lede}</p>
            {form(frame, proof, verdict)}
            <p class="hint">{proof.verify_other_way}" "
                <a href=routes::KEYS>{proof.verify_keys}</a>" · "
                <a href=routes::HEADS>{proof.verify_heads}</a>
            </p>
            <p><a href=routes::CHOICES>{frame.texts.back}</a></p>
        });
        let title = proof.verify_title.to_owned();
        Page { title, main, toast: None, status, live: false }
    })
}

fn form(frame: &Frame, proof: &'static ProofTexts, verdict: Option<&Verdict>) -> AnyView {
    let empty = matches!(verdict, Some(Verdict::Wrong(Wrong::Empty)));
    let error =
        empty.then(|| view! { <p class="error" id="receipt-error">{proof.verify_empty}</p> });
    let described = empty.then_some("receipt-error");
    let invalid = empty.then_some("true");
    view! {
        <form method="post" action=frame.act(routes::VERIFY) enctype="multipart/form-data">
            <div class="field">
                <label for="receipt">{proof.verify_paste}</label>
                {error}
                <textarea id="receipt" name="receipt" rows="6" dir="ltr" spellcheck="false"
                    autocomplete="off" aria-describedby=described aria-invalid=invalid></textarea>
            </div>
            <div class="field">
                <label for="file">{proof.verify_file}</label>
                <input id="file" name="file" type="file" accept=".json,application/json"/>
            </div>
            <button class="wide" type="submit">{proof.verify_submit}</button>
        </form>
    }
    .into_any()
}

fn genuine(frame: &Frame, proof: &'static ProofTexts, told: &Told) -> AnyView {
    let lede = if told.by_code { proof.verify_code_lede } else { proof.verify_genuine_lede };
    let place = told.position.map(|place| {
        view! { <p>{fill(proof.verify_in_ledger, &[("position", &place.to_string())])}</p> }
    });
    let when = told.at.map(|at| frame.date_time(at));
    let reference = fill(frame.texts.reference, &[("reference", &told.reference)]);
    let target = match told.target.parse::<Target>() {
        Ok(target) => name(&frame.notice.catalogue, frame.language, &target),
        Err(_) => told.target.clone(),
    };
    view! {
        <section class="now" role="status" aria-labelledby="verdict-h" id="verdict">
            <h2 id="verdict-h">{proof.verify_genuine}</h2>
            <p>{lede}</p>
            <p>
                {proof.verify_says}": "<b>{target}</b>": "{act(frame, told)}
                <br/><small>{when}" · "<bdi>{reference}</bdi></small>
            </p>
            {place}
        </section>
    }
    .into_any()
}

fn act(frame: &Frame, told: &Told) -> String {
    let texts = frame.texts;
    match (told.act.as_str(), told.until) {
        ("granted", _) => texts.act_granted.to_owned(),
        ("withdrawn", _) => texts.act_withdrawn.to_owned(),
        ("resumed", _) => texts.act_resumed.to_owned(),
        ("requested", _) => texts.act_requested.to_owned(),
        ("paused", Some(until)) => fill(texts.act_paused, &[("date", &frame.date(until))]),
        ("undone", _) => fill(texts.act_undone, &[("reference", &told.reference)]),
        (other, _) => other.to_owned(),
    }
}

fn not_genuine(proof: &'static ProofTexts, wrong: &Wrong) -> AnyView {
    let unsure = matches!(
        wrong,
        Wrong::Empty
            | Wrong::TooLarge
            | Wrong::NotJson { .. }
            | Wrong::NotAReceipt(_)
            | Wrong::NoCode
    );
    let heading = if unsure { proof.verify_unsure } else { proof.verify_not_genuine };
    let places = match wrong {
        Wrong::Changed(places) => {
            places.iter().take(LISTED).map(|place| changed(proof, place)).collect()
        }
        _ => Vec::new(),
    };
    let places = (!places.is_empty()).then(|| view! { <ul>{places}</ul> });
    view! {
        <section class="mistake" role="alert" aria-labelledby="verdict-h" id="verdict">
            <h2 id="verdict-h">{heading}</h2>
            <p>{explain(proof, wrong)}</p>
            {places}
        </section>
    }
    .into_any()
}

fn changed(proof: &ProofTexts, (at, how): &(String, How)) -> AnyView {
    let how = match how {
        How::Altered => proof.verify_altered,
        How::Removed => proof.verify_removed,
        How::Added => proof.verify_added,
    };
    view! { <li><code dir="ltr">{at.clone()}</code>" "{how}</li> }.into_any()
}

fn explain(proof: &ProofTexts, wrong: &Wrong) -> String {
    match wrong {
        Wrong::Empty => proof.verify_empty.to_owned(),
        Wrong::TooLarge => proof.verify_large.to_owned(),
        Wrong::NotJson { line, column } => fill(
            proof.verify_not_json,
            &[("line", &line.to_string()), ("column", &column.to_string())],
        ),
        Wrong::Twice(name) => fill(proof.verify_twice, &[("name", name)]),
        Wrong::NotAReceipt(name) => fill(proof.verify_no_receipt, &[("name", name)]),
        Wrong::NoCode => proof.verify_no_code.to_owned(),
        Wrong::Changed(_) => proof.verify_changed.to_owned(),
        Wrong::UnknownKey(key) => fill(proof.verify_unknown_key, &[("key", key)]),
        Wrong::Signature => proof.verify_signature.to_owned(),
        Wrong::NotInLedger(place) => {
            fill(proof.verify_not_in_ledger, &[("position", &place.to_string())])
        }
    }
}
