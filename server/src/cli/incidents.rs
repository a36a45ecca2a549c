//! `sayso reconcile list` and `sayso reconcile show`: what checks of systems' lists found.

use clap::{Args, Subcommand};
use domain::{Key, Moment};
use uuid::Uuid;

use super::{Failure, Place, say};
use crate::store::{CheckRow, Incident};
use crate::tell::rfc3339;

/// Most incidents that are read at a time.
const PAGE: i64 = 500;

/// What to read back.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List the checks that were made, newest first.
    List(List),
    /// Show a check and every broken promise that it found.
    Show(Show),
}

/// Which checks.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this system.
    #[arg(long, value_name = "NAME")]
    system: Option<Key>,
    /// Most checks to show.
    #[arg(long, value_name = "NUMBER", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    place: Place,
}

/// Which check.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its id.
    id: Uuid,
    #[command(flatten)]
    place: Place,
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::List(List { system, limit, place }) => {
                let store = place.open_store().await?;
                let system = system.as_ref().map(Key::as_str);
                let rows = store.list_reconciliations(system, None, limit.into()).await;
                let rows = rows.map_err(Failure::new)?;
                for row in &rows {
                    say(check(row));
                }
                if rows.is_empty() {
                    say("No checks.");
                }
                Ok(())
            }
            Self::Show(Show { id, place }) => show(id, &place).await,
        }
    }
}

async fn show(id: Uuid, place: &Place) -> Result<(), Failure> {
    let store = place.open_store().await?;
    let row = store.find_check(id).await.map_err(Failure::new)?;
    say(check(&row.ok_or_else(|| Failure::new("there is no such check"))?));
    let mut after = 0;
    loop {
        let page = store.list_incidents(id, after, PAGE).await.map_err(Failure::new)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.line;
        for found in &page {
            say(incident(found));
        }
    }
}

fn at(millis: i64) -> String {
    rfc3339(Moment(millis))
}

fn check(row: &CheckRow) -> String {
    let (asked, tally) = (&row.asked, row.tally);
    let target = asked.target.as_deref().unwrap_or("all that it serves");
    let end = if row.finished_at.is_some() { "" } else { ", broke off or goes on" };
    format!(
        "{} {} {target}, {}: {} lines, {} unreadable, {} unknown, {} had said no{end}",
        asked.id,
        asked.system,
        at(asked.started_at),
        tally.lines,
        tally.unreadable,
        tally.strangers,
        tally.broken,
    )
}

fn incident(found: &Incident) -> String {
    let told = match (&found.delivery, found.sent_at, found.acknowledged_at) {
        (_, _, Some(confirmed)) => format!("confirmed {}", at(confirmed)),
        (_, Some(sent), None) => format!("told {}", at(sent)),
        (Some(state), None, None) => state.clone(),
        (None, None, None) => "never told".to_owned(),
    };
    format!(
        "  line {}: {} {} since {}, entry {}, {told}",
        found.line,
        found.target,
        found.reason,
        at(found.since),
        found.position,
    )
}
