//! How far choices have come, as customers are told.

use app::portal::{PortalError, Progress, Step};
use domain::delivery::stage;
use domain::{Moment, PersonId, Position};

use super::Service;
use super::portal::logged;
use crate::store::StepRow;

/// Most steps looked at: the newest ones hold what a page shows.
const MOST: i64 = 200;

impl Service {
    /// How far a person's choices have come.
    pub(super) async fn progress_of(&self, person: PersonId) -> Result<Progress, PortalError> {
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
        Ok(Progress { steps: rows.into_iter().map(step).collect(), paces: paces.collect() })
    }
}
