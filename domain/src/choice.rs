//! One entry of the ledger.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::language::Language;
use crate::moment::Moment;
use crate::reference::Reference;
use crate::target::Target;

/// A customer. Time-ordered (`UUIDv7`), never shown to anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub Uuid);

/// Place in the ledger, from 1, without gaps, in commit order. 0 stands for "before the first".
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub i64);

/// Number of a published notice, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeNumber(pub i64);

/// What an entry does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Opted in, or confirmed a request to be (11 CCR 7028(a), second step).
    Granted,
    /// Opted out.
    Withdrawn,
    /// Stopped until a moment; what was chosen before holds again after it.
    Paused {
        /// When the pause ends.
        until: Moment,
    },
    /// Ended a pause early.
    Resumed,
    /// Asked to opt in; changes nothing until confirmed (11 CCR 7028(a), first step).
    Requested,
    /// Took back an entry as if it had never been made.
    Undone {
        /// The entry taken back.
        entry: Position,
    },
}

impl Act {
    /// The word kept in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::Paused { .. } => "paused",
            Self::Resumed => "resumed",
            Self::Requested => "requested",
            Self::Undone { .. } => "undone",
        }
    }

    /// The number kept beside the word: a pause's end or the entry undone, otherwise 0.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Paused { until } => until.0,
            Self::Undone { entry } => entry.0,
            _ => 0,
        }
    }

    /// The act of a word and number as [`Self::as_str`] and [`Self::number`] wrote them.
    #[must_use]
    pub fn from_parts(word: &str, number: i64) -> Option<Self> {
        Some(match word {
            "granted" => Self::Granted,
            "withdrawn" => Self::Withdrawn,
            "paused" => Self::Paused { until: Moment(number) },
            "resumed" => Self::Resumed,
            "requested" => Self::Requested,
            "undone" => Self::Undone { entry: Position(number) },
            _ => return None,
        })
    }

    /// Whether the act can only protect. Such an act needs no proof and is never refused.
    #[must_use]
    pub const fn is_protective(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Paused { .. })
    }
}

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word kept in the ledger.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value of a word, if there is one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How a choice reached the business.
    Source {
        /// The choices page.
        Page = "page",
        /// A mail client's one-click unsubscribe (RFC 8058).
        OneClick = "one_click",
        /// The browser's signal (Global Privacy Control).
        PreferenceSignal = "preference_signal",
        /// The form that takes an email address or phone number without a link.
        Form = "form",
        /// The page, after a code sent to the customer was entered.
        Code = "code",
        /// A colleague wrote down what the customer said on the phone.
        StaffPhone = "staff_phone",
        /// A colleague wrote down what the customer sent by post.
        StaffPost = "staff_post",
        /// A colleague wrote down what the customer said in person.
        StaffPerson = "staff_person",
        /// A colleague wrote down what the customer mailed.
        StaffEmail = "staff_email",
        /// An authorized agent (Data Rights Protocol).
        Agent = "agent",
        /// Another system of the business.
        Api = "api",
        /// A file of customers.
        Import = "import",
        /// A reply to a message.
        Reply = "reply",
    }
}

impl Source {
    /// Whether a colleague wrote it down.
    #[must_use]
    pub const fn is_heard_by_staff(self) -> bool {
        matches!(self, Self::StaffPhone | Self::StaffPost | Self::StaffPerson | Self::StaffEmail)
    }
}

words! {
    /// Who made an entry.
    Actor {
        /// The customer.
        Person = "person",
        /// A colleague of the business.
        Staff = "staff",
        /// Somebody whom the customer asked to act.
        Agent = "agent",
        /// A computer of the business.
        System = "system",
    }
}

/// One entry of the append-only ledger, before it has its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose choice.
    pub person: PersonId,
    /// About what.
    pub target: Target,
    /// What was chosen.
    pub act: Act,
    /// How it came.
    pub source: Source,
    /// Who made it.
    pub actor: Actor,
    /// The notice that was shown.
    pub notice: NoticeNumber,
    /// The language it was shown in.
    pub language: Language,
    /// When.
    pub at: Moment,
    /// The number the customer was told.
    pub reference: Reference,
}

/// One entry of the ledger in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its place.
    pub position: Position,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
}
