//! The notice in force, and those before it.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use app::portal::Notice;
use domain::catalogue::{Problem, parse};
use domain::{Moment, NoticeNumber, Rulebook};
use sha2::{Digest, Sha256};

use crate::store::{NoticeRow, Store, StoreError};

/// A notice can't be read or published.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// Nothing was published yet.
    #[error("no catalogue is published yet; publish one with `sayso catalogue publish FILE`")]
    None,
    /// The catalogue has problems.
    #[error("the catalogue has {} problems", .0.len())]
    Problems(Vec<Problem>),
    /// The text is that of a notice that another has replaced: it would not come into force again.
    #[error(
        "this text is that of notice {0}, which was replaced since; to go back to it, change \
         something in it, such as a comment, and publish it as a new one"
    )]
    Replaced(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Published notices, kept once read: they never change.
pub struct Notices {
    store: Store,
    current: RwLock<Arc<Notice>>,
    known: RwLock<HashMap<NoticeNumber, Arc<Notice>>>,
}

impl Notices {
    /// Loads the newest notice.
    ///
    /// # Errors
    /// [`NoticeError::None`] when nothing was published.
    pub async fn load(store: Store) -> Result<Self, NoticeError> {
        let number = store.find_latest_notice_number().await?.ok_or(NoticeError::None)?;
        let row = store.find_notice(number).await?.ok_or(NoticeError::None)?;
        let notice = Arc::new(read(row)?);
        let known = RwLock::new(HashMap::from([(notice.number, Arc::clone(&notice))]));
        Ok(Self { store, current: RwLock::new(notice), known })
    }

    /// The notice in force.
    #[must_use]
    pub fn current(&self) -> Arc<Notice> {
        Arc::clone(&self.current.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// A notice by number.
    ///
    /// # Errors
    /// [`NoticeError`] when it can't be read.
    pub async fn find(&self, number: NoticeNumber) -> Result<Option<Arc<Notice>>, NoticeError> {
        let kept = |known: &HashMap<_, _>| known.get(&number).map(Arc::clone);
        let found = kept(&self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner));
        if found.is_some() {
            return Ok(found);
        }
        let Some(row) = self.store.find_notice(number.0).await? else { return Ok(None) };
        let notice = Arc::new(read(row)?);
        let mut known = self.known.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.insert(number, Arc::clone(&notice));
        Ok(Some(notice))
    }

    /// Takes up a notice that somebody published meanwhile.
    ///
    /// # Errors
    /// [`NoticeError`] when it can't be read; the one before stays in force.
    pub async fn refresh(&self) -> Result<(), NoticeError> {
        let latest = self.store.find_latest_notice_number().await?.map(NoticeNumber);
        if latest.is_none_or(|number| number == self.current().number) {
            return Ok(());
        }
        if let Some(notice) = self.find(latest.unwrap_or(NoticeNumber(0))).await? {
            *self.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = notice;
        }
        Ok(())
    }
}

/// Checks a catalogue file and stores it as the next notice; the text in force keeps its number.
///
/// # Errors
/// Every problem of the file, [`NoticeError::Replaced`], or the database's.
pub async fn publish(store: &Store, source: &str, now: Moment) -> Result<i64, NoticeError> {
    let catalogue = parse(source).map_err(NoticeError::Problems)?;
    jiff::tz::TimeZone::get(&catalogue.controller.time_zone).map_err(|_| {
        let reason = format!("time_zone `{}` is unknown", catalogue.controller.time_zone);
        let line =
            1 + source.lines().position(|line| line.trim().starts_with("time_zone")).unwrap_or(0);
        NoticeError::Problems(vec![Problem { line, reason }])
    })?;
    let hash = Sha256::digest(source).to_vec();
    let row = NoticeRow { number: 0, hash, source: source.to_owned(), published_at: now.0 };
    let (number, is_newest) = store.insert_notice(&row).await?;
    if is_newest { Ok(number) } else { Err(NoticeError::Replaced(number)) }
}

fn read(row: NoticeRow) -> Result<Notice, NoticeError> {
    let NoticeRow { number, source, published_at, .. } = row;
    let catalogue = parse(&source).map_err(NoticeError::Problems)?;
    Ok(Notice {
        number: NoticeNumber(number),
        rules: Rulebook::new(&catalogue),
        catalogue,
        published_at: Moment(published_at),
    })
}
