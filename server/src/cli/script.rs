//! `sayso script`.

use std::path::PathBuf;
use std::sync::Arc;

use app::page::{Frame, Signal, Site, letter_text, script_text};
use app::portal::Notice;
use app::routes;
use app::texts::Texts;
use clap::{Args, ValueEnum};
use domain::catalogue::parse;
use domain::{Language, Moment, NoticeNumber, Rulebook};
use jiff::tz::TimeZone;

use super::{Failure, Place, say};
use crate::notices::Notices;
use crate::ports::{Clock, SystemClock};

/// How somebody is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Manner {
    /// What to say in a call.
    #[default]
    Phone,
    /// A letter that answers a letter.
    Post,
}

/// Options of `sayso script`.
#[derive(Debug, Args)]
pub struct Script {
    /// Its language: en, zh-Hans, es, de, fr or ar [default: the register's first].
    #[arg(long, value_name = "TAG")]
    language: Option<Language>,
    /// phone for what to say in a call, post for a letter that answers a letter.
    #[arg(long, value_enum, default_value_t)]
    manner: Manner,
    /// Make it from this catalogue file instead of the notice in force.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Address that customers use (https://…).
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:3000",
        env = "SAYSO_BASE_URL"
    )]
    base_url: String,
    #[command(flatten)]
    place: Place,
}

impl Script {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let now = SystemClock.now();
        let notice = self.notice(now).await?;
        let languages = &notice.catalogue.languages;
        let language = self.language.or_else(|| languages.first().copied());
        let language =
            language.filter(|language| languages.contains(language)).ok_or_else(|| {
                let tags: Vec<_> = languages.iter().map(|language| language.tag()).collect();
                Failure::usage(format!("the register speaks {}", tags.join(", ")))
            })?;
        let base = self.base_url.trim_end_matches('/');
        let host = base.split_once("://").map_or(base, |(_, rest)| rest);
        let url = format!("{host}{}", routes::CHOICES);
        let frame = frame(notice, language, now);
        say(match self.manner {
            Manner::Phone => script_text(&frame, &url),
            Manner::Post => letter_text(&frame, &url),
        });
        Ok(())
    }

    async fn notice(&self, now: Moment) -> Result<Arc<Notice>, Failure> {
        let Some(file) = &self.catalogue else {
            let store = self.place.open_store().await?;
            let notices = Notices::load(store.clone()).await.map_err(Failure::new)?;
            store.close().await;
            return Ok(notices.current());
        };
        let catalogue = parse(&super::catalogue::read(file)?).map_err(|problems| {
            Failure::new(format!(
                "the catalogue has {} problems; see `sayso catalogue check`",
                problems.len()
            ))
        })?;
        let rules = Rulebook::new(&catalogue);
        let number = NoticeNumber(0);
        Ok(Arc::new(Notice { number, catalogue, rules, published_at: now }))
    }
}

fn frame(notice: Arc<Notice>, language: Language, now: Moment) -> Frame {
    let zone = TimeZone::get(&notice.catalogue.controller.time_zone).unwrap_or(TimeZone::UTC);
    Frame {
        language,
        texts: Texts::of(language),
        zone,
        notice,
        now,
        site: Site { css: "", boot: None },
        shelf: Arc::default(),
        path: String::new(),
        receipts: false,
        signal: Signal::default(),
    }
}
