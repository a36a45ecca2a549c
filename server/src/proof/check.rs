//! Whether a receipt is genuine, and if not, what is wrong with it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::canonical::{Unreadable, leaves, parse};
use super::head::SignedHead;
use super::keys::Published;
use super::summary::Summary;

/// The only algorithm.
pub(super) const ALGORITHM: &str = "Ed25519";
/// Most changes that are named.
const NAMED: usize = 20;

/// A receipt that a published key signed, and of which nothing was changed.
#[derive(Clone, Debug)]
pub struct Genuine {
    /// What was signed.
    pub summary: Summary,
    /// The document.
    pub receipt: Value,
}

/// A place of a receipt, as a JSON Pointer (RFC 6901), that is not as it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It says something else.
    Altered(String),
    /// It is missing.
    Removed(String),
    /// It was not there.
    Added(String),
}

/// What is wrong with a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not even JSON.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// JSON, but no receipt: the named member is missing or of another type.
    #[error("it is no receipt: there is no {0}")]
    NotAReceipt(&'static str),
    /// These places were changed.
    #[error("it was changed after it was issued: {}", named(.0))]
    Changed(Vec<Change>),
    /// Signed by a key that is not published.
    #[error("it names the key {0}, which is none of the published ones")]
    UnknownKey(String),
    /// The signature fits neither what it says nor any member alone.
    #[error("its signature (/proof/signature) does not fit what it says")]
    WrongSignature,
    /// It comes after the head.
    #[error(
        "it names entry {position} of the ledger, which the head of {date} does not contain: that one ends at entry {head}"
    )]
    NotInHead {
        /// The receipt's entry.
        position: i64,
        /// The head's newest entry.
        head: i64,
        /// The head's day.
        date: String,
    },
    /// The ledger has another entry there, or none.
    #[error("it names entry {0} of the ledger, which is not what was written there")]
    NotInLedger(i64),
}

fn named(changes: &[Change]) -> String {
    let one = |change: &Change| match change {
        Change::Altered(at) => format!("{at} says something else"),
        Change::Removed(at) => format!("{at} is missing"),
        Change::Added(at) => format!("{at} was added"),
    };
    changes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A receipt as checked.
pub type Checked = Result<Genuine, Fault>;

/// Checks a receipt against published keys.
///
/// # Errors
/// The [`Fault`] that says most.
pub fn check(bytes: &[u8], keys: &Published) -> Checked {
    let receipt = parse(bytes)?;
    let Some(proof) = receipt.get("proof").and_then(Value::as_object) else {
        return Err(Fault::NotAReceipt("/proof"));
    };
    let Some(digests) = proof.get("digests").and_then(Value::as_object) else {
        return Err(Fault::NotAReceipt("/proof/digests"));
    };
    let Some(signature) = proof.get("signature").and_then(Value::as_str) else {
        return Err(Fault::NotAReceipt("/proof/signature"));
    };
    let summary = Summary::of(&receipt);
    if let Some(summary) = summary
        && proof.get("algorithm").and_then(Value::as_str) == Some(ALGORITHM)
        && keys.verify(&summary.key, &summary.message(), signature)
    {
        return Ok(Genuine { summary, receipt: receipt.clone() });
    }
    let changes = changes(&receipt, digests, keys, signature);
    if !changes.is_empty() {
        return Err(Fault::Changed(changes));
    }
    let key = proof.get("key").and_then(Value::as_str).unwrap_or_default();
    if keys.knows(key) { Err(Fault::WrongSignature) } else { Err(Fault::UnknownKey(key.into())) }
}

/// What differs from the digests that were issued with it.
fn changes(
    receipt: &Value,
    digests: &serde_json::Map<String, Value>,
    keys: &Published,
    signature: &str,
) -> Vec<Change> {
    let found = document_leaves(receipt);
    let mut changes = Vec::new();
    for (at, issued) in digests {
        match found.get(at) {
            None => changes.push(Change::Removed(at.clone())),
            Some(digest) if issued.as_str() != Some(digest) => {
                changes.push(Change::Altered(at.clone()));
            }
            Some(_) => {}
        }
    }
    let added = found.keys().filter(|at| !digests.contains_key(*at));
    changes.extend(added.map(|at| Change::Added(at.clone())));
    if !changes.is_empty() && is_genuine_but_for_digests(receipt, &found, keys, signature) {
        changes = changes.into_iter().map(of_the_list).collect();
    } else {
        changes = changes.into_iter().map(|change| widest(change, receipt, digests)).collect();
        changes.dedup();
    }
    changes.truncate(NAMED);
    changes
}

/// With a whole part gone or new, that part is named and not each of its members.
fn widest(change: Change, receipt: &Value, digests: &serde_json::Map<String, Value>) -> Change {
    let climb = |at: String, is_whole: &dyn Fn(&str) -> bool| {
        let mut at = at;
        while let Some((parent, _)) = at.rsplit_once('/').filter(|(parent, _)| is_whole(parent)) {
            at = parent.to_owned();
        }
        at
    };
    let is_gone = |at: &str| !at.is_empty() && receipt.pointer(at).is_none();
    let is_new = |at: &str| {
        let below = format!("{at}/");
        !at.is_empty() && !digests.keys().any(|known| known == at || known.starts_with(&below))
    };
    match change {
        Change::Removed(at) => Change::Removed(climb(at, &is_gone)),
        Change::Added(at) => Change::Added(climb(at, &is_new)),
        Change::Altered(at) => Change::Altered(at),
    }
}

/// Every member of a receipt beside the digests themselves and the signature.
pub(super) fn document_leaves(receipt: &Value) -> BTreeMap<String, String> {
    let mut document = receipt.clone();
    if let Some(proof) = document.pointer_mut("/proof").and_then(Value::as_object_mut) {
        proof.remove("digests");
        proof.remove("signature");
    }
    leaves(&document)
}

/// Whether only the list of digests was changed: with the right list the signature fits.
fn is_genuine_but_for_digests(
    receipt: &Value,
    found: &BTreeMap<String, String>,
    keys: &Published,
    signature: &str,
) -> bool {
    let mut mended = receipt.clone();
    let list = found.iter().map(|(at, digest)| (at.clone(), Value::from(digest.as_str())));
    if let Some(digests) = mended.pointer_mut("/proof/digests") {
        *digests = Value::Object(list.collect());
    }
    Summary::of(&mended)
        .is_some_and(|summary| keys.verify(&summary.key, &summary.message(), signature))
}

/// The same change seen from the list: what the document has and the list lacks was taken from it.
fn of_the_list(change: Change) -> Change {
    let place = |at: String| format!("/proof/digests/{}", at.replace('~', "~0").replace('/', "~1"));
    match change {
        Change::Altered(at) => Change::Altered(place(at)),
        Change::Removed(at) => Change::Added(place(at)),
        Change::Added(at) => Change::Removed(place(at)),
    }
}

impl Genuine {
    /// Whether a head that somebody kept contains the receipt's entry, as far as a head can tell.
    ///
    /// # Errors
    /// [`Fault::NotInHead`] when it ends before, [`Fault::NotInLedger`] when it ends at that very
    /// entry with another hash.
    pub fn within(&self, head: &SignedHead) -> Result<(), Fault> {
        let Some(position) = self.summary.position else { return Ok(()) };
        if position > head.position {
            let date = head.date.clone();
            return Err(Fault::NotInHead { position, head: head.position, date });
        }
        if position == head.position && self.summary.hash != head.hash {
            return Err(Fault::NotInLedger(position));
        }
        Ok(())
    }
}
