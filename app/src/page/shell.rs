//! The frame around every page.

use std::fmt;
use std::sync::Arc;

use domain::Language;
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use leptos::tachys::view::any_view::AnyView;

use super::Frame;
use super::names::apart;
use super::shelf::Key;
use crate::routes;
use crate::texts::fill;

/// A page as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// HTTP status.
    pub status: u16,
    /// The document.
    pub html: Html,
}

/// A document in pieces, one after the other; those that many share are not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(pub Vec<Arc<str>>);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| f.write_str(piece))
    }
}

/// Which page: its title, its parts, and whether islands come alive on it.
pub(super) struct Page {
    pub title: String,
    /// The main part, as HTML.
    pub main: String,
    /// Stands outside the main part, so that what it says is announced when it changes.
    pub toast: Option<AnyView>,
    pub status: u16,
    pub live: bool,
}

/// Renders a page. Nothing in it waits for anything, so nothing is streamed and no script is
/// needed to put it together.
pub(super) fn render(frame: &Frame, page: impl FnOnce() -> Page) -> Rendered {
    let owner = Owner::new_root(Some(Arc::new(hydration_context::SsrSharedContext::new_islands())));
    owner.with(|| {
        let page = page();
        let key = |part| Key::new(part).text(&page.title).text(&frame.path).flag(page.live);
        let head = frame.keep(key("head"), || head(frame, &page));
        let top = frame.keep(key("top"), || top(frame));
        let foot = frame.keep(key("foot"), || footer(frame));
        let (lang, dir) = (frame.language.tag(), frame.language.direction());
        let size = head.len() + top.len() + page.main.len() + foot.len() + 1024;
        let mut html = String::with_capacity(size);
        for part in [
            "<!doctype html><html lang=\"",
            lang,
            "\" dir=\"",
            dir,
            "\">",
            &*head,
            "<body>",
            &*top,
            "<main id=\"main\" tabindex=\"-1\">",
            &page.main,
            "</main>",
            &*foot,
        ] {
            html.push_str(part);
        }
        if let Some(toast) = page.toast {
            html.push_str(&super::shelf::html(toast));
        }
        html.push_str("</body></html>");
        Rendered { status: page.status, html: Html(vec![html.into()]) }
    })
}

fn head(frame: &Frame, page: &Page) -> AnyView {
    let title = format!("{} – {}", page.title, frame.notice.catalogue.controller.brand);
    let boot = frame.site.boot.filter(|_| page.live).map(routes::asset);
    view! {
        <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="referrer" content="no-referrer"/>
            <meta name="robots" content="noindex"/>
            <title>{title}</title>
            <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
            <style inner_html=frame.site.css></style>
            {boot.map(|boot| view! { <script type="module" src=boot></script> })}
        </head>
    }
    .into_any()
}

fn top(frame: &Frame) -> AnyView {
    view! {
        <a class="skip" href="#main">{frame.texts.skip}</a>
        <header class="masthead">
            <a class="brand" href=routes::CHOICES>
                <svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
                    <circle cx="14" cy="14" r="13" fill="none" stroke="currentColor" stroke-width="2"/>
                    <path d="M7 18l5-8 4 6 2-3 3 5z" fill="currentColor"/>
                </svg>
                {frame.notice.catalogue.controller.brand.clone()}
            </a>
            {languages(frame)}
        </header>
    }
    .into_any()
}

fn languages(frame: &Frame) -> impl IntoView + use<> {
    let here = frame.language;
    let item = |language: Language| {
        let href = routes::in_language(&frame.path, language);
        let current = (language == here).then_some("true");
        view! {
            <li>
                <a href=href lang=language.tag() hreflang=language.tag() aria-current=current>
                    {language.own_name()}
                </a>
            </li>
        }
    };
    let items: Vec<_> = frame.notice.catalogue.languages.iter().copied().map(item).collect();
    view! {
        <nav class="languages" aria-label=frame.texts.language>
            <details>
                <summary>
                    <span class="visually-hidden">{frame.texts.change_language}": "</span>
                    {here.own_name()}
                </summary>
                <ul>{items}</ul>
            </details>
        </nav>
    }
}

fn footer(frame: &Frame) -> impl IntoView + use<> {
    let controller = &frame.notice.catalogue.controller;
    let texts = frame.texts;
    let authority = fill(
        texts.footer_authority,
        &[("authority", &apart(frame.language, &controller.authority.name))],
    );
    let mail = format!("mailto:{}", controller.privacy_email);
    let phone = controller.privacy_phone.clone();
    let call: String = phone.chars().filter(|c| !c.is_whitespace()).collect();
    view! {
        <footer>
            <h2>{texts.footer_heading}</h2>
            <p>
                <a href=mail>{texts.footer_contact}</a>" · "
                <a href=format!("tel:{call}")><bdi dir="ltr">{phone}</bdi></a>" · "
                <a href=controller.policy_url.clone()>{texts.footer_policy}</a>" · "
                <a href=controller.authority.url.clone()>{authority}</a>
            </p>
            <p><bdi>{format!("{}, {}", controller.name, controller.address)}</bdi></p>
        </footer>
    }
}
