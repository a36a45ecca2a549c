//! Comparing a ledger with a head that somebody kept.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Position;
use domain::ledger::{GENESIS, Link};

use super::daily::signed_head;
use super::head::{SignedHead, read_date};
use crate::store::{Store, StoreError};

/// Heads read at a time.
const PART: i64 = 1_000;

/// The ledger's past is not what it was when the head was published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rewritten {
    /// It ends before the head.
    #[error("the ledger ends at entry {last}, but the head of {date} names entry {position}")]
    Shorter {
        /// The last entry.
        last: i64,
        /// The head's entry.
        position: i64,
        /// The head's day.
        date: String,
    },
    /// The past was rewritten: the chain fits itself and not the head.
    #[error(
        "the past was rewritten: the ledger does not lead to the head of {date}; the first entry that differs is {}",
        between(*after, *until)
    )]
    Other {
        /// The day of the first head that it does not lead to.
        date: String,
        /// The last entry that a head vouches for.
        after: i64,
        /// The entry of the first head that it does not lead to.
        until: i64,
    },
}

fn between(after: i64, until: i64) -> String {
    if after + 1 == until {
        format!("entry {until}")
    } else {
        format!("one of the entries {} to {until}", after + 1)
    }
}

/// What the ledger must lead to: a kept head, and the days before it for which that head vouches by
/// its chain. Whoever rewrote the past could rewrite the stored heads too, but not so that they
/// still lead to the one that was kept.
#[derive(Clone, Debug)]
pub struct Milestones {
    /// By position: the hash there and the day it was published for.
    due: BTreeMap<i64, (String, String)>,
    /// The last position that was as it should be.
    good: i64,
    wrong: Option<Rewritten>,
}

impl Milestones {
    /// The head and what it vouches for.
    ///
    /// # Errors
    /// [`StoreError`] when the stored heads can't be read.
    pub async fn up_to(store: &Store, head: &SignedHead) -> Result<Self, StoreError> {
        let mut stored: Vec<SignedHead> = Vec::new();
        let mut from = domain::Moment(i64::MIN);
        let end = read_date(&head.date);
        loop {
            let rows = store.list_published_heads(from, PART).await?;
            let Some(last) = rows.last() else { break };
            from = last.day.plus(1);
            stored.extend(
                rows.iter().filter(|row| end.is_some_and(|end| row.day < end)).map(signed_head),
            );
        }
        let mut vouched = vec![head.clone()];
        for earlier in stored.into_iter().rev() {
            let known = vouched.last().and_then(|later| later.previous.as_ref());
            if known != Some(&earlier.digest()) {
                break;
            }
            vouched.push(earlier);
        }
        let mut milestones = Self { due: BTreeMap::new(), good: 0, wrong: None };
        // Of several days with the same newest entry the first one stays.
        for head in vouched {
            milestones.due.insert(head.position, (head.hash, head.date));
        }
        milestones.pass(Position(0), &GENESIS);
        Ok(milestones)
    }

    /// Takes the next entry's link.
    pub fn pass(&mut self, position: Position, link: &Link) {
        let Some((hash, date)) = self.due.remove(&position.0) else { return };
        if self.wrong.is_some() {
            return;
        }
        if hash == URL_SAFE_NO_PAD.encode(link) {
            self.good = position.0;
        } else {
            self.wrong = Some(Rewritten::Other { date, after: self.good, until: position.0 });
        }
    }

    /// What the whole ledger came to.
    ///
    /// # Errors
    /// [`Rewritten`].
    pub fn finish(self, last: Position) -> Result<(), Rewritten> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        match self.due.into_iter().next() {
            None => Ok(()),
            Some((position, (_, date))) => Err(Rewritten::Shorter { last: last.0, position, date }),
        }
    }
}
