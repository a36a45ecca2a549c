//! The queue in front of the ledger.
//!
//! One fsync a choice would bound the whole portal to the disk's pace; so whoever waits while a
//! group is being written goes into the next one, and each is answered after its group is on disk.

use std::num::NonZeroUsize;
use std::sync::Arc;

use app::portal::{By, Notice, Recorded, Who};
use domain::{Moment, Reference, Refusal, Wish};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::resolve::Round;
use crate::store::{Store, StoreError};
use crate::tell::Duties;

/// Most commands in a group: large enough to share an fsync, small enough to answer soon.
pub const GROUP: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
/// Most commands that wait; more are held back at their connection.
const QUEUE: usize = 4096;

/// A wish on its way into the ledger.
#[derive(Clone)]
pub struct Command {
    /// For whom.
    pub who: Who,
    /// What.
    pub wish: Wish,
    /// By whom.
    pub by: By,
    /// Under which notice.
    pub notice: Arc<Notice>,
    /// When.
    pub at: Moment,
    /// The number the customer is told.
    pub reference: Reference,
    /// The id of the record to make if nobody is known by the handle.
    pub stranger: Uuid,
}

/// Why a wish was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// An expected no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed; logged.
    #[error("the ledger can't be written")]
    Unavailable,
}

pub(super) type Answer = Result<Recorded, RecordError>;

struct Waiting {
    command: Command,
    answer: oneshot::Sender<Answer>,
}

/// The way into the ledger.
#[derive(Clone)]
pub struct Ledger {
    queue: mpsc::Sender<Waiting>,
}

impl Ledger {
    /// Starts the writer; it ends when the last handle is dropped.
    #[must_use]
    pub fn start(store: Store) -> Self {
        Self::start_with(store, GROUP)
    }

    /// The same with at most so many commands in a group.
    #[must_use]
    pub fn start_with(store: Store, group: NonZeroUsize) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(work(store, waiting, group.get()));
        Self { queue }
    }

    /// How many wait for the next group.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Records a wish. When it answers, the entry is on disk.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn record(&self, command: Command) -> Answer {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { command, answer };
        self.queue.send(waiting).await.map_err(|_| RecordError::Unavailable)?;
        answered.await.unwrap_or(Err(RecordError::Unavailable))
    }
}

async fn work(store: Store, mut queue: mpsc::Receiver<Waiting>, most: usize) {
    let mut group = Vec::with_capacity(most.min(QUEUE));
    while queue.recv_many(&mut group, most).await > 0 {
        let (commands, answers): (Vec<_>, Vec<_>) =
            group.drain(..).map(|waiting| (waiting.command, waiting.answer)).unzip();
        for (answer, to) in write(&store, &commands).await.into_iter().zip(answers) {
            // A visitor who left does not need the answer; the choice is kept all the same.
            drop(to.send(answer));
        }
    }
}

/// Writes a group; one that fails as a whole is tried singly, so that one bad row harms no other.
async fn write(store: &Store, commands: &[Command]) -> Vec<Answer> {
    match write_group(store, commands).await {
        Ok(answers) => answers,
        Err(error) if commands.len() > 1 => {
            tracing::warn!(%error, group = commands.len(), "a group was not written, trying singly");
            let mut answers = Vec::with_capacity(commands.len());
            for command in commands {
                let answer = write_group(store, std::slice::from_ref(command)).await;
                answers.push(first(answer));
            }
            answers
        }
        failed => vec![first(failed)],
    }
}

fn first(answers: Result<Vec<Answer>, StoreError>) -> Answer {
    match answers.map(|mut answers| answers.pop()) {
        Ok(Some(answer)) => answer,
        Ok(None) => Err(RecordError::Unavailable),
        Err(error) => {
            tracing::error!(%error, "a choice was not written");
            Err(RecordError::Unavailable)
        }
    }
}

async fn write_group(store: &Store, commands: &[Command]) -> Result<Vec<Answer>, StoreError> {
    let mut group = store.begin_group().await?;
    let mut round = Round::load(&mut group, commands).await?;
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        answers.push(round.resolve(&mut group, command).await?);
    }
    // The newest register says who must hear of it.
    let notices = commands.iter().map(|command| &command.notice);
    if let Some(notice) = notices.max_by_key(|notice| notice.number) {
        round.finish(&mut group, &Duties::of(&notice.catalogue)).await?;
    }
    group.commit().await?;
    Ok(answers)
}
