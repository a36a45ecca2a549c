//! Whether a system keeps the promise: its own list of its audience against what people chose.
//! Whoever is on it though they had said no is an incident, stored with its evidence.

mod audit;
mod hashes;
mod rows;

pub use audit::{Audit, Found};
pub use hashes::Hashes;
pub use rows::{Line, ListError, read};

use std::io::BufRead;
use std::sync::Arc;

use app::portal::Notice;
use domain::catalogue::System;
use domain::{Key, Target};
use tokio::sync::mpsc;

use crate::ports::{Clock, Random, new_uuid};
use crate::store::{ReconciliationRow, Store, StoreError, Tally};
use crate::vault::Vault;

/// What a check is made with.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The store.
    pub store: &'a Store,
    /// The keys.
    pub vault: &'a Vault,
    /// The notice in force.
    pub notice: &'a Arc<Notice>,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Chance.
    pub random: &'a dyn Random,
}

/// What to check.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whose audience it is.
    pub system: Key,
    /// What it is for; none for all that the system serves.
    pub target: Option<Target>,
    /// The key by which it was asked for; none at the keyboard.
    pub api_key: Option<String>,
}

/// A check was not made.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The register has no such system.
    #[error("the register has no system of that name")]
    System,
    /// The system serves nothing of the target.
    #[error("the system serves nothing of that target")]
    Target,
    /// The list can't be read.
    #[error("the list: {0}")]
    List(#[from] ListError),
    /// Whoever takes what is found can't.
    #[error("the report can't be written: {0}")]
    Report(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Under which id it is stored.
    pub id: uuid::Uuid,
    /// What it counted.
    pub tally: Tally,
}

/// The switches that an audience is for.
fn switches(
    notice: &Notice,
    system: &System,
    target: Option<&Target>,
) -> Result<Vec<Target>, ReconcileError> {
    let served = |leaf: &Target| {
        system.serves.iter().any(|wider| wider.covers(leaf))
            && target.is_none_or(|wider| wider.covers(leaf))
    };
    let switches: Vec<Target> = notice.catalogue.leaves().filter(served).collect();
    if switches.is_empty() { Err(ReconcileError::Target) } else { Ok(switches) }
}

/// Checks a list, part by part, and hands on what each part found.
///
/// # Errors
/// [`ReconcileError`]; what was found before it is stored, and the check stays unfinished.
pub async fn reconcile(
    tools: Tools<'_>,
    question: Question,
    list: impl BufRead + Send + 'static,
    mut report: impl FnMut(&[Found], Tally) -> std::io::Result<()>,
) -> Result<Outcome, ReconcileError> {
    let Question { system, target, api_key } = question;
    let known = tools.notice.catalogue.systems.iter().find(|one| one.key == system);
    let known = known.ok_or(ReconcileError::System)?;
    let switches = switches(tools.notice, known, target.as_ref())?;
    let started_at = tools.clock.now();
    let id = new_uuid(started_at, tools.random);
    let row = ReconciliationRow {
        id,
        system: system.to_string(),
        target: target.as_ref().map(ToString::to_string),
        api_key,
        started_at: started_at.0,
    };
    tools.store.insert_reconciliation(&row).await?;
    let audit =
        Audit { tools, hashes: Hashes::new(tools, &row.system), system: row.system, switches };
    let (parts, mut waiting) = mpsc::channel(2);
    let reading = tokio::task::spawn_blocking(move || read(list, &parts));
    let mut tally = Tally::default();
    while let Some(part) = waiting.recv().await {
        let found = audit.check(&part, &mut tally).await?;
        let incidents: Vec<_> = found.iter().map(|found| found.incident.clone()).collect();
        tools.store.record_incidents(id, &incidents, tally, None).await?;
        report(&found, tally)?;
    }
    let read = reading.await.map_err(|error| ListError::Read(std::io::Error::other(error)))?;
    read?;
    let finished = Some(tools.clock.now().0);
    tools.store.record_incidents(id, &[], tally, finished).await?;
    Ok(Outcome { id, tally })
}
