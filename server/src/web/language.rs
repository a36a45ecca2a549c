//! Which language a page speaks: by link, by cookie, by `Accept-Language`, by the business.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use domain::Language;
use domain::catalogue::Catalogue;

/// The cookie that keeps a chosen language; it holds a language tag and nothing else.
const COOKIE: &str = "__Host-language";

/// A page's language, and whether a link asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub language: Language,
    pub by_link: bool,
}

/// Chooses among the languages of the register.
pub(super) fn choose(
    uri: &Uri,
    headers: &HeaderMap,
    catalogue: &Catalogue,
    on_file: Option<Language>,
) -> Chosen {
    let offered = |language: &Language| catalogue.languages.contains(language);
    if let Some(language) = by_link(uri).filter(offered) {
        return Chosen { language, by_link: true };
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|field| field.to_str().ok());
    let language = by_cookie(headers)
        .filter(offered)
        .or_else(|| on_file.filter(offered))
        .or_else(|| Language::for_header(accepted?, &catalogue.languages))
        .or_else(|| catalogue.languages.first().copied())
        .unwrap_or(Language::English);
    Chosen { language, by_link: false }
}

fn by_link(uri: &Uri) -> Option<Language> {
    let pairs = uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("language=")).find_map(|tag| tag.parse().ok())
}

fn by_cookie(headers: &HeaderMap) -> Option<Language> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    fields
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .find_map(|tag| tag.parse().ok())
}

/// Keeps a language for a year.
pub(super) fn keep(headers: &mut HeaderMap, language: Language) {
    let cookie =
        format!("{COOKIE}={language}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}
