//! From a question to an answer.

use std::sync::Arc;

use app::portal::Notice;
use domain::decision::Standpoint;
use domain::gpp::{UsNational, asked_by_browser};
use domain::rulebook::Matter;
use domain::{Decision, Moment, NoticeNumber, PersonId, Position, Target};

use super::Subject;
use crate::index::{Held, Prefix, Table, prefix};
use crate::service::Service;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

/// Questions whose people are looked up together: what they need has room in the processor's
/// nearest cache.
const BLOCK: usize = 128;

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Allow or deny, and why.
    pub decision: Decision,
    /// The notice it was decided under.
    pub notice: NoticeNumber,
    /// The newest ledger entry that was taken into account, of anybody.
    pub position: Position,
    /// The person whose choices decided, if anybody is known by the identifier.
    pub person: Option<PersonId>,
}

/// What questions of one moment are judged by.
#[derive(Clone)]
pub struct Judge<'a> {
    notice: Arc<Notice>,
    vault: &'a Vault,
    now: Moment,
    position: Position,
}

impl<'a> Judge<'a> {
    /// Judges by a notice at a moment, in the knowledge of the ledger up to `position`.
    #[must_use]
    pub const fn new(
        notice: Arc<Notice>,
        vault: &'a Vault,
        now: Moment,
        position: Position,
    ) -> Self {
        Self { notice, vault, now, position }
    }

    /// The country where phone numbers without a country code are read.
    #[must_use]
    pub fn home(&self) -> &str {
        &self.notice.catalogue.controller.country
    }

    /// The notice.
    #[must_use]
    pub fn notice(&self) -> &Notice {
        &self.notice
    }

    /// Decides for whoever is known by an identifier, as a table has them. Where several people
    /// share one, a no of any of them holds: the message would reach them too.
    #[must_use]
    pub fn decide(&self, table: &Table, subject: &Subject, target: &Target) -> Verdict {
        let mut known = Vec::new();
        self.prefixes(subject, &mut known);
        self.among(table, &known, &self.notice.rules.find(target))
    }

    /// Decides each of many questions as [`Judge::decide`] does, in the same order, but waits for
    /// memory together for many.
    #[must_use]
    pub fn decide_all(&self, table: &Table, asked: &[(&Subject, &Target)]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(asked.len());
        let Some((_, first)) = asked.first() else { return verdicts };
        let (mut last, mut matter) = (*first, self.notice.rules.find(first));
        let (mut known, mut ends) = (Vec::new(), Vec::with_capacity(BLOCK));
        for block in asked.chunks(BLOCK) {
            known.clear();
            ends.clear();
            for (subject, _) in block {
                self.prefixes(subject, &mut known);
                ends.push(known.len());
            }
            table.fetch(&known);
            let mut start = 0;
            for ((_, target), end) in block.iter().zip(&ends) {
                if *target != last {
                    (last, matter) = (*target, self.notice.rules.find(target));
                }
                verdicts.push(self.among(table, &known[start..*end], &matter));
                start = *end;
            }
        }
        verdicts
    }

    /// The same for all that counts as sale or sharing, as the advertising industry writes it.
    #[must_use]
    pub fn gpp(&self, table: &Table, subject: &Subject) -> UsNational {
        let mut known = Vec::new();
        self.prefixes(subject, &mut known);
        let mut held = known.iter().flat_map(|prefix| table.known_by(prefix));
        let gpc = held.any(|held| asked_by_browser(&held));
        let allowed = |share: &Target| self.decide(table, subject, share).decision.allowed;
        UsNational::of(&self.notice.catalogue, allowed, gpc)
    }

    /// Adds the starts of the hashes of an identifier under every key.
    fn prefixes(&self, subject: &Subject, known: &mut Vec<Prefix>) {
        let digests = self.vault.digests(subject.kind(), subject.normal());
        known.extend(digests.map(|digest| prefix(&digest)));
    }

    /// Decides among all who are known by any of these.
    fn among(&self, table: &Table, known: &[Prefix], matter: &Matter<'_>) -> Verdict {
        let mut verdict: Option<Verdict> = None;
        for held in known.iter().flat_map(|prefix| table.known_by(prefix)) {
            let next = self.one(&held, matter);
            let stronger =
                verdict.is_none_or(|so_far| so_far.decision.allowed && !next.decision.allowed);
            if stronger {
                verdict = Some(next);
            }
        }
        verdict.unwrap_or_else(|| self.one(&Held::NOBODY, matter))
    }

    fn one(&self, held: &Held<'_>, matter: &Matter<'_>) -> Verdict {
        let standpoint: Standpoint = held.standpoint();
        Verdict {
            decision: matter.decide(held, standpoint, self.now),
            notice: self.notice.number,
            // What this process wrote is in the table before the table has followed up to it.
            position: self.position.max(held.version()),
            person: held.person(),
        }
    }
}

impl Service {
    /// Answers questions about these people, all of one moment: `answer` gets what they are judged
    /// by, and a table that holds whoever of them is known. It is the index where that can vouch
    /// for itself, otherwise the database is read.
    ///
    /// # Errors
    /// [`StoreError`] when neither can be asked: then nothing is allowed.
    pub async fn judge<T>(
        &self,
        subjects: &[&Subject],
        answer: impl FnOnce(&Judge<'_>, &Table) -> T,
    ) -> Result<T, StoreError> {
        let judge = |position| {
            let (notice, now) = (self.notices.current(), self.clock.now());
            Judge::new(notice, &self.vault, now, position)
        };
        // Read before the table, so that it never claims more than was taken into account.
        let position = self.index.position();
        if let Some(table) = self.index.everyone() {
            return Ok(answer(&judge(position), &table));
        }
        let reached = self.store.find_reached().await?;
        let digests: Vec<Vec<u8>> = subjects
            .iter()
            .flat_map(|subject| self.vault.digests(subject.kind(), subject.normal()))
            .map(|digest| digest.to_vec())
            .collect();
        let table = table_of(&self.store, &digests).await?;
        Ok(answer(&judge(reached.position), &table))
    }

    /// Answers one question.
    ///
    /// # Errors
    /// [`StoreError`] when nothing can be known: then nothing is allowed.
    pub async fn decide(&self, subject: &Subject, target: &Target) -> Result<Verdict, StoreError> {
        self.judge(&[subject], |judge, table| judge.decide(table, subject, target)).await
    }
}

/// Those known by any of these hashes, read from the database.
pub async fn table_of(store: &Store, digests: &[Vec<u8>]) -> Result<Table, StoreError> {
    let mut people = Vec::new();
    for part in digests.chunks(500) {
        people.extend(store.list_people_by_digest(part).await?);
    }
    people.sort_unstable();
    people.dedup();
    Ok(Table::of(&store.list_portraits_of(&people).await?))
}
