//! The queue in front of the ledger.
//!
//! One fsync a choice would bound the whole portal to the disk's pace; so whoever waits while a
//! group is being written goes into the next one, and each is answered after its group is on disk.

use std::num::NonZeroUsize;
use std::sync::Arc;

use app::portal::{By, Notice, Recorded, Who};
use domain::outbox::Confirmed;
use domain::{Moment, Reference, Refusal, Wish};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;
use uuid::Uuid;

use super::confirm::Confirming;
use super::resolve::{News, Round};
use crate::index::{Index, Written};
use crate::store::{Head, Origin, Reached, Store, StoreError};
use crate::telemetry;
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
    /// Where a system heard of it; none when the customer was here.
    pub origin: Option<Origin>,
    /// Whether the way it came answers by itself: then no letter follows (M-11).
    pub is_answered: bool,
}

/// Why a wish was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// An expected no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody is known by the handle, and the wish makes no record of them.
    #[error("nobody is known by that")]
    Unknown,
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

/// A wish in the queue.
pub struct Pending(oneshot::Receiver<Answer>);

impl Pending {
    /// Waits until it is on disk.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn answer(self) -> Answer {
        self.0.await.unwrap_or(Err(RecordError::Unavailable))
    }
}

impl Ledger {
    /// Starts the writer, which tells the index of all it writes; it ends when the last handle is
    /// dropped.
    #[must_use]
    pub fn start(store: Store, index: Arc<Index>) -> Self {
        Self::start_with(store, index, GROUP)
    }

    /// The same with at most so many commands in a group.
    #[must_use]
    pub fn start_with(store: Store, index: Arc<Index>, group: NonZeroUsize) -> Self {
        Self::start_confirming(store, index, group, None)
    }

    /// The same, beginning a confirmation of what it writes for whom it concerns.
    #[must_use]
    pub fn start_confirming(
        store: Store,
        index: Arc<Index>,
        group: NonZeroUsize,
        confirming: Option<Confirming>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(work(Desk { store, index, confirming }, waiting, group.get()));
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
        self.enqueue(command).await?.answer().await
    }

    /// Takes a wish into the queue, behind all that were taken before.
    ///
    /// # Errors
    /// [`RecordError::Unavailable`] when the writer has ended.
    pub async fn enqueue(&self, command: Command) -> Result<Pending, RecordError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { command, answer };
        self.queue.send(waiting).await.map_err(|_| RecordError::Unavailable)?;
        Ok(Pending(answered))
    }
}

/// What a writer works with.
struct Desk {
    store: Store,
    index: Arc<Index>,
    confirming: Option<Confirming>,
}

async fn work(desk: Desk, mut queue: mpsc::Receiver<Waiting>, most: usize) {
    let mut group = Vec::with_capacity(most.min(QUEUE));
    while queue.recv_many(&mut group, most).await > 0 {
        let (commands, answers): (Vec<_>, Vec<_>) =
            group.drain(..).map(|waiting| (waiting.command, waiting.answer)).unzip();
        for (answer, to) in write(&desk, &commands).await.into_iter().zip(answers) {
            // A visitor who left does not need the answer; the choice is kept all the same.
            drop(to.send(answer));
        }
    }
}

/// Writes a group; one that fails as a whole is tried singly, so that one bad row harms no other.
async fn write(desk: &Desk, commands: &[Command]) -> Vec<Answer> {
    match write_group(desk, commands).await {
        Ok(answers) => answers,
        Err(error) if commands.len() > 1 => {
            tracing::warn!(%error, group = commands.len(), "a group was not written, trying singly");
            let mut answers = Vec::with_capacity(commands.len());
            for command in commands {
                let answer = write_group(desk, std::slice::from_ref(command)).await;
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

async fn write_group(desk: &Desk, commands: &[Command]) -> Result<Vec<Answer>, StoreError> {
    let span = telemetry::commit(commands.len());
    let answers = commit_group(desk, commands).instrument(span.clone()).await;
    let added = |answers: &Vec<Answer>| {
        answers.iter().flatten().map(|recorded| recorded.added).sum::<usize>()
    };
    telemetry::committed(&span, answers.as_ref().ok().map(added));
    answers
}

async fn commit_group(desk: &Desk, commands: &[Command]) -> Result<Vec<Answer>, StoreError> {
    let mut group = desk.store.begin_group().await?;
    let before = reached(group.head());
    let mut round = Round::load(&mut group, commands).await?;
    let confirming = desk.confirming.as_ref();
    let confirmed = confirming.map_or(Confirmed::Nothing, |confirming| confirming.confirmed);
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        answers.push(round.resolve(&mut group, command, confirmed).await?);
    }
    // The newest register says who must hear of it.
    let notices = commands.iter().map(|command| &command.notice);
    let Some(notice) = notices.max_by_key(|notice| notice.number) else { return Ok(answers) };
    let now = commands.iter().map(|command| command.at).max().unwrap_or(notice.published_at);
    let duties = Duties::of(&notice.catalogue).heard(now);
    let News { chosen, made } = round.finish(&mut group, &duties, confirming).await?;
    let after = reached(group.commit().await?);
    desk.index.take(&Written { before, after, chosen, made });
    Ok(answers)
}

const fn reached(head: Head) -> Reached {
    Reached { position: head.position, revision: head.revision }
}
