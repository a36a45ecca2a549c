//! What just happened, with the way back; and what was not taken, with what to do.

use leptos::prelude::*;

use super::Frame;
use super::names::name;
use super::receipt::short_link;
use super::switch::button;
use crate::island::SaveInPlace;
use crate::portal::Who;
use crate::texts::fill;
use crate::visit::{Deed, Problem, Visit, What};

/// The status line at the foot of the page. Empty, it is there all the same, so that a screen
/// reader hears what is put into it.
pub(super) fn toast(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    let said = visit.recent(frame.now).map(|deed| {
        let reference = fill(texts.reference, &[("reference", deed.reference.as_str())]);
        let undo = deed
            .undoable
            .then(|| button("undo", "undo", deed.reference.to_string(), texts.undo.to_owned()));
        // Where nothing had to change there is no entry that it could be of.
        let undone_by_form = deed.what == What::Undone && matches!(deed.who, Who::Handle(_));
        let receipt = frame.receipts && deed.what != What::Nothing && !undone_by_form;
        let receipt = receipt.then(|| view! { " · "{short_link(frame, &deed.reference)} });
        view! {
            <span>{sentence(frame, deed)}" "<small>{reference}{receipt}</small></span>
            {undo}
        }
    });
    view! {
        <div class="toast" id="toast" role="status">{said}</div>
        <SaveInPlace failed=texts.failed.to_owned()/>
    }
    .into_any()
}

fn sentence(frame: &Frame, deed: &Deed) -> String {
    let texts = frame.texts;
    let called = |target| name(&frame.notice.catalogue, frame.language, target);
    match &deed.what {
        What::Off(target) => fill(texts.saved_off, &[("target", &called(target))]),
        What::On(target) => fill(texts.saved_on, &[("target", &called(target))]),
        What::OffByForm(target) => fill(texts.form_done, &[("target", &called(target))]),
        What::Paused(until) => fill(texts.saved_pause, &[("date", &frame.date(*until))]),
        What::Resumed => texts.saved_resume.to_owned(),
        What::Undone => texts.saved_undo.to_owned(),
        What::Nothing => texts.saved_nothing.to_owned(),
    }
}

/// The page's status: a form that was not taken is the client's error, also after the redirect.
pub(super) const fn status(visit: &Visit) -> u16 {
    match &visit.mistake {
        None => 200,
        Some(mistake) if matches!(mistake.problem, Problem::Many) => 429,
        Some(_) => 422,
    }
}

/// The summary of a form that was not taken, above everything else on the page.
pub(super) fn mistake(frame: &Frame, visit: &Visit) -> Option<AnyView> {
    let mistake = visit.mistake.as_ref()?;
    let field = field_of(mistake.problem);
    let said = explain(frame, mistake.problem);
    let said = match field {
        Some(id) => view! { <a href=format!("#{id}")>{said}</a> }.into_any(),
        None => said.into_any(),
    };
    Some(
        view! {
            <div class="mistake" role="alert" aria-labelledby="mistake-h" id="mistake">
                <h2 id="mistake-h">{frame.texts.error_heading}</h2>
                <p>{said}</p>
            </div>
        }
        .into_any(),
    )
}

const fn field_of(problem: Problem) -> Option<&'static str> {
    match problem {
        Problem::ContactEmpty
        | Problem::ContactForm
        | Problem::ContactLong
        | Problem::ContactControl => Some("contact"),
        Problem::Code | Problem::CodeEmpty => Some("code"),
        _ => None,
    }
}

/// What went wrong, in the reader's language.
pub(super) const fn explain(frame: &Frame, problem: Problem) -> &'static str {
    let texts = frame.texts;
    match problem {
        Problem::ContactEmpty => texts.error_contact_empty,
        Problem::ContactForm => texts.error_contact_form,
        Problem::ContactLong => texts.error_contact_long,
        Problem::ContactControl => texts.error_contact_control,
        Problem::Target => texts.error_target,
        Problem::Law => texts.error_law,
        Problem::Stale => texts.error_stale,
        Problem::Undo => texts.error_undo,
        Problem::Pause => texts.error_pause,
        Problem::One => texts.error_one,
        Problem::Minor => texts.error_minor,
        Problem::Code => texts.error_code,
        Problem::CodeEmpty => texts.error_code_empty,
        Problem::Session => texts.error_session,
        Problem::Many => texts.error_many,
        Problem::Form => texts.error_form,
    }
}

/// The sentence beside a field that is at fault.
pub(super) fn beside(frame: &Frame, visit: &Visit, field: &'static str) -> Option<AnyView> {
    let mistake = visit.mistake.as_ref()?;
    if field_of(mistake.problem) != Some(field) {
        return None;
    }
    let id = format!("{field}-error");
    Some(view! { <p class="error" id=id>{explain(frame, mistake.problem)}</p> }.into_any())
}
