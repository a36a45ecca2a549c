//! Asking for a code and entering it.

use leptos::prelude::*;

use super::names::isolated;
use super::practice::contact_field;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use super::{Frame, toast};
use crate::routes;
use crate::texts::fill;
use crate::visit::Visit;

/// The code page: where to send it, or, once sent, the field for it.
#[must_use]
pub fn code(frame: &Frame, visit: &Visit) -> Rendered {
    let texts = frame.texts;
    render(frame, || {
        let why = visit.wanted.is_some().then_some(texts.code_why_on);
        let body = match &visit.code {
            Some(pending) => view! {
                <p>{fill(texts.code_sent, &[("who", &isolated(&pending.masked))])}</p>
                {enter(frame, visit)}
                {again(frame, visit)}
            }
            .into_any(),
            None => ask(frame, visit),
        };
        let main = html(view! {
            {toast::mistake(frame, visit)}
            <h1>{texts.code_title}</h1>
            {why.map(|why| view! { <p class="lede">{why}</p> })}
            {body}
            <p><a href=routes::CHOICES>{texts.back}</a></p>
        });
        let status = toast::status(visit);
        Page { title: texts.code_title.to_owned(), main, toast: None, status, live: false }
    })
}

fn enter(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    let wrong = toast::beside(frame, visit, "code");
    let invalid = wrong.is_some().then_some("true");
    let described = if wrong.is_some() { "code-hint code-error" } else { "code-hint" };
    view! {
        <form class="now" method="post" action=frame.act(routes::CHECK_CODE)>
            <div class="field">
                <label for="code">{texts.code_label}</label>
                <p class="hint" id="code-hint">{texts.code_hint}</p>
                {wrong}
                <input
                    id="code" name="code" type="text" dir="ltr" inputmode="numeric"
                    autocomplete="one-time-code" maxlength="64"
                    aria-describedby=described aria-invalid=invalid
                />
            </div>
            <button class="wide" type="submit">{texts.code_submit}</button>
        </form>
    }
    .into_any()
}

fn again(frame: &Frame, visit: &Visit) -> AnyView {
    let unknown = visit.person.is_none() || visit.veiled;
    let contact = visit.contact.clone().filter(|_| unknown);
    view! {
        <form method="post" action=frame.act(routes::SEND_CODE)>
            {contact.map(|contact| view! { <input type="hidden" name="contact" value=contact/> })}
            <button class="link" type="submit">{frame.texts.code_again}</button>
        </form>
    }
    .into_any()
}

fn ask(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    // Nobody known, or nothing on file to send it to: the page asks where to.
    let unknown = visit.person.is_none() || visit.veiled;
    let asked = unknown || toast::beside(frame, visit, "contact").is_some();
    let field = asked.then(|| contact_field(frame, visit));
    view! {
        <p>{texts.see_hint}</p>
        <form class="now" method="post" action=frame.act(routes::SEND_CODE)>
            {field}
            <button class="wide" type="submit">{texts.see_submit}</button>
        </form>
    }
    .into_any()
}
