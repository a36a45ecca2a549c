//! Parts of pages that are the same for everyone in the same state, kept once rendered.
//!
//! A card depends on the register, the language and a few decisions; thousands of customers share
//! it. What is personal (the mask, the history, the status line) is never kept.

use std::sync::Arc;

use domain::Decision;
use leptos::prelude::*;
use moka::sync::Cache;

use super::Frame;
use super::shell::{Html, Rendered};

/// Most bytes of parts kept.
const PARTS: u64 = 6 << 20;
/// Most bytes of whole pages kept.
const PAGES: u64 = 12 << 20;
/// A quarter of an hour, in milliseconds. Every time zone's midnight falls on one, so two moments
/// within the same quarter are shown as the same day.
const QUARTER: i64 = 900_000;

/// What of a page stands around what is personal in it.
type Sides = Arc<[Arc<str>]>;

/// Rendered parts by what they depend on.
#[derive(Debug)]
pub struct Shelf {
    parts: Cache<Arc<[u8]>, Arc<str>>,
    pages: Cache<Arc<[u8]>, Sides>,
}

impl Default for Shelf {
    fn default() -> Self {
        let parts = Cache::builder().max_capacity(PARTS);
        let parts = parts.weigher(|key: &Arc<[u8]>, part: &Arc<str>| weight(key, part.len()));
        let pages = Cache::builder().max_capacity(PAGES);
        let pages = pages.weigher(|key: &Arc<[u8]>, sides: &Sides| {
            weight(key, sides.iter().map(|side| side.len()).sum())
        });
        Self { parts: parts.build(), pages: pages.build() }
    }
}

fn weight(key: &[u8], bytes: usize) -> u32 {
    u32::try_from(key.len() + bytes).unwrap_or(u32::MAX)
}

impl Shelf {
    fn keep(&self, key: Vec<u8>, render: impl FnOnce() -> String) -> Arc<str> {
        if let Some(kept) = self.parts.get(key.as_slice()) {
            return kept;
        }
        let made: Arc<str> = render().into();
        self.parts.insert(key.into(), Arc::clone(&made));
        made
    }

    fn keep_sides(&self, key: Vec<u8>, render: impl FnOnce() -> Sides) -> Sides {
        if let Some(kept) = self.pages.get(key.as_slice()) {
            return kept;
        }
        let made = render();
        self.pages.insert(key.into(), made.clone());
        made
    }
}

/// What a part depends on, beside the register, the language and the quarter of an hour.
pub(super) struct Key(Vec<u8>);

impl Key {
    /// The key of a part by its name.
    pub fn new(part: &str) -> Self {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(part.as_bytes());
        bytes.push(0);
        Self(bytes)
    }

    /// Adds a text.
    pub fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        self
    }

    /// Adds a yes or no.
    pub fn flag(mut self, flag: bool) -> Self {
        self.0.push(u8::from(flag));
        self
    }

    /// Adds numbers.
    pub fn numbers(mut self, numbers: &[i64]) -> Self {
        for number in numbers {
            self.0.extend_from_slice(&number.to_be_bytes());
        }
        self
    }

    /// Adds a moment that is shown as a day.
    pub fn day(mut self, moment: Option<domain::Moment>) -> Self {
        let Some(moment) = moment else { return self.flag(false) };
        self = self.flag(true);
        self.0.extend_from_slice(&moment.0.div_euclid(QUARTER).to_be_bytes());
        self
    }

    /// Adds all that a page shows of a decision.
    pub fn decision(self, decision: Option<&Decision>) -> Self {
        let Some(decision) = decision else { return self.flag(false) };
        let mut with = self.flag(true);
        with.0.push(decision.reason as u8);
        with.flag(decision.allowed).day(decision.since).day(decision.until)
    }
}

impl Frame {
    /// A part of a page, rendered once for all who share its key.
    pub(super) fn keep<V: IntoView>(&self, key: Key, view: impl FnOnce() -> V) -> Arc<str> {
        let Key(mut bytes) = key.day(Some(self.now)).text(self.language.tag());
        bytes.extend_from_slice(&self.notice.number.0.to_be_bytes());
        self.shelf.keep(bytes, || html(view()))
    }
}

/// Stands for what is personal while a page is rendered to be kept: for private use in Unicode,
/// and in no text of a catalogue.
pub(super) const PERSONAL: &str = "\u{e000}";

impl Frame {
    /// A whole page that is the same for everyone, rendered once.
    pub(super) fn keep_page(&self, name: &str, page: impl FnOnce() -> Rendered) -> Rendered {
        let Key(mut bytes) =
            Key::new(name).text(&self.path).day(Some(self.now)).text(self.language.tag());
        bytes.extend_from_slice(&self.notice.number.0.to_be_bytes());
        let html = self.shelf.keep(bytes, || page().html.to_string());
        Rendered { status: 200, html: Html(vec![html]) }
    }

    /// A whole page that is the same for all who share its key, but for some pieces of HTML. It is
    /// rendered with [`PERSONAL`] in their places.
    pub(super) fn keep_page_around<const N: usize>(
        &self,
        key: Key,
        personal: [Option<Arc<str>>; N],
        page: impl FnOnce() -> Rendered,
    ) -> Rendered {
        let key = personal.iter().fold(key.text(&self.path), |key, one| key.flag(one.is_some()));
        let Key(mut bytes) = key.day(Some(self.now)).text(self.language.tag());
        bytes.extend_from_slice(&self.notice.number.0.to_be_bytes());
        let sides = self
            .shelf
            .keep_sides(bytes, || page().html.to_string().split(PERSONAL).map(Arc::from).collect());
        let mut pieces = Vec::with_capacity(2 * N + 1);
        let mut personal = personal.into_iter().flatten();
        for side in &*sides {
            pieces.push(Arc::clone(side));
            pieces.extend(personal.next());
        }
        pieces.retain(|piece| !piece.is_empty());
        Rendered { status: 200, html: Html(pieces) }
    }
}

/// A view as text.
pub(super) fn html(view: impl IntoView) -> String {
    view.into_view().to_html()
}
