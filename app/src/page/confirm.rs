//! The second step of turning something on.

use domain::{Position, Target};
use leptos::prelude::*;

use super::Frame;
use super::names::{apart, name};
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use super::signal;
use crate::routes;
use crate::texts::fill;

/// Asks once more. Both ways weigh the same.
#[must_use]
pub fn confirm(frame: &Frame, target: &Target, seen: Position) -> Rendered {
    let texts = frame.texts;
    let pause = *target == Target::Marketing;
    let called = name(&frame.notice.catalogue, frame.language, target);
    let title = if pause {
        texts.confirm_resume_title.to_owned()
    } else {
        fill(texts.confirm_title, &[("target", &called)])
    };
    let (yes, no) = if pause {
        (texts.confirm_resume_yes, texts.confirm_resume_no)
    } else {
        (texts.confirm_yes, texts.confirm_no)
    };
    render(frame, || {
        let main = html(view! {
            <h1>{title.clone()}</h1>
            <p class="lede">{texts.confirm_lede}</p>
            {about(frame, target)}
            {signal::warning(frame, target)}
            <form class="actions" method="post" action=frame.act(routes::DO_CONFIRM)>
                <input type="hidden" name="target" value=target.to_string()/>
                <input type="hidden" name="seen" value=seen.0.to_string()/>
                <button class="wide" type="submit">{yes}</button>
                <a class="wide" href=routes::CHOICES>{no}</a>
            </form>
        });
        Page { title, main, toast: None, status: 200, live: false }
    })
}

/// What it means, in the register's words.
fn about(frame: &Frame, target: &Target) -> Option<AnyView> {
    let language = frame.language;
    let catalogue = &frame.notice.catalogue;
    let text = match target {
        Target::Message(topic, channel) => {
            let (topic, _) = catalogue.message(topic, *channel)?;
            [topic.frequency.get(language), topic.data.get(language)].join(frame.gap())
        }
        Target::Profiling(key) => catalogue.profiling(key)?.about.get(language).to_owned(),
        Target::Share(purpose, recipient) => {
            let (purpose, recipient) = catalogue.share(purpose, recipient)?;
            let land = crate::texts::country(language, &recipient.country);
            let data = recipient.data.get(language);
            let company = apart(language, &recipient.name);
            format!("{} {company} · {data} · {land}", purpose.about.get(language))
        }
        _ => return None,
    };
    Some(view! { <p>{text}</p> }.into_any())
}
