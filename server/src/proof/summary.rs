//! What is signed of a receipt, short enough for a QR code.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::{canonical, digest};

/// What is said before a summary when it is signed, so that a signature means nothing elsewhere.
const LABEL: &[u8] = b"sayso-receipt-1\n";

/// What a receipt says, in short, and the digest of all that it says. The names are short because
/// they stand in the address behind the QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Place in the ledger; none for the acknowledgement of a form.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Hash of the entry, or of the published head before it.
    #[serde(rename = "h")]
    pub hash: String,
    /// What the choice was about.
    #[serde(rename = "t")]
    pub target: String,
    /// What was chosen.
    #[serde(rename = "a")]
    pub act: String,
    /// Until when, for a pause; which entry, for one taken back.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When (RFC 3339, UTC).
    #[serde(rename = "at")]
    pub at: String,
    /// The number that the customer was told.
    #[serde(rename = "r")]
    pub reference: String,
    /// The customer's pseudonym.
    #[serde(rename = "p")]
    pub principal: String,
    /// SHA-256 of the whole receipt without its signature.
    #[serde(rename = "d")]
    pub digest: String,
    /// The key that signed.
    #[serde(rename = "k")]
    pub key: String,
}

impl Summary {
    /// The summary of a receipt; nothing when a part that it needs is missing or of another type.
    #[must_use]
    pub fn of(receipt: &Value) -> Option<Self> {
        let text = |pointer: &str| Some(receipt.pointer(pointer)?.as_str()?.to_owned());
        let optional = |pointer: &str| match receipt.pointer(pointer) {
            None => Some(None),
            Some(value) => value.as_str().map(|text| Some(text.to_owned())),
        };
        let position = match receipt.pointer("/record/ledger/position") {
            None => None,
            Some(place) => Some(place.as_i64()?),
        };
        let detail = match optional("/record/until")? {
            Some(until) => Some(until),
            None => optional("/record/taken_back")?,
        };
        let mut unsigned = receipt.clone();
        unsigned.pointer_mut("/proof")?.as_object_mut()?.remove("signature");
        Some(Self {
            position,
            hash: text("/record/ledger/hash")?,
            target: text("/record/target")?,
            act: text("/record/act")?,
            detail,
            at: text("/record/event_time")?,
            reference: text("/record/reference")?,
            principal: text("/record/pii_principal_id")?,
            digest: digest(&unsigned),
            key: text("/proof/key")?,
        })
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let value = serde_json::to_value(self)
            .unwrap_or_else(|_| unreachable!("every field has a JSON form"));
        [LABEL, &canonical(&value)].concat()
    }

    /// The summary and its signature as the query of an address.
    #[must_use]
    pub fn to_query(&self, signature: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let value = serde_json::to_value(self).unwrap_or_default();
        for (name, member) in value.as_object().into_iter().flatten() {
            let text = member.as_str().map_or_else(|| member.to_string(), str::to_owned);
            query.append_pair(name, &text);
        }
        // What a query may hold as it is (RFC 3986 §3.4) stays readable, and the code small.
        query.append_pair("s", signature).finish().replace("%3A", ":").replace("%2F", "/")
    }

    /// Reads such a query; nothing when it is not one.
    #[must_use]
    pub fn from_query(query: &str) -> Option<(Self, String)> {
        let mut members = serde_json::Map::new();
        let mut signature = None;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let twice = match &*name {
                "language" => continue,
                "s" => signature.replace(value.into_owned()).is_some(),
                "n" => members.insert("n".into(), value.parse::<i64>().ok()?.into()).is_some(),
                _ => members.insert(name.into_owned(), value.into_owned().into()).is_some(),
            };
            if twice {
                return None;
            }
        }
        Some((serde_json::from_value(Value::Object(members)).ok()?, signature?))
    }
}
