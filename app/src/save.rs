//! The browser's side of saving in place.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use leptos::prelude::window_event_listener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Document, DomParser, Element, Headers, HtmlButtonElement, HtmlElement, HtmlFormElement,
    RequestInit, Response, SubmitEvent, SupportedType, UrlSearchParams,
};

const FORM: &str = "choices-form";
const TOAST: &str = "toast";
const MAIN: &str = "main";

/// A button that was pressed and is not answered yet.
#[derive(Clone)]
struct Press {
    form: HtmlFormElement,
    button: HtmlButtonElement,
    /// What it looked like before.
    before: Option<String>,
}

type Presses = Rc<RefCell<VecDeque<Press>>>;

/// Listens to the choices form for as long as the page is open.
pub(crate) fn start(failed: String) {
    let waiting = Presses::default();
    let failed = Rc::<str>::from(failed);
    let listener = window_event_listener(leptos::ev::submit, move |event: SubmitEvent| {
        let Some((form, button)) = choices_form(&event) else { return };
        event.prevent_default();
        if button.get_attribute("aria-busy").is_some() {
            return;
        }
        let before = flip(&button);
        let idle = waiting.borrow().is_empty();
        waiting.borrow_mut().push_back(Press { form, button, before });
        if idle {
            spawn_local(send_all(Rc::clone(&waiting), Rc::clone(&failed)));
        }
    });
    std::mem::forget(listener);
}

/// Sends one press after the other: only then does the last page that comes back show them all.
async fn send_all(waiting: Presses, failed: Rc<str>) {
    let (mut page, mut lost) = (None, false);
    loop {
        // It waits in front while it is on its way, so that a press meanwhile queues up behind it.
        let Some(press) = waiting.borrow().front().cloned() else { break };
        let answer = post(&press.form, &press.button).await;
        let _ = press.button.remove_attribute("aria-busy");
        if let Ok(answered) = answer {
            page = answered.or(page);
        } else {
            restore(&press.button, press.before);
            lost = true;
        }
        waiting.borrow_mut().pop_front();
    }
    if let Some(page) = page {
        show(&page);
    }
    if lost {
        say(&failed);
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn choices_form(event: &SubmitEvent) -> Option<(HtmlFormElement, HtmlButtonElement)> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    let button: HtmlButtonElement = event.submitter()?.dyn_into().ok()?;
    (form.id() == FORM).then_some((form, button))
}

/// Shows at once what a switch turned off will look like; gives back what it looked like.
fn flip(button: &HtmlButtonElement) -> Option<String> {
    let _ = button.set_attribute("aria-busy", "true");
    let before = button.get_attribute("aria-checked");
    if before.as_deref() == Some("true") {
        set(button, "false");
    }
    before
}

fn restore(button: &HtmlButtonElement, before: Option<String>) {
    if let Some(before) = before {
        set(button, &before);
    }
}

fn set(button: &HtmlButtonElement, checked: &str) {
    let _ = button.set_attribute("aria-checked", checked);
    let words = if checked == "true" { "data-on" } else { "data-off" };
    if let (Ok(Some(state)), Some(words)) =
        (button.query_selector(".state"), button.get_attribute(words))
    {
        state.set_text_content(Some(&words));
    }
}

/// Posts the form as the browser would; gives the page that came back, or leaves for another.
async fn post(
    form: &HtmlFormElement,
    button: &HtmlButtonElement,
) -> Result<Option<String>, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let fields = UrlSearchParams::new()?;
    fields.append(&button.name(), &button.value());
    let headers = Headers::new()?;
    headers.set("accept", "text/html")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&fields);
    let fetched = window.fetch_with_str_and_init(&form.action(), &init);
    let response: Response = JsFuture::from(fetched).await?.dyn_into()?;
    if response.status() >= 500 {
        return Err(JsValue::NULL);
    }
    let text = JsFuture::from(response.text()?).await?.as_string();
    let here = window.location();
    let path = |url: &str| url.split(['?', '#']).next().map(str::to_owned);
    if path(&response.url()) == path(&here.href()?) {
        Ok(text)
    } else {
        here.assign(&response.url())?;
        Ok(None)
    }
}

/// Puts a new page's parts where the old ones are, and the focus and open details back.
fn show(page: &str) {
    let Some(document) = document() else { return };
    let Ok(parser) = DomParser::new() else { return };
    let Ok(new) = parser.parse_from_string(page, SupportedType::TextHtml) else { return };
    let focused = document.active_element().map(|element| element.id());
    let open = open_details(&document);
    for id in [MAIN, TOAST] {
        if let (Some(old), Some(new)) = (document.get_element_by_id(id), new.get_element_by_id(id))
        {
            old.set_inner_html(&new.inner_html());
        }
    }
    reopen(&document, &open);
    let element =
        focused.filter(|id| !id.is_empty()).and_then(|id| document.get_element_by_id(&id));
    // What had the focus may be gone, as "opt out of everything" is once it is done.
    let element = element.or_else(|| document.get_element_by_id("now-h"));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

fn details(document: &Document) -> Vec<Element> {
    let Ok(list) = document.query_selector_all("main details") else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok()).collect()
}

fn open_details(document: &Document) -> Vec<bool> {
    details(document).iter().map(|element| element.has_attribute("open")).collect()
}

fn reopen(document: &Document, open: &[bool]) {
    for (element, open) in details(document).iter().zip(open) {
        if *open {
            let _ = element.set_attribute("open", "");
        }
    }
}

fn say(text: &str) {
    if let Some(toast) = document().and_then(|document| document.get_element_by_id(TOAST)) {
        toast.set_text_content(Some(text));
    }
}
