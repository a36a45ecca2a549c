//! A case that somebody must answer: what a record of it holds (11 CCR 7101(b)), and until when.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::choice::words;
use crate::deadline::{CALIFORNIA, COMPLAINT, EUROPE, MARKETING, SALE, Term, earliest};
use crate::moment::Moment;

words! {
    /// How a request was made.
    Manner {
        /// By email.
        Email = "email",
        /// By text message.
        Text = "text",
        /// On the phone.
        Phone = "phone",
        /// By post.
        Post = "post",
        /// In person.
        Person = "in_person",
        /// On the website.
        Web = "web",
        /// By an authorized agent.
        Agent = "agent",
    }
}

words! {
    /// What a request is about.
    Nature {
        /// Nobody has read it yet; it may be an opt-out, so it has an opt-out's deadline.
        Unclear = "unclear",
        /// To stop marketing, sale or sharing.
        OptOut = "opt_out",
        /// To be sent messages again. Nothing changes until it is confirmed on the portal.
        OptIn = "opt_in",
        /// Who are you, what is this?
        Help = "help",
        /// What do you know of me (GDPR Art. 15)?
        Access = "access",
        /// Delete it (GDPR Art. 17).
        Deletion = "deletion",
        /// Correct it (GDPR Art. 16).
        Correction = "correction",
        /// Limit what is sensitive (11 CCR 7027).
        Limit = "limit",
        /// A complaint.
        Complaint = "complaint",
    }
}

words! {
    /// How far a request has come.
    State {
        /// Somebody must answer it.
        Open = "open",
        /// It was answered.
        Closed = "closed",
    }
}

words! {
    /// What the answer was.
    Response {
        /// Done as asked.
        Granted = "granted",
        /// Done in part; the rest was refused.
        Partly = "partly",
        /// Refused; the record says why.
        Denied = "denied",
        /// It asked for nothing, such as a message of thanks.
        Nothing = "nothing",
    }
}

words! {
    /// Why a request was refused.
    Basis {
        /// Nobody could tell whose request it is (11 CCR 7060).
        Unverified = "unverified",
        /// A law requires the data or the sharing.
        Law = "required_by_law",
        /// An exemption of the law covers it.
        Exempt = "exempt",
        /// It is one of many without reason (GDPR Art. 12(5)).
        Excessive = "excessive",
        /// Believed, for reasons that are written down, to be fraud (11 CCR 7026(e)).
        Fraud = "fraud",
        /// Nothing is held about the person.
        NoData = "no_data",
    }
}

impl Nature {
    /// The terms that may apply; the earliest wins, since nobody can tell which law is theirs.
    #[must_use]
    pub const fn terms(self) -> &'static [Term] {
        match self {
            Self::Unclear | Self::OptOut => &[MARKETING, SALE, EUROPE],
            Self::Limit => &[SALE, EUROPE],
            Self::Complaint => &[COMPLAINT, EUROPE],
            Self::OptIn | Self::Help => &[EUROPE],
            Self::Access | Self::Deletion | Self::Correction => &[EUROPE, CALIFORNIA],
        }
    }

    /// When it must be answered.
    #[must_use]
    pub fn due_at(self, received_at: Moment, calendar: Calendar, zone: &TimeZone) -> Moment {
        earliest(self.terms(), received_at, calendar, zone)
    }
}

/// Why a request can't be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclosable {
    /// What it was about must be known.
    #[error("say what it was about before it is closed; “unclear” is no nature of a request")]
    Unclear,
    /// A refusal without a basis.
    #[error("a request that is refused, in whole or in part, needs the basis")]
    NoBasis,
    /// A basis without a refusal.
    #[error("only a request that is refused, in whole or in part, has a basis")]
    NotDenied,
}

/// Whether a request may be closed with this answer (11 CCR 7101(b)).
///
/// # Errors
/// [`Unclosable`]: what the record would lack.
pub fn check_closing(
    nature: Nature,
    response: Response,
    basis: Option<Basis>,
) -> Result<(), Unclosable> {
    let refused = matches!(response, Response::Denied | Response::Partly);
    match (nature, basis) {
        (Nature::Unclear, _) if response != Response::Nothing => Err(Unclosable::Unclear),
        (_, None) if refused => Err(Unclosable::NoBasis),
        (_, Some(_)) if !refused => Err(Unclosable::NotDenied),
        _ => Ok(()),
    }
}
