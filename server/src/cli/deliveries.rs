//! `sayso deliveries`.

use clap::{Args, Subcommand, ValueEnum};
use domain::Moment;
use domain::delivery::{PACE_DAYS, State, is_overdue, pace};
use domain::moment::DAY;
use uuid::Uuid;

use super::{Failure, Place, say};
use crate::notices::Notices;
use crate::ports::{Clock, SystemClock};
use crate::store::{DeliveryFilter, DeliveryRow, OpenDeliveries, Store};

/// Tasks with deliveries: choices on their way to systems.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Tell by system how much is on its way, late or failed, and how long confirmations take.
    Status {
        #[command(flatten)]
        place: Place,
    },
    /// List deliveries, oldest choice first.
    List(List),
    /// Let deliveries be told again: one by its id, or every unconfirmed one of a range.
    Replay(Chosen),
    /// Note that a system obeys: one delivery by its id, or every one of a range.
    Acknowledge(Chosen),
}

/// A range of deliveries.
#[derive(Debug, Args)]
struct Range {
    /// Only of this system.
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// Only in this state.
    #[arg(long, value_enum)]
    state: Option<Word>,
    /// Only those that should have been confirmed.
    #[arg(long)]
    overdue: bool,
    /// Only of choices from this ledger position on.
    #[arg(long, value_name = "POSITION")]
    from: Option<i64>,
    /// Only of choices up to this ledger position.
    #[arg(long, value_name = "POSITION")]
    to: Option<i64>,
}

/// Options of `sayso deliveries list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    range: Range,
    /// Most that are listed.
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    limit: u32,
    #[command(flatten)]
    place: Place,
}

/// One delivery or a range.
#[derive(Debug, Args)]
pub struct Chosen {
    /// The delivery, as the list shows it.
    id: Option<Uuid>,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    place: Place,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Word {
    /// Waits for its next try, or to be fetched.
    Queued,
    /// Taken, not confirmed.
    Sent,
    /// Confirmed.
    Acknowledged,
    /// Every try failed.
    Failed,
}

impl From<Word> for State {
    fn from(word: Word) -> Self {
        match word {
            Word::Queued => Self::Queued,
            Word::Sent => Self::Sent,
            Word::Acknowledged => Self::Acknowledged,
            Word::Failed => Self::Failed,
        }
    }
}

impl Range {
    fn filter(self, now: Moment) -> DeliveryFilter {
        DeliveryFilter {
            ids: None,
            failure: None,
            system: self.system,
            state: self.state.map(State::from),
            overdue_at: self.overdue.then_some(now.0),
            from: self.from,
            to: self.to,
            unconfirmed: false,
            up_to_turn: None,
        }
    }
}

impl Chosen {
    /// What is meant; everything is never meant by saying nothing.
    fn filter(self, now: Moment) -> Result<DeliveryFilter, Failure> {
        let single = self.id;
        let mut filter = self.range.filter(now);
        if single.is_none() && filter == DeliveryFilter::default() {
            return Err(Failure::usage(
                "name a delivery by its id, or a range by --system, --state, --overdue, --from or --to",
            ));
        }
        filter.unconfirmed = single.is_none();
        filter.ids = single.map(|id| vec![id]);
        Ok(filter)
    }
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let now = SystemClock.now();
        match self {
            Self::Status { place } => status(&place.open_store().await?, now).await,
            Self::List(List { range, limit, place }) => {
                let store = place.open_store().await?;
                list(&store, &range.filter(now), i64::from(limit), now).await
            }
            Self::Replay(some) => {
                let place = some.place.clone();
                let filter = some.filter(now)?;
                let store = place.open_store().await?;
                let count = store.record_replay(&filter, now.0).await.map_err(Failure::new)?;
                found(&filter, count)?;
                say(format_args!("{count} deliveries are told again."));
                Ok(())
            }
            Self::Acknowledge(some) => {
                let place = some.place.clone();
                let filter = some.filter(now)?;
                let store = place.open_store().await?;
                let done = store.record_acknowledged(&filter, now.0).await;
                say(format_args!("{} deliveries are now confirmed.", done.map_err(Failure::new)?));
                Ok(())
            }
        }
    }
}

fn found(filter: &DeliveryFilter, count: u64) -> Result<(), Failure> {
    let missing = filter.ids.is_some() && count == 0;
    if missing { Err(Failure::new("there is no such delivery")) } else { Ok(()) }
}

async fn list(
    store: &Store,
    filter: &DeliveryFilter,
    limit: i64,
    now: Moment,
) -> Result<(), Failure> {
    let rows = store.list_deliveries(filter, (0, ""), limit).await.map_err(Failure::new)?;
    for row in &rows {
        say(line(row, now));
    }
    if rows.is_empty() {
        say("No deliveries.");
    } else if i64::try_from(rows.len()).is_ok_and(|shown| shown == limit) {
        say(format_args!("More may follow: --limit shows more, --from begins later."));
    }
    Ok(())
}

fn line(row: &DeliveryRow, now: Moment) -> String {
    let day = |at: i64| {
        jiff::Timestamp::from_millisecond(at).map(|time| format!("{time:.0}")).unwrap_or_default()
    };
    let late = is_overdue(row.state, Moment(row.due_at), now);
    let mut facts = vec![format!(
        "{} entry {} {} {}{}",
        row.id,
        row.position,
        row.system,
        if late { "overdue, " } else { "" },
        row.state.as_str(),
    )];
    facts.push(format!("due {}", day(row.due_at)));
    if row.state == State::Queued && row.attempts > 0 {
        facts.push(format!("tries so far {}, next {}", row.attempts, day(row.next_at)));
    }
    facts.extend(row.acknowledged_at.map(|at| format!("confirmed {}", day(at))));
    facts.extend(row.failure.clone());
    facts.join(", ")
}

async fn status(store: &Store, now: Moment) -> Result<(), Failure> {
    let open = store.count_open_deliveries(now.0).await.map_err(Failure::new)?;
    let notice = Notices::load(store.clone()).await.map_err(Failure::new)?.current();
    let systems = store.list_systems().await.map_err(Failure::new)?;
    let mut keys: Vec<&str> =
        notice.catalogue.systems.iter().map(|system| system.key.as_str()).collect();
    keys.extend(open.iter().map(|row| row.system.as_str()));
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let of_system = open.iter().find(|row| row.system == key);
        let count = |of: fn(&OpenDeliveries) -> i64| of_system.map_or(0, of);
        let since = now.plus(-PACE_DAYS * DAY).0;
        let paces = store.list_paces(key, since).await.map_err(Failure::new)?;
        let pace = pace(&paces).map_or_else(
            || "nothing confirmed in 90 days".into(),
            |pace| format!("in force after {} min, at most {} min", pace.median, pace.slowest),
        );
        let gone = systems.iter().any(|row| row.system == key && row.disabled_at.is_some());
        say(format_args!(
            "{key}: {} queued, {} sent, {} failed, {} overdue; {pace}{}",
            count(|row| row.queued),
            count(|row| row.sent),
            count(|row| row.failed),
            count(|row| row.overdue),
            if gone { "; disabled, `sayso system enable` tells it again" } else { "" }
        ));
    }
    Ok(())
}
