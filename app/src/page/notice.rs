//! A notice as it was published: the exact words that were shown.

use leptos::prelude::*;

use super::shelf::html;
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
        let opening = html(view! {
            <h1>{title.clone()}</h1>
            <p class="lede">{lede}</p>
        });
        let told = marketing::told_marketing(frame, "");
        let profiling = marketing::profiling(frame, None);
        let sharing = sharing::sharing(frame, None);
        let back = html(view! { <p><a href=routes::CHOICES>{texts.back}</a></p> });
        let exceptions = exceptions::exceptions(frame);
        let main = [&opening, &told, &profiling, &sharing, &*exceptions, &back].concat();
        Page { title, main, toast: None, status: 200, live: false }
    })
}
