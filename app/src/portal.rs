//! What the pages ask of the server, and nothing more.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use domain::change::Assurance;
use domain::contact::{Contact, Malformed};
use domain::decision::Standpoint;
use domain::delivery::{Pace, Stage};
use domain::{
    Act, Catalogue, Choice, Language, Moment, NoticeNumber, PersonId, Position, Preferences,
    Reference, Refusal, Rulebook, Source, Target, Wish,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A published register.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its number.
    pub number: NoticeNumber,
    /// What it says.
    pub catalogue: Catalogue,
    /// The same, made ready for many decisions.
    pub rules: Rulebook,
    /// When it was published.
    pub published_at: Moment,
}

/// What a page may know of a customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// What they chose.
    pub preferences: Preferences,
    /// What decides beside the ledger.
    pub standpoint: Standpoint,
    /// The language the business writes to them in.
    pub language: Option<Language>,
}

/// A keyed hash that stands for an email address, phone number or customer number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// What it stands for.
    pub kind: HandleKind,
    /// Hashes with the id of their key, the current one first.
    pub digests: Vec<(u8, Vec<u8>)>,
    /// The address or number itself, sealed: systems must be told whom a choice is about. Kept
    /// only until they have confirmed.
    #[serde(default)]
    pub sealed: Vec<u8>,
}

/// One choice on its way to one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the choice is about.
    pub target: Target,
    /// What it did.
    pub act: Act,
    /// When it was made.
    pub at: Moment,
    /// Its place in the ledger.
    pub position: Position,
    /// Key of the system.
    pub system: String,
    /// How far it has come.
    pub stage: Stage,
    /// When the system must have confirmed.
    pub due_at: Moment,
}

/// How far a person's choices have come on their way to systems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Newest choice first.
    pub steps: Vec<Step>,
    /// How long systems took to confirm, in minutes, by their keys.
    pub paces: Vec<(String, Pace)>,
    /// What a page made of it, in a language and under a notice: asked again within the second,
    /// it is not made anew.
    pub shown: OnceLock<(Language, NoticeNumber, Arc<str>)>,
}

/// The kinds of [`Handle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandleKind {
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// The number in the business's own books.
    Customer,
    /// A browser profile.
    Browser,
}

/// Whom a wish is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// One customer.
    Person(PersonId),
    /// Everyone known by an address or number, or somebody new if nobody is.
    Handle(Handle),
}

/// Who asks, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// How sure we are that it is them.
    pub assurance: Assurance,
    /// The way it came.
    pub source: Source,
    /// The language of the page.
    pub language: Language,
}

/// A wish that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The number the customer is told.
    pub reference: Reference,
    /// Entries added; 0 when all was already as wished.
    pub added: usize,
    /// The newest entry of the person after it.
    pub version: Position,
}

/// What a page must know of a failure. Without text and without personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortalError {
    /// An expected no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many codes asked for; wait the seconds.
    #[error("too many codes")]
    TooMany(u32),
    /// The store or the mail failed; logged where it happened.
    #[error("unavailable")]
    Unavailable,
}

/// The server as the pages see it.
#[async_trait]
pub trait Portal: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Moment;

    /// The notice in force.
    fn notice(&self) -> Arc<Notice>;

    /// A notice by number.
    async fn find_notice(&self, number: NoticeNumber) -> Result<Option<Arc<Notice>>, PortalError>;

    /// Whose link a token is.
    async fn open_link(&self, token: &str) -> Result<Option<PersonId>, PortalError>;

    /// A customer's choices, those up to `at_least` surely among them.
    async fn find_customer(
        &self,
        person: PersonId,
        at_least: Position,
    ) -> Result<Option<Customer>, PortalError>;

    /// A customer's entries, oldest first.
    async fn list_history(&self, person: PersonId) -> Result<Vec<Choice>, PortalError>;

    /// How far a person's choices up to `version` have come, as of at most a second ago.
    async fn find_progress(
        &self,
        person: PersonId,
        version: Position,
    ) -> Result<Arc<Progress>, PortalError>;

    /// Enough of a customer's address or number to recognise it; none when there is none on file.
    async fn find_mask(&self, person: PersonId) -> Result<Option<String>, PortalError>;

    /// Records a wish; on disk when it answers.
    async fn record(&self, who: Who, wish: Wish, by: By) -> Result<Recorded, PortalError>;

    /// Reads what somebody typed as their address or number.
    ///
    /// # Errors
    /// Why it is neither, without the text.
    fn read_contact(&self, text: &str) -> Result<Contact, Malformed>;

    /// The keyed hash of an address or number.
    fn handle(&self, contact: &Contact) -> Handle;

    /// Sends a code to a contact if anyone is known by it; the answer is the same if not.
    async fn send_code(&self, to: &Contact, language: Language) -> Result<Uuid, PortalError>;

    /// Sends a code to the address on file; the mask says where. None: there is nothing on file.
    async fn send_code_to(
        &self,
        person: PersonId,
        language: Language,
    ) -> Result<Option<(Uuid, String)>, PortalError>;

    /// Who answered a code rightly; none for a wrong, old or used one.
    async fn check_code(&self, id: Uuid, code: &str) -> Result<Option<PersonId>, PortalError>;
}
