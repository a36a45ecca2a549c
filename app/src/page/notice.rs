//! A notice as it was published: the exact words that were shown.

use leptos::prelude::*;

use super::shell::{Page, Rendered, render};
use super::{Frame, exceptions, marketing, sharing};
use crate::routes;
use crate::texts::fill;

/// A published notice. The frame carries it, so that every word comes from it.
#[must_use]
pub fn notice(frame: &Frame) -> Rendered {
    let texts = frame.texts;
    let number = frame.notice.number.0.to_string();
    let title = fill(texts.notice_title, &[("number", &number)]);
    let lede = fill(texts.notice_lede, &[("date", &frame.date(frame.notice.published_at))]);
    render(frame, || {
        let topics: Vec<_> = frame
            .notice
            .catalogue
            .topics
            .iter()
            .map(|topic| marketing::card(frame, topic, |_| None))
            .collect();
        let main = view! {
            <h1>{title.clone()}</h1>
            <p class="lede">{lede}</p>
            <section aria-labelledby="marketing-h">
                <h2 id="marketing-h">{texts.marketing}</h2>
                {topics}
            </section>
            {super::practice::profilings(frame)}
            {sharing::sharing(frame, None)}
            {exceptions::exceptions(frame)}
            <p><a href=routes::CHOICES>{texts.back}</a></p>
        }
        .into_any();
        Page { title, main, toast: None, status: 200, live: false }
    })
}
