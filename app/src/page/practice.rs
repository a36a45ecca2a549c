//! The choices page of somebody we don't know: what the business does, and a way out all the same.

use domain::Target;
use leptos::prelude::*;

use super::choices::object;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use super::switch::FORM;
use super::{Frame, Signal, exceptions, marketing, sharing, signal, toast};
use crate::routes;
use crate::visit::Visit;

/// What a visitor without a link sees. `unknown_link` says that they came by one that is not known.
#[must_use]
pub fn practice(frame: &Frame, visit: &Visit, unknown_link: bool) -> Rendered {
    let new =
        visit.mistake.is_none() && visit.contact.is_none() && visit.recent(frame.now).is_none();
    if new && !unknown_link {
        let name = match frame.signal {
            Signal::Unheeded => "practice-unheeded",
            Signal::Absent => "practice",
            Signal::Honored => "practice-honored",
        };
        return frame.keep_page(name, || fresh(frame, visit, false));
    }
    fresh(frame, visit, unknown_link)
}

fn fresh(frame: &Frame, visit: &Visit, unknown_link: bool) -> Rendered {
    let texts = frame.texts;
    render(frame, || {
        let opening = html(view! {
            {toast::mistake(frame, visit)}
            {unknown_link.then(|| lost(frame))}
            <form id=FORM method="post" action=frame.act(routes::CHOOSE)></form>
            <h1>{texts.title}</h1>
            {object(frame)}
            {opt_out(frame, visit)}
            {see(frame, visit)}
            <p class="lede">{texts.practice_lede}</p>
        });
        let status = signal::status(frame, None);
        let told = marketing::told_marketing(frame, texts.marketing_hint);
        let profiling = marketing::profiling(frame, None);
        let sharing = sharing::sharing(frame, None);
        let main =
            [&status, &opening, &told, &profiling, &sharing, &*exceptions::exceptions(frame)]
                .concat();
        Page {
            title: texts.title.to_owned(),
            main,
            toast: Some(toast::toast(frame, visit)),
            status: toast::status(visit),
            live: true,
        }
    })
}

fn lost(frame: &Frame) -> AnyView {
    let texts = frame.texts;
    view! {
        <div class="mistake" role="alert">
            <h2>{texts.unknown_link_title}</h2>
            <p>{texts.unknown_link}</p>
        </div>
    }
    .into_any()
}

pub(super) fn opt_out(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    let choices = [
        (Target::Everything, texts.form_everything),
        (Target::Marketing, texts.form_marketing),
        (Target::Sharing, texts.form_sharing),
    ];
    let selected = visit.mistake.as_ref().and_then(|mistake| mistake.selected.clone());
    let selected = selected.unwrap_or(Target::Everything);
    let radios: Vec<_> = choices
        .into_iter()
        .map(|(target, label)| {
            let id = format!("what-{target}");
            let checked = target == selected;
            view! {
                <div class="radio">
                    <input type="radio" name="what" id=id.clone() value=target.to_string() checked=checked/>
                    <label for=id>{label}</label>
                </div>
            }
        })
        .collect();
    view! {
        <section class="now" aria-labelledby="opt-out-h" id="opt-out">
            <h2 id="opt-out-h">{texts.form_heading}</h2>
            <p>{texts.form_hint}</p>
            <form method="post" action=frame.act(routes::OPT_OUT)>
                {contact_field(frame, visit)}
                <fieldset>
                    <legend>{texts.form_what}</legend>
                    {radios}
                </fieldset>
                <button class="wide" type="submit">{texts.form_submit}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The field for an address or number, with what was typed before.
pub(super) fn contact_field(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    let wrong = toast::beside(frame, visit, "contact");
    let invalid = wrong.is_some().then_some("true");
    let described = if wrong.is_some() { "contact-hint contact-error" } else { "contact-hint" };
    let typed = visit.mistake.as_ref().map(|mistake| mistake.typed.clone());
    let value = typed.filter(|typed| !typed.is_empty()).or_else(|| visit.contact.clone());
    view! {
        <div class="field">
            <label for="contact">{texts.form_contact}</label>
            <p class="hint" id="contact-hint">{texts.form_contact_hint}</p>
            {wrong}
            <input
                id="contact" name="contact" type="text" dir="ltr" autocomplete="email"
                autocapitalize="none" spellcheck="false" maxlength="254"
                value=value aria-describedby=described aria-invalid=invalid
            />
        </div>
    }
    .into_any()
}

fn see(frame: &Frame, visit: &Visit) -> AnyView {
    let texts = frame.texts;
    // Asked once, an address is not asked for again (WCAG 2.2 SC 3.3.7).
    let form = match &visit.contact {
        Some(contact) => view! {
            <form method="post" action=frame.act(routes::SEND_CODE)>
                <input type="hidden" name="contact" value=contact.clone()/>
                <button class="wide" type="submit">{texts.see_submit}</button>
            </form>
        }
        .into_any(),
        None => {
            view! { <p><a class="wide" href=routes::CODE>{texts.see_submit}</a></p> }.into_any()
        }
    };
    view! {
        <section aria-labelledby="see-h">
            <h2 id="see-h">{texts.see_heading}</h2>
            <p class="hint">{texts.see_hint}</p>
            {form}
        </section>
    }
    .into_any()
}
