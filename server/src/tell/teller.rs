//! Who tells: looks for what is due, system by system, so that a slow one holds up no other.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::catalogue::{System, Tell};
use domain::{Moment, NoticeNumber};
use futures::future::join_all;
use jiff::tz::TimeZone;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::ports::Post;
use crate::service::Service;
use crate::store::StoreError;

/// How often it looks.
const TICK: Duration = Duration::from_millis(500);
/// Looks from one check of files to the next.
const SELDOM: u32 = 20;
/// From one counting to the next.
const COUNTING: Duration = Duration::from_secs(30);
/// Countings from one check of deadlines, which last days, to the next.
const RARELY: u32 = 10;

/// Tells systems of choices.
#[derive(Clone)]
pub struct Teller {
    /// The installation.
    pub service: Arc<Service>,
    /// Where webhooks go out.
    pub post: Arc<dyn Post>,
    /// The folder with a folder for each system that takes files.
    pub drops: PathBuf,
    /// Systems of which the log already says that they can't be told.
    mute: Arc<Mutex<HashSet<String>>>,
    /// The notice whose systems were all looked at.
    pub(super) settled: Arc<Mutex<Option<NoticeNumber>>>,
}

impl Teller {
    /// What tells the systems of an installation.
    #[must_use]
    pub fn new(service: Arc<Service>, post: Arc<dyn Post>, drops: PathBuf) -> Self {
        Self { service, post, drops, mute: Arc::default(), settled: Arc::default() }
    }

    /// Says once in the log that a system can't be told for want of a secret.
    pub(super) fn lacks_secret(&self, key: &str, lacks: bool) {
        let mut mute = self.mute.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !lacks {
            mute.remove(key);
        } else if mute.insert(key.to_owned()) {
            tracing::warn!(system = key, "no secret: `sayso system secret {key}` makes one");
        }
    }

    /// Tells for as long as it is let.
    pub async fn run(self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::spawn(self.clone().welcomes());
        tokio::spawn(self.clone().looks_after());
        let mut busy: HashMap<String, JoinHandle<()>> = HashMap::new();
        for turn in 0_u32.. {
            tick.tick().await;
            let notice = self.service.notices.current();
            for system in &notice.catalogue.systems {
                let seldom = !matches!(system.tell, Tell::Webhook(_));
                let at_work = busy.get(system.key.as_str()).is_some_and(|work| !work.is_finished());
                if at_work || (seldom && !turn.is_multiple_of(SELDOM)) {
                    continue;
                }
                let (teller, system) = (self.clone(), system.clone());
                let key = system.key.to_string();
                let work = async move { logged(&system, teller.serve(&system).await) };
                busy.insert(key, tokio::spawn(work));
            }
        }
    }

    /// Counts, warns and measures. Where millions are on their way that takes its time, and no
    /// choice waits for it.
    async fn looks_after(self) {
        let mut tick = tokio::time::interval(COUNTING);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for turn in 0_u32.. {
            tick.tick().await;
            let counted = self.count().await;
            let rarely = turn.is_multiple_of(RARELY);
            let told = if rarely { self.escalate().await } else { Ok(()) };
            let measured = if rarely { self.measure().await } else { Ok(()) };
            if let Err(error) = counted.and(told).and(measured) {
                tracing::error!(%error, "late systems can't be looked for");
            }
        }
    }

    /// Tells every system all that is due now. Says how many deliveries were taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let notice = self.service.notices.current();
        let turns = notice.catalogue.systems.iter().map(|system| self.serve(system));
        join_all(turns).await.into_iter().sum()
    }

    async fn serve(&self, system: &System) -> Result<usize, StoreError> {
        match &system.tell {
            Tell::Webhook(url) => self.post_due(system, url).await,
            Tell::File(_) => {
                // What can't be confirmed holds up nobody's opt-out.
                if let Err(error) = self.confirm_files(system).await {
                    tracing::error!(%error, system = %system.key, "files can't be confirmed");
                }
                let before = self.midnight();
                let dropped = self.drop_file(system, before).await?;
                Ok(dropped.map_or(0, |dropped| dropped.deliveries))
            }
            // It comes and asks.
            Tell::Feed => Ok(0),
        }
    }

    /// The last millisecond of yesterday on the controller's clocks.
    fn midnight(&self) -> Moment {
        let notice = self.service.notices.current();
        let now = self.service.clock.now();
        let zone = &notice.catalogue.controller.time_zone;
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let today = jiff::Timestamp::from_millisecond(now.0)
            .and_then(|now| now.to_zoned_datetime(zone).start_of_day());
        today.map_or(now, |start| Moment(start.timestamp().as_millisecond() - 1))
    }
}

fn logged(system: &System, outcome: Result<usize, StoreError>) {
    if let Err(error) = outcome {
        tracing::error!(%error, system = %system.key, "a system can't be told");
    }
}
