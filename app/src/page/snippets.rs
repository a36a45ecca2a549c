//! The texts of the link kit, each ready to be copied.

use domain::{Channel, Language};
use leptos::prelude::*;

use super::Frame;
use super::kit::Kit;
use crate::routes;
use crate::texts::fill;
use crate::texts::letters::Letters;

/// The icon that California's rules put beside the link (11 CCR 7013, 7015): a pill, one side with
/// a tick, the other with a cross. Drawn for Sayso.
pub const OPT_OUT_ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"30\" \
    height=\"15\" viewBox=\"0 0 30 15\" aria-hidden=\"true\"><rect x=\".75\" y=\".75\" width=\"28.5\" \
    height=\"13.5\" rx=\"6.75\" fill=\"#fff\" stroke=\"#06c\" stroke-width=\"1.5\"/>\
    <path d=\"M17.6.75h4.9a6.75 6.75 0 0 1 0 13.5h-9.2z\" fill=\"#06c\"/>\
    <path d=\"M5.2 7.9l2.4 2.6 4.6-5.7\" fill=\"none\" stroke=\"#06c\" stroke-width=\"1.7\" \
    stroke-linecap=\"round\" stroke-linejoin=\"round\"/><path d=\"M19.4 4.9l5.2 5.2m0-5.2l-5.2 5.2\" \
    stroke=\"#fff\" stroke-width=\"1.7\" stroke-linecap=\"round\"/></svg>";

/// How each mailer writes a field of the person it sends to, here the field "SAYSO".
const MAILERS: [(&str, &str); 8] = [
    ("Mailchimp", "*|SAYSO|*"),
    ("Brevo", "{{ contact.SAYSO }}"),
    ("HubSpot", "{{ contact.sayso }}"),
    ("Klaviyo", "{{ person|lookup:'sayso' }}"),
    ("Mautic", "{contactfield=sayso}"),
    ("listmonk", "{{ .Subscriber.Attribs.sayso }}"),
    ("SendGrid", "{{sayso}}"),
    ("Salesforce Marketing Cloud", "%%sayso%%"),
];

/// A text to copy: one click selects all of it, with or without a script.
fn snippet(label: impl Into<String>, language: Option<Language>, text: String) -> AnyView {
    let (lang, dir) = language.map_or((None, "ltr"), |l| (Some(l.tag()), "auto"));
    view! {
        <figure>
            <figcaption>{label.into()}</figcaption>
            <pre tabindex="0" lang=lang dir=dir>{text}</pre>
        </figure>
    }
    .into_any()
}

fn languages(frame: &Frame) -> impl Iterator<Item = Language> + '_ {
    frame.notice.catalogue.languages.iter().copied()
}

fn choices(kit: &Kit, language: Language) -> String {
    format!("{}{}", kit.base_url, routes::in_language(routes::CHOICES, language))
}

pub(super) fn website(frame: &Frame, kit: &Kit) -> AnyView {
    let footer = |language: Language| {
        let (tag, text) = (language.tag(), Letters::of(language).kit_choices);
        let href = choices(kit, language);
        let link = format!("<a href=\"{href}\" hreflang=\"{tag}\" lang=\"{tag}\">{text}</a>");
        snippet(language.own_name(), None, link)
    };
    let footers: Vec<_> = languages(frame).map(footer).collect();
    let text = Letters::of(Language::English).kit_choices;
    let href = choices(kit, Language::English);
    let icon = format!("<a href=\"{href}\">{OPT_OUT_ICON} {text}</a>");
    view! {
        <section aria-labelledby="website-h">
            <h2 id="website-h">"On your website"</h2>
            <h3>"“Your Privacy Choices” with the icon"</h3>
            <p class="hint">
                "For visitors from California: these very words, the icon beside them, about as large as the \
                 page’s other icons (11 CCR 7013, 7015)."
            </p>
            <p class="sample"><a href=href><span inner_html=OPT_OUT_ICON></span>" "{text}</a></p>
            {snippet("With the icon", None, icon)}
            <h3>"Footer links"</h3>
            {footers}
            <h3>"QR code of the choices page"</h3>
            <div class="qr" role="img" aria-label="QR code of the choices page" inner_html=kit.qr.clone()></div>
            {snippet("As SVG", None, kit.qr.clone())}
        </section>
    }
    .into_any()
}

pub(super) fn mailings(frame: &Frame, kit: &Kit) -> AnyView {
    let catalogue = &frame.notice.catalogue;
    let by_email = catalogue
        .topics
        .iter()
        .filter(|topic| topic.channels.iter().any(|rule| rule.channel == Channel::Email));
    let headers: Vec<_> = by_email
        .map(|topic| {
            let path = routes::unsubscribe("TOKEN", &topic.key, Channel::Email);
            let fields = format!(
                "List-Unsubscribe: <{}{path}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
                kit.base_url
            );
            snippet(topic.label.get(Language::English), None, fields)
        })
        .collect();
    let tags: Vec<_> = MAILERS
        .iter()
        .map(|(mailer, tag)| {
            let text = Letters::of(Language::English).kit_choices;
            snippet(*mailer, None, format!("<a href=\"{tag}\">{text}</a>"))
        })
        .collect();
    let words: Vec<_> = languages(frame)
        .map(|language| {
            let words = Letters::of(language);
            let text = format!("{} · {}", words.kit_unsubscribe, words.kit_choices);
            snippet(language.own_name(), Some(language), text)
        })
        .collect();
    view! {
        <section aria-labelledby="mailings-h">
            <h2 id="mailings-h">"In your mailings"</h2>
            <h3>"Headers"</h3>
            <p class="hint">
                "Both, in every message, covered by the DKIM signature (RFC 8058). TOKEN is what stands \
                 behind /c/ in the person’s link."
            </p>
            {headers}
            <h3>"Merge tags"</h3>
            <p class="hint">
                "Load the column “link” of "<code>"sayso links export"</code>" into a field named SAYSO; then \
                 each mailer writes the person’s own link like this."
            </p>
            {tags}
            <h3>"Words for the links"</h3>
            {words}
        </section>
    }
    .into_any()
}

pub(super) fn letters(frame: &Frame, kit: &Kit) -> AnyView {
    let bare = kit.base_url.split_once("://").map_or(&*kit.base_url, |(_, rest)| rest);
    let url = format!("{bare}{}", routes::GO);
    let sentences: Vec<_> = languages(frame)
        .map(|language| {
            let values = [("url", &*url), ("code", "SHORT_CODE")];
            let text = fill(Letters::of(language).kit_letter, &values);
            snippet(language.own_name(), Some(language), text)
        })
        .collect();
    let papers: Vec<_> = languages(frame)
        .map(|language| {
            let form = routes::in_language(routes::FORM, language);
            let script = routes::in_language(routes::SCRIPT, language);
            let tag = language.tag();
            view! {
                <li>
                    <bdi lang=tag>{language.own_name()}</bdi>": "
                    <a href=form hreflang=tag>"form"</a>", "<a href=script hreflang=tag>"script"</a>
                </li>
            }
        })
        .collect();
    view! {
        <section aria-labelledby="letters-h">
            <h2 id="letters-h">"In letters and on the phone"</h2>
            <p class="hint">
                "SHORT_CODE is the column of that name of "
                <code>"sayso links export --mailing NAME"</code>"."
            </p>
            {sentences}
            <h3>"A form to post, and what to say on the phone"</h3>
            <ul>{papers}</ul>
        </section>
    }
    .into_any()
}

pub(super) fn policy(frame: &Frame, kit: &Kit) -> AnyView {
    let sentences: Vec<_> = languages(frame)
        .map(|language| {
            let text = Letters::of(language).kit_policy;
            let text = format!("{text} {}", choices(kit, language));
            snippet(language.own_name(), Some(language), text)
        })
        .collect();
    view! {
        <section aria-labelledby="policy-h">
            <h2 id="policy-h">"In your privacy policy"</h2>
            {sentences}
        </section>
    }
    .into_any()
}
