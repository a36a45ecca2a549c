//! Pages for what went wrong.

use leptos::prelude::*;

use super::Frame;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::routes;
use crate::texts::fill;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No such page.
    NotFound,
    /// A form from another website.
    CrossSite,
    /// More was sent than a form can hold.
    TooLarge,
    /// What was sent can't be read.
    Unreadable,
    /// The server failed.
    Server,
}

/// A page that says what went wrong, with the number under which it was logged.
#[must_use]
pub fn trouble(frame: &Frame, trouble: Trouble, request_id: &str) -> Rendered {
    let texts = frame.texts;
    let (status, title, said) = match trouble {
        Trouble::NotFound => (404, texts.error_not_found_title, texts.error_not_found),
        Trouble::CrossSite => (403, texts.error_heading, texts.error_cross_site),
        Trouble::TooLarge => (413, texts.error_heading, texts.error_large),
        Trouble::Unreadable => (400, texts.error_heading, texts.error_form),
        Trouble::Server => (503, texts.error_server_title, texts.error_server),
    };
    let number = fill(texts.error_number, &[("id", request_id)]);
    render(frame, || {
        let main = html(view! {
            <h1>{title}</h1>
            <p class="lede">{said}</p>
            <p><a href=routes::CHOICES>{texts.back}</a></p>
            <p class="hint"><bdi>{number}</bdi></p>
        });
        Page { title: title.to_owned(), main, toast: None, status, live: false }
    })
}
