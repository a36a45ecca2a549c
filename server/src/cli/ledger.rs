//! `sayso ledger`.

use std::path::PathBuf;

use clap::Subcommand;
use domain::Position;
use domain::ledger::{Link, Verifier};

use super::receipt::{read_head, read_keys};
use super::{Failure, Place, say};
use crate::proof::{Milestones, ProofKeys};
use crate::store::Store;

/// Entries read at a time.
const PART: i64 = 5_000;

/// Tasks with the ledger.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Walk the hash chain and name the first entry that was changed, removed or moved.
    Verify {
        /// A published head that somebody kept: the ledger must still lead to it.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
        /// The published keys (JWKS) that the head is checked with [default: the key file's].
        #[arg(long, value_name = "FILE", requires = "head")]
        public_keys: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Verify { head, public_keys, place } = self;
        let Some(head) = head else {
            let last = walk(&place.open_store().await?, |_, _| {}).await?;
            say(format_args!("The ledger is whole: {} entries.", last.0));
            return Ok(());
        };
        let head = read_head(&head)?;
        let keys = match public_keys {
            Some(path) => read_keys(&path)?,
            None => ProofKeys::new(&place.read_keys()?).published().clone(),
        };
        head.check(&keys).map_err(Failure::found)?;
        let store = place.open_store().await?;
        let mut milestones = Milestones::up_to(&store, &head).await.map_err(Failure::new)?;
        let last = walk(&store, |position, link| milestones.pass(position, link)).await?;
        milestones.finish(last).map_err(Failure::found)?;
        say(format_args!(
            "The ledger is whole: {} entries. It leads to the head of {}, entry {}.",
            last.0, head.date, head.position
        ));
        Ok(())
    }
}

/// Walks the whole chain and shows every link.
async fn walk(store: &Store, mut see: impl FnMut(Position, &Link)) -> Result<Position, Failure> {
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
            let hash: Link = row.hash.try_into().map_err(|_| broken(position))?;
            verifier.take(&row.choice, &hash).map_err(Failure::new)?;
            see(position, &hash);
            last = position;
        }
    }
    let head_hash = head_hash.try_into().map_err(|_| broken(head))?;
    verifier.finish(head, &head_hash).map_err(Failure::new)
}
