//! A receipt as a document: ISO/IEC TS 27560:2023 in the words of DPV 2.3, as JSON-LD.

use app::page::names::name;
use app::portal::Notice;
use app::routes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::choice::Entry;
use domain::event::Event;
use domain::ledger::Link;
use domain::{Act, Position};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::check::{ALGORITHM, document_leaves};
use super::head::{SignedHead, instant};
use super::keys::ProofKeys;
use super::parties::{authority, parties};
use super::process::process;
use super::summary::Summary;

/// The profiles of W3C's guide "consent-27560" §2.
const RECORD_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
const RECEIPT_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt";

/// Where a receipt is anchored in the ledger.
#[derive(Clone, Debug)]
pub enum Anchor {
    /// At the entry itself.
    Entry {
        /// Its place.
        position: Position,
        /// Its link.
        link: Link,
    },
    /// At the newest published head, for whoever must not learn whether there is an entry.
    Head(Option<SignedHead>),
}

/// What a receipt is made from.
#[derive(Clone, Debug)]
pub struct Making<'a> {
    /// Where the portal stands, without a slash at its end.
    pub base_url: &'a str,
    /// The notice that was shown.
    pub notice: &'a Notice,
    /// SHA-256 of its source.
    pub notice_hash: &'a [u8],
    /// The entry.
    pub entry: &'a Entry,
    /// What it did, switch by switch.
    pub events: &'a [Event],
    /// Where it stands.
    pub anchor: &'a Anchor,
    /// The customer's pseudonym.
    pub principal: &'a str,
}

/// The signed receipt, as JSON; nothing without a key to sign with. Made twice from the same, it is
/// the same.
#[must_use]
pub fn document(making: &Making<'_>, keys: &ProofKeys) -> Option<Value> {
    let Making { base_url, entry, .. } = making;
    let receipt_id = id(making, "receipt");
    let mut receipt = json!({
        "@context": format!("{base_url}{}", routes::RECEIPT_CONTEXT),
        "@id": format!("urn:uuid:{receipt_id}"),
        "@type": "ConsentReceipt",
        "schema_version": RECEIPT_SCHEMA,
        "receipt_id": receipt_id,
        "created": instant(entry.at),
        "record": record(making),
        "proof": {
            "@type": "Proof",
            "algorithm": ALGORITHM,
            "key": keys.current()?,
            "keys": format!("{base_url}{}", routes::KEYS),
        },
    });
    let digests: Map<String, Value> =
        document_leaves(&receipt).into_iter().map(|(at, digest)| (at, digest.into())).collect();
    receipt["proof"]["digests"] = Value::Object(digests);
    let signature = keys.sign(&Summary::of(&receipt)?.message())?;
    receipt["proof"]["signature"] = signature.into();
    Some(receipt)
}

fn record(making: &Making<'_>) -> Value {
    let Making { base_url, notice, notice_hash, entry, events, principal, .. } = making;
    let (catalogue, language) = (&notice.catalogue, entry.language);
    let record_id = id(making, "record");
    let iri = format!("urn:uuid:{record_id}");
    let processes: Vec<_> = events.iter().map(|event| process(making, &iri, event)).collect();
    let mut record = json!({
        "@id": iri,
        "@type": "ConsentRecord",
        "schema_version": RECORD_SCHEMA,
        "record_id": record_id,
        "pii_principal_id": principal,
        "privacy_notice": {
            "@id": format!("{base_url}{}", routes::notice(entry.notice, language)),
            "@type": ["PrivacyNotice", "ConsentNotice"],
            "version": entry.notice.0.to_string(),
            "published": instant(notice.published_at),
            "sha256": URL_SAFE_NO_PAD.encode(notice_hash),
            "language": language.tag(),
        },
        "language": language.tag(),
        "subject": name(catalogue, language, &entry.target),
        "target": entry.target.to_string(),
        "act": entry.act.as_str(),
        "event_time": instant(entry.at),
        "reference": entry.reference.as_str(),
        "source": entry.source.as_str(),
        "actor": entry.actor.as_str(),
        "processes": processes,
        "parties": parties(base_url, catalogue, language, events),
        "authority_party": authority(catalogue),
        "ledger": ledger(making.anchor),
    });
    match entry.act {
        Act::Paused { until } => record["until"] = instant(until).into(),
        Act::Undone { entry } => record["taken_back"] = entry.0.to_string().into(),
        _ => {}
    }
    record
}

fn ledger(anchor: &Anchor) -> Value {
    match anchor {
        Anchor::Entry { position, link } => json!({
            "@type": "LedgerEntry",
            "position": position.0,
            "hash": URL_SAFE_NO_PAD.encode(link),
        }),
        Anchor::Head(Some(head)) => {
            json!({ "@type": "LedgerHead", "date": head.date, "hash": head.digest() })
        }
        Anchor::Head(None) => {
            json!({ "@type": "LedgerHead", "hash": URL_SAFE_NO_PAD.encode(domain::ledger::GENESIS) })
        }
    }
}

/// An id that follows from what the receipt is about (RFC 9562 §5.8).
fn id(making: &Making<'_>, kind: &str) -> String {
    let mut hash = Sha256::new();
    for part in [
        kind.as_bytes(),
        making.entry.reference.as_str().as_bytes(),
        making.principal.as_bytes(),
        match making.anchor {
            Anchor::Entry { link, .. } => link.as_slice(),
            Anchor::Head(_) => b"",
        },
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}
