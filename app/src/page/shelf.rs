//! Parts of pages that are the same for everyone in the same state, kept once rendered.
//!
//! A card depends on the register, the language and a few decisions; thousands of customers share
//! it. What is personal (the mask, the history, the status line) is never kept.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::Decision;
use leptos::prelude::*;

use super::Frame;
use super::shell::Rendered;

/// Most parts kept: some six megabytes.
const MOST: usize = 4096;
/// A quarter of an hour, in milliseconds. Every time zone's midnight falls on one, so two moments
/// within the same quarter are shown as the same day.
const QUARTER: i64 = 900_000;

/// Rendered parts by what they depend on.
#[derive(Debug, Default)]
pub struct Shelf(RwLock<HashMap<Vec<u8>, Arc<str>>>);

impl Shelf {
    fn keep(&self, key: Vec<u8>, render: impl FnOnce() -> String) -> Arc<str> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).map(Arc::clone);
        if let Some(kept) = kept {
            return kept;
        }
        let made: Arc<str> = render().into();
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&made));
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

    /// Adds a moment that is shown as a day.
    pub fn day(mut self, moment: Option<domain::Moment>) -> Self {
        let quarter = moment.map_or(i64::MIN, |moment| moment.0.div_euclid(QUARTER));
        self.0.extend_from_slice(&quarter.to_be_bytes());
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

impl Frame {
    /// A whole page that is the same for everyone, rendered once.
    pub(super) fn keep_page(&self, name: &str, page: impl FnOnce() -> Rendered) -> Rendered {
        let Key(mut bytes) =
            Key::new(name).text(&self.path).day(Some(self.now)).text(self.language.tag());
        bytes.extend_from_slice(&self.notice.number.0.to_be_bytes());
        let html = self.shelf.keep(bytes, || page().html.as_ref().to_owned());
        Rendered { status: 200, html }
    }
}

/// A view as text.
pub(super) fn html(view: impl IntoView) -> String {
    view.into_view().to_html()
}
