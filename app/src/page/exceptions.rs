//! Sharing that a law requires: told with its law, without a switch.

use std::sync::Arc;

use domain::Target;
use domain::{Preferences, decide};
use leptos::prelude::*;

use super::Frame;
use super::shelf::Key;
use crate::texts::fill;

/// Only what the gate would allow is listed: an exception whose review is overdue is not used.
pub(super) fn exceptions(frame: &Frame) -> Arc<str> {
    frame.keep(Key::new("exceptions"), || view(frame))
}

fn view(frame: &Frame) -> AnyView {
    let (texts, language) = (frame.texts, frame.language);
    let catalogue = &frame.notice.catalogue;
    let in_force = catalogue.exceptions.iter().filter(|known| {
        let target = Target::Exception(known.key.clone());
        let person = domain::decision::Standpoint::default();
        decide(catalogue, &Preferences::default(), person, &target, frame.now).allowed
    });
    let items: Vec<_> = in_force
        .map(|known| {
            let review = frame.date(known.review_on);
            let approved =
                fill(texts.approved, &[("approver", &known.approver), ("date", &review)]);
            view! {
                <li>
                    <b>{known.label.get(language).to_owned()}</b>
                    <p>{known.about.get(language).to_owned()}</p>
                    <small>{fill(texts.citation, &[("citation", &known.citation)])}" · "{approved}</small>
                </li>
            }
        })
        .collect();
    view! {
        <section aria-labelledby="law-h" id="law">
            <h2 id="law-h">{texts.exceptions}</h2>
            <p class="hint">{texts.exceptions_hint}</p>
            <ul class="card law">{items}</ul>
        </section>
    }
    .into_any()
}
