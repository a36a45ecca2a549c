//! What the rules may not reach for themselves: time, chance and outgoing mail.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::contact::{Contact, Email};
use domain::{Language, Moment};
use uuid::Uuid;
use zeroize::Zeroize;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Moment;
}

/// Gives random bytes that nobody can foretell.
pub trait Random: Send + Sync + 'static {
    /// Fills a buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Whom a message is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name that readers see.
    pub name: String,
    /// The address.
    pub email: Email,
}

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its id: the same however often it is sent, so that a mailbox may tell that it has it.
    pub id: Uuid,
    /// When it was written.
    pub at: Moment,
    /// Whom it is from.
    pub from: Sender,
    /// Where it goes.
    pub to: Contact,
    /// The language that it is in.
    pub language: Language,
    /// Its subject, without personal data.
    pub subject: String,
    /// Its plain text.
    pub body: String,
    /// The same as an HTML document; none where the plain text is all there is.
    pub html: Option<String>,
}

/// The message was not taken. Says nothing of its content nor of whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Perhaps another time.
    #[error("not taken: {0}")]
    Later(String),
    /// Never: the address takes no mail.
    #[error("the address takes no mail: {0}")]
    NoSuchAddress(String),
    /// Never, for another reason.
    #[error("refused: {0}")]
    Refused(String),
}

/// Sends messages.
#[async_trait]
pub trait Mail: Send + Sync + 'static {
    /// Takes one message for delivery.
    ///
    /// # Errors
    /// [`NotSent`] when it was not taken.
    async fn send(&self, letter: Letter) -> Result<(), NotSent>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes in")]
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandom;

/// Random bytes fetched ahead, each given away once.
struct Stock {
    bytes: [u8; 256],
    left: usize,
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; 256], left: 0 }) };
}

/// Longest number that comes from the stock: those of requests, leases and seals. Keys do not.
const SHORT: usize = 16;

impl Random for SystemRandom {
    /// # Panics
    /// When the operating system has no randomness: nothing safe could be made without it.
    fn fill(&self, buffer: &mut [u8]) {
        if buffer.len() > SHORT {
            return fetch(buffer);
        }
        // Every request needs some short ones, and to ask the system each time would cost as much
        // as the decision itself.
        STOCK.with_borrow_mut(|stock| {
            if stock.left < buffer.len() {
                fetch(&mut stock.bytes);
                stock.left = stock.bytes.len();
            }
            let given = stock.left - buffer.len()..stock.left;
            stock.left = given.start;
            buffer.copy_from_slice(&stock.bytes[given.clone()]);
            stock.bytes[given].zeroize();
        });
    }
}

fn fetch(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the operating system gives random bytes");
}

/// A number for one request: 12 characters, to be quoted to whoever reads the log.
#[must_use]
pub fn request_id(random: &dyn Random) -> String {
    let mut bytes = [0; 9];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A new id, ordered by time (RFC 9562 §5.7).
#[must_use]
pub fn new_uuid(now: Moment, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// What is posted to a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Where it goes.
    pub url: String,
    /// Header fields beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// A JSON text.
    pub body: String,
}

/// What a system answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The field Retry-After.
    pub retry_after: Option<String>,
    /// The first bytes of the body.
    pub body: Vec<u8>,
}

/// A system gave no answer. Says nothing of what was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The address leads into a network that was not allowed.
    #[error("the address leads into a private network")]
    Private,
    /// The name leads nowhere.
    #[error("the name can't be resolved")]
    Unknown,
    /// Nobody listens, or the certificate is not right.
    #[error("no connection")]
    Connection,
    /// The connection broke off.
    #[error("the connection broke off")]
    Broken,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
}

/// Posts to systems.
#[async_trait]
pub trait Post: Send + Sync + 'static {
    /// Posts one parcel and waits for the answer. Redirects are answers, not followed.
    ///
    /// # Errors
    /// [`Unreached`] when there is none.
    async fn post(&self, parcel: Parcel) -> Result<Reply, Unreached>;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_number_is_given_twice() {
        let draw = || (0..10_000).map(|_| request_id(&SystemRandom)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..2).map(|_| std::thread::spawn(draw)).collect();
        let drawn: Vec<String> =
            threads.into_iter().flat_map(|thread| thread.join().expect("drawn")).collect();
        assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len());
    }
}
