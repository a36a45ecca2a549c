//! What agents ask for.

use domain::Moment;
use domain::calendar::Calendar;
use domain::moment::DAY;
use domain::request::Nature;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::message::{Envelope, write_time};
use crate::store::AgentRequestRow;

/// Business days for an opt-out of sale (11 CCR 7026(f)).
const OPT_OUT_DAYS: u16 = 15;
/// Calendar days for deletion and access (Cal. Civ. Code 1798.130(a)(2)).
const OTHER_DAYS: i64 = 45;
/// Longest text of a field, in characters.
const LONGEST: usize = 500;

/// A right that is exercised (§3.01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exercise {
    OptOut,
    OptIn,
    Deletion,
    Access,
    AccessCategories,
    AccessSpecific,
}

impl Exercise {
    const ALL: [Self; 6] = [
        Self::OptOut,
        Self::OptIn,
        Self::Deletion,
        Self::Access,
        Self::AccessCategories,
        Self::AccessSpecific,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptOut => "sale:opt-out",
            Self::OptIn => "sale:opt-in",
            Self::Deletion => "deletion",
            Self::Access => "access",
            Self::AccessCategories => "access:categories",
            Self::AccessSpecific => "access:specific",
        }
    }

    fn of(word: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|one| one.as_str() == word).ok_or(Fault::Exercise)
    }

    /// What staff are always asked; nothing for what is done at once or by the customer.
    pub const fn nature(self) -> Option<Nature> {
        match self {
            Self::OptOut | Self::OptIn => None,
            Self::Deletion => Some(Nature::Deletion),
            Self::Access | Self::AccessCategories | Self::AccessSpecific => Some(Nature::Access),
        }
    }

    /// When it must be done. For an opt-in there is no day: the customer takes the next step.
    pub fn expected_by(self, now: Moment, country: &str, zone: &TimeZone) -> Option<Moment> {
        match self {
            Self::OptOut => {
                Some(Calendar::of(country).end_of_business_day(now, OPT_OUT_DAYS, zone))
            }
            Self::OptIn => None,
            _ => Some(now.plus(OTHER_DAYS * DAY)),
        }
    }
}

/// A request as it is signed. Claims that are not known here are kept for staff.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(flatten)]
    pub envelope: Envelope,
    #[serde(rename = "agent-request-id")]
    pub agent_request_id: Option<String>,
    exercise: String,
    pub regime: Option<String>,
    pub status_callback: Option<String>,
    pub email: Option<String>,
    pub phone_number: Option<String>,
}

impl Asked {
    /// What is asked for.
    ///
    /// # Errors
    /// [`Fault`] for what is not supported.
    pub fn exercise(&self) -> Result<Exercise, Fault> {
        let texts = [&self.agent_request_id, &self.status_callback];
        if texts.into_iter().flatten().any(|text| text.chars().count() > LONGEST) {
            return Err(Fault::TooLong);
        }
        match self.regime.as_deref() {
            None | Some("" | "ccpa") => Exercise::of(&self.exercise),
            Some(_) => Err(Fault::Regime),
        }
    }
}

/// How a request stands, as agents read it (§3.03).
#[derive(Debug, Serialize)]
pub(super) struct Status<'a> {
    request_id: String,
    received_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_details: Option<&'a str>,
    #[serde(rename = "status")]
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_verification_url: Option<String>,
}

impl<'a> Status<'a> {
    /// The status of a request; whoever must verify themselves does so at `page`.
    pub fn of(row: &'a AgentRequestRow, page: &str) -> Self {
        let verify = row.reason.as_deref() == Some("need_user_verification");
        Self {
            request_id: row.id.to_string(),
            received_at: write_time(Moment(row.received_at)),
            expected_by: row.expected_by.map(|at| write_time(Moment(at))),
            agent_request_id: row.agent_request_id.as_deref(),
            processing_details: row.details.as_deref(),
            state: &row.status,
            reason: row.reason.as_deref(),
            user_verification_url: verify.then(|| page.to_owned()),
        }
    }
}
