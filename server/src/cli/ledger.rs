//! `sayso ledger`.

use clap::Subcommand;
use domain::Position;
use domain::ledger::Verifier;

use super::{Failure, Place, say};

/// Entries read at a time.
const PART: i64 = 5_000;

/// Tasks with the ledger.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Walk the hash chain and name the first entry that was changed, removed or moved.
    Verify {
        #[command(flatten)]
        place: Place,
    },
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Verify { place } = self;
        let store = place.open_store().await?;
        // The head is read first: entries that come while we walk lie behind it.
        let (head, head_hash) = store.find_head().await.map_err(Failure::new)?;
        let broken = |at: Position| Failure::new(format!("entry {} is not what was written", at.0));
        let mut verifier = Verifier::default();
        let mut last = Position(0);
        while last < head {
            let limit = PART.min(head.0 - last.0);
            let rows = store.list_ledger(last, limit).await.map_err(Failure::new)?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let row = row.map_err(broken)?;
                let position = row.choice.position;
                let hash = row.hash.try_into().map_err(|_| broken(position))?;
                verifier.take(&row.choice, &hash).map_err(Failure::new)?;
                last = position;
            }
        }
        let head_hash = head_hash.try_into().map_err(|_| broken(head))?;
        let last = verifier.finish(head, &head_hash).map_err(Failure::new)?;
        say(format_args!("The ledger is whole: {} entries.", last.0));
        Ok(())
    }
}
