//! The page behind one message's link: one button, and nothing happens before it is pressed.

use domain::{Channel, Key, Target};
use leptos::prelude::*;

use super::choices::State;
use super::names::name;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use super::{Frame, signal};
use crate::portal::Customer;
use crate::routes;
use crate::texts::fill;

/// Offers to stop one kind of message, or all marketing (16 CFR 316.5). `heard` is the customer
/// whose browser's signal was heard, for the page to say so.
#[must_use]
pub fn unsubscribe(
    frame: &Frame,
    token: &str,
    topic: &Key,
    channel: Channel,
    heard: Option<&Customer>,
) -> Rendered {
    let texts = frame.texts;
    let target = Target::Message(topic.clone(), channel);
    let called = name(&frame.notice.catalogue, frame.language, &target);
    let title = fill(texts.unsubscribe_title, &[("target", &called)]);
    render(frame, || {
        let state = heard.map(|customer| State::of(frame, customer));
        let status = state.map(|state| signal::status(frame, Some(&state))).unwrap_or_default();
        let form = html(view! {
            <h1>{title.clone()}</h1>
            <p class="lede">{texts.unsubscribe_lede}</p>
            <form class="actions" method="post" action=frame.act(routes::DO_UNSUBSCRIBE)>
                <input type="hidden" name="token" value=token.to_owned()/>
                <input type="hidden" name="topic" value=topic.to_string()/>
                <input type="hidden" name="channel" value=channel.as_str()/>
                <button class="wide" type="submit">{texts.unsubscribe_submit}</button>
                <button class="wide" type="submit" name="all" value="1">{texts.unsubscribe_all}</button>
            </form>
            <p><a href=routes::link(token)>{texts.unsubscribe_more}</a></p>
        });
        let main = [status, form].concat();
        Page { title, main, toast: None, status: 200, live: false }
    })
}
