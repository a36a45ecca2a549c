//! What a confirmation told, each change with its way back; nothing happens before one is pressed.

use domain::Choice;
use leptos::prelude::*;

use super::Frame;
use super::history::act;
use super::names::name;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::routes;
use crate::texts::fill;

/// Offers to take back each of these choices.
#[must_use]
pub fn undo(frame: &Frame, history: &[Choice], told: &[&Choice]) -> Rendered {
    let texts = frame.texts;
    let title = texts.undo_title.to_owned();
    render(frame, || {
        let items: Vec<_> = told.iter().map(|choice| item(frame, history, choice)).collect();
        let main = html(view! {
            <h1>{title.clone()}</h1>
            <p class="lede">{texts.undo_lede}</p>
            <form method="post" action=frame.act(routes::DO_UNDO)>
                <div class="card">{items}</div>
            </form>
            <p><a href=routes::CHOICES>{texts.undo_none}</a></p>
        });
        Page { title, main, toast: None, status: 200, live: false }
    })
}

fn item(frame: &Frame, history: &[Choice], choice: &Choice) -> AnyView {
    let texts = frame.texts;
    let entry = &choice.entry;
    let called = name(&frame.notice.catalogue, frame.language, &entry.target);
    let id = format!("change-{}", choice.position.0);
    view! {
        <div class="row">
            <div id=id.clone()>
                <b>{called}</b>": "{act(frame, history, choice)}
                <br/>
                <small>
                    <time>{frame.date_time(entry.at)}</time>" · "
                    {fill(texts.reference, &[("reference", entry.reference.as_str())])}
                </small>
            </div>
            <button
                class="wide"
                type="submit"
                name="choice"
                value=choice.position.0.to_string()
                aria-describedby=id
            >
                {texts.undo}
            </button>
        </div>
    }
    .into_any()
}
