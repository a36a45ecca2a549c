//! One record of a request.

use domain::request::{Nature, Response as Answer};
use domain::{Act, Moment, Target};

use crate::proof::head::instant;

/// The right that a request makes use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Opting out of sale and sharing (Cal. Civ. Code 1798.120).
    OptOutOfSaleOrSharing,
    /// Opting out of marketing (GDPR 21(2); 16 CFR 316.5).
    OptOutOfMarketing,
    /// Opting out of both.
    OptOutOfEverything,
    /// Opting in.
    OptIn,
    /// Taking back one's own request.
    TakeBack,
    /// Opting out, in words that a colleague read. Of what, the entries of the ledger say.
    OptOut,
    /// Knowing what is held (Cal. Civ. Code 1798.110; GDPR 15).
    Access,
    /// Having it deleted (Cal. Civ. Code 1798.105; GDPR 17).
    Deletion,
    /// Having it corrected (Cal. Civ. Code 1798.106; GDPR 16).
    Correction,
    /// Limiting the use of what is sensitive (Cal. Civ. Code 1798.121).
    Limit,
    /// Complaining (GDPR 77).
    Complaint,
    /// None: a question about who writes and why.
    Help,
    /// Nobody has said which yet.
    Unclear,
}

impl Right {
    /// The right that an entry makes use of.
    #[must_use]
    pub const fn of(act: Act, target: &Target) -> Self {
        match (act, target) {
            (Act::Granted | Act::Requested | Act::Resumed, _) => Self::OptIn,
            (Act::Undone { .. }, _) => Self::TakeBack,
            (_, Target::Sharing | Target::Purpose(_) | Target::Share(..)) => {
                Self::OptOutOfSaleOrSharing
            }
            (_, Target::Everything) => Self::OptOutOfEverything,
            _ => Self::OptOutOfMarketing,
        }
    }

    /// The right that a case is about.
    #[must_use]
    pub const fn of_case(nature: Nature) -> Self {
        match nature {
            Nature::Unclear => Self::Unclear,
            Nature::OptOut => Self::OptOut,
            Nature::OptIn => Self::OptIn,
            Nature::Help => Self::Help,
            Nature::Access => Self::Access,
            Nature::Deletion => Self::Deletion,
            Nature::Correction => Self::Correction,
            Nature::Limit => Self::Limit,
            Nature::Complaint => Self::Complaint,
        }
    }

    /// The word in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptOutOfSaleOrSharing => "opt_out_of_sale_or_sharing",
            Self::OptOutOfMarketing => "opt_out_of_marketing",
            Self::OptOutOfEverything => "opt_out_of_everything",
            Self::OptIn => "opt_in",
            Self::TakeBack => "take_back",
            Self::OptOut => "opt_out",
            Self::Access => "access",
            Self::Deletion => "deletion",
            Self::Correction => "correction",
            Self::Limit => "limit",
            Self::Complaint => "complaint",
            Self::Help => "help",
            Self::Unclear => "unclear",
        }
    }
}

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// As asked.
    Complied,
    /// In part; the rest was refused.
    Partly,
    /// Not.
    Denied,
    /// There was nothing to do: nothing was asked for, or it was taken back.
    Nothing,
}

impl Response {
    /// How a case was answered.
    #[must_use]
    pub const fn of_case(answer: Answer) -> Self {
        match answer {
            Answer::Granted => Self::Complied,
            Answer::Partly => Self::Partly,
            Answer::Denied => Self::Denied,
            Answer::Nothing => Self::Nothing,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Complied => "complied",
            Self::Partly => "complied_in_part",
            Self::Denied => "denied",
            Self::Nothing => "nothing",
        }
    }
}

/// What is kept of one request (11 CCR 7101(b)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is called by.
    pub id: String,
    /// When it was made.
    pub received: Moment,
    /// The right.
    pub right: Right,
    /// What was done, in the ledger's word; of a case its nature.
    pub nature: &'static str,
    /// About what, with spaces between several; nothing for a case.
    pub target: String,
    /// How it was made.
    pub manner: &'static str,
    /// Who made it.
    pub actor: &'static str,
    /// When it was answered.
    pub responded: Option<Moment>,
    /// How.
    pub response: Option<Response>,
    /// Why not, where it was denied in whole or in part.
    pub denial_basis: String,
    /// The notice that was shown, where one was.
    pub notice: Option<i64>,
    /// The language.
    pub language: &'static str,
    /// The customer's pseudonym, the same as on receipts; empty where nobody knows whose it is.
    pub principal: String,
    /// The number that the customer was told.
    pub reference: String,
}

/// The columns of a file of records.
pub const COLUMNS: [&str; 14] = [
    "record",
    "received_at",
    "right",
    "nature",
    "target",
    "manner",
    "actor",
    "responded_at",
    "response",
    "denial_basis",
    "notice",
    "language",
    "principal",
    "reference",
];

impl Record {
    pub(super) fn cells(&self) -> [String; 14] {
        [
            self.id.clone(),
            instant(self.received),
            self.right.as_str().to_owned(),
            self.nature.to_owned(),
            self.target.clone(),
            self.manner.to_owned(),
            self.actor.to_owned(),
            self.responded.map(instant).unwrap_or_default(),
            self.response.map(Response::as_str).unwrap_or_default().to_owned(),
            self.denial_basis.clone(),
            self.notice.map(|notice| notice.to_string()).unwrap_or_default(),
            self.language.to_owned(),
            self.principal.clone(),
            self.reference.clone(),
        ]
    }
}
