//! How far choices have come, as customers are told.

use std::sync::Arc;

use app::portal::{PortalError, Progress, Step};
use domain::delivery::stage;
use domain::{Moment, PersonId, Position};
use moka::sync::Cache;

use super::Service;
use super::portal::logged;
use crate::store::StepRow;

/// What was looked up lately, and when.
pub type Lately = Cache<(PersonId, Position), (Moment, Arc<Progress>)>;

/// Milliseconds for which what was looked up is told again.
const LATELY: i64 = 1_000;

/// A memory for [`Service`], empty.
#[must_use]
pub fn lately() -> Lately {
    Cache::builder().max_capacity(1_000).build()
}

/// Most steps looked at: the newest ones hold what a page shows.
const MOST: i64 = 200;

impl Service {
    /// How far a person's choices have come. Asked again within a second, it may be the same as
    /// before; a new choice is another version, and always looked up.
    pub(super) async fn progress_of(
        &self,
        person: PersonId,
        version: Position,
    ) -> Result<Arc<Progress>, PortalError> {
        let now = self.clock.now();
        let kept = self.progress.get(&(person, version));
        if let Some((_, kept)) = kept.filter(|(at, _)| (0..LATELY).contains(&now.since(*at))) {
            return Ok(kept);
        }
        let progress = Arc::new(self.look_up_progress(person).await?);
        self.progress.insert((person, version), (now, Arc::clone(&progress)));
        Ok(progress)
    }

    async fn look_up_progress(&self, person: PersonId) -> Result<Progress, PortalError> {
        let rows = self.store.list_steps(person, MOST).await.map_err(logged)?;
        if rows.is_empty() {
            return Ok(Progress::default());
        }
        let now = self.clock.now();
        let step = |row: StepRow| {
            let due_at = Moment(row.due_at);
            Step {
                target: row.target,
                act: row.act,
                at: Moment(row.at),
                position: Position(row.position),
                system: row.system,
                stage: stage(row.state, row.acknowledged_at.map(Moment), due_at, now),
                due_at,
            }
        };
        let paces = self.store.list_measured_paces().await.map_err(logged)?;
        let paces = paces.into_iter().filter_map(|(system, pace, _)| Some((system, pace?)));
        let steps = rows.into_iter().map(step).collect();
        Ok(Progress { steps, paces: paces.collect(), ..Progress::default() })
    }
}
