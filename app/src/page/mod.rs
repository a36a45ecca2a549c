//! Pages. Each is rendered from what the portal answered, in one go and without JavaScript.

mod choices;
mod code;
mod confirm;
mod error;
mod exceptions;
mod form;
mod go;
mod history;
mod kit;
mod marketing;
pub mod names;
mod notice;
mod now;
mod practice;
mod progress;
mod receipt;
mod record;
mod script;
mod sharing;
mod shelf;
mod shell;
mod signal;
mod snippets;
mod switch;
mod toast;
mod undo;
mod unsubscribe;
mod verify;

use std::sync::Arc;

use domain::{Language, Moment};
use jiff::tz::TimeZone;

use crate::portal::Notice;
use crate::texts::Texts;

pub use choices::{State, choices};
pub use code::code;
pub use confirm::confirm;
pub use error::{Trouble, trouble};
pub use form::form;
pub use go::{Try, go};
pub use kit::{Check, Kit, kit};
pub use notice::notice;
pub use practice::practice;
pub use receipt::{Receipt, receipt};
pub use record::{record, record_json};
pub use script::{letter_text, script, script_text};
pub use shelf::Shelf;
pub use shell::{Html, Rendered};
pub use signal::Signal;
pub use snippets::OPT_OUT_ICON;
pub use undo::undo;
pub use unsubscribe::unsubscribe;
pub use verify::{How, Told, Verdict, Wrong, verify};

/// Files that a page refers to.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The stylesheet, put into the page: one round trip and it is usable.
    pub css: &'static str,
    /// The file that loads the islands, if the site was built with them.
    pub boot: Option<&'static str>,
}

/// What every page is made with.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// The texts of that language.
    pub texts: &'static Texts,
    /// The business's time zone.
    pub zone: TimeZone,
    /// The notice in force.
    pub notice: Arc<Notice>,
    /// The time.
    pub now: Moment,
    /// Files of the site.
    pub site: Site,
    /// Parts that were rendered before.
    pub shelf: Arc<Shelf>,
    /// Whether there is a key to sign receipts with.
    pub receipts: bool,
    /// The page's own path, for the links to its other languages.
    pub path: String,
    /// What the browser says of sale and sharing.
    pub signal: Signal,
}

impl Frame {
    /// Where a form posts to; it says in which language it was read.
    #[must_use]
    pub fn act(&self, action: &str) -> String {
        crate::routes::in_language(action, self.language)
    }

    /// What stands between two sentences.
    #[must_use]
    pub fn gap(&self) -> &'static str {
        if self.language == Language::Chinese { "" } else { " " }
    }

    /// A day as this page writes it.
    #[must_use]
    pub fn date(&self, moment: Moment) -> String {
        crate::texts::date(self.language, moment, &self.zone)
    }

    /// A day and minute as this page writes them.
    #[must_use]
    pub fn date_time(&self, moment: Moment) -> String {
        crate::texts::date_time(self.language, moment, &self.zone)
    }
}
