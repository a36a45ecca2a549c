//! Signed messages of agents (Data Rights Protocol 1.0 §3.07).

use base64::Engine;
use domain::Moment;
use domain::moment::HOUR;
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::directory::BASE64;
use super::fault::Fault;

/// Bytes of an Ed25519 signature.
const SIGNATURE: usize = 64;
/// The version of the protocol that is spoken.
const VERSION: &str = "1.0";
/// Milliseconds for which a message may be valid. Agents are advised to stay below ten minutes and
/// in practice take fifteen; the rest is room for clocks that differ.
const LONGEST: i64 = HOUR;

/// Opens a message: from Base64, and by its signature.
///
/// # Errors
/// What is wrong first, in the protocol's order.
pub(super) fn open<T: DeserializeOwned>(body: &[u8], key: &VerifyingKey) -> Result<T, Fault> {
    let bytes = BASE64.decode(body.trim_ascii()).map_err(|_| Fault::NotBase64)?;
    let (signature, json) = bytes.split_first_chunk::<SIGNATURE>().ok_or(Fault::NotBase64)?;
    let signature = Signature::from_bytes(signature);
    key.verify_strict(json, &signature).map_err(|_| Fault::Signature)?;
    serde_json::from_slice(json).map_err(|_| Fault::Unreadable)
}

/// What makes a message the same when it comes again, however its Base64 is padded.
pub(super) fn digest(body: &[u8]) -> [u8; 32] {
    let body = body.trim_ascii();
    BASE64.decode(body).map_or_else(|_| Sha256::digest(body), Sha256::digest).into()
}

/// Who signed, for whom, and for how long.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    #[serde(rename = "agent-id")]
    pub agent: String,
    #[serde(rename = "business-id")]
    pub business: String,
    #[serde(rename = "issued-at")]
    issued_at: String,
    #[serde(rename = "expires-at")]
    expires_at: String,
    #[serde(rename = "drp.version")]
    version: String,
}

impl Envelope {
    /// Whether it is from this agent, for this business, and valid now.
    ///
    /// # Errors
    /// What is wrong first, in the protocol's order.
    pub fn check(&self, agent: &str, business: &str, now: Moment) -> Result<(), Fault> {
        if self.agent != agent {
            return Err(Fault::OtherAgent);
        }
        if self.business != business {
            return Err(Fault::OtherBusiness);
        }
        let issued_at = read_time(&self.issued_at).ok_or(Fault::Unreadable)?;
        if issued_at > now {
            return Err(Fault::NotYet);
        }
        let expires_at = read_time(&self.expires_at).ok_or(Fault::Unreadable)?;
        if expires_at <= now {
            return Err(Fault::Expired);
        }
        if expires_at.since(issued_at) > LONGEST {
            return Err(Fault::LastsTooLong);
        }
        if self.version == VERSION { Ok(()) } else { Err(Fault::Version) }
    }
}

/// An ISO 8601 time; one that names no zone is in UTC.
fn read_time(text: &str) -> Option<Moment> {
    let plain = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let time = text.parse::<Timestamp>().ok().or_else(plain)?;
    Some(Moment(time.as_millisecond()))
}

/// A time as agents read it: the reference implementation takes no `Z`.
pub(super) fn write_time(at: Moment) -> String {
    let time = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
