//! The signature must cover both header fields, or mail clients ignore them (RFC 8058 §3.1).

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::str::FromStr;
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Signature;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{
    AuthenticatedMessage, DkimResult, MX, MessageAuthenticator, Parameters, RecordSet,
    ResolverCache, Txt,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Checking, Findings, Problem};
use crate::unsubscribe::{FIELD, POST_FIELD};

/// A public key of a signer, as its record in the name service has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// SELECTOR._domainkey.DOMAIN; none: for every signature.
    pub name: Option<String>,
    /// The record's text.
    pub record: String,
}

/// The text holds no public key of DKIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is a record such as “v=DKIM1; k=rsa; p=…”, or a public key in PEM")]
pub struct NotAKeyRecord;

impl FromStr for KeyRecord {
    type Err = NotAKeyRecord;

    /// Reads a record as it stands in a zone file, quotation marks and all, or a PEM.
    fn from_str(text: &str) -> Result<Self, NotAKeyRecord> {
        let record = if text.trim_start().starts_with("-----BEGIN PUBLIC KEY-----") {
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
            format!("v=DKIM1; k=rsa; p={}", lines.collect::<String>())
        } else {
            text.chars().filter(|c| *c != '"' && *c != '\n' && *c != '\r').collect()
        };
        let record = record.trim().to_owned();
        match DomainKey::parse(record.as_bytes()) {
            Ok(_) => Ok(Self { name: None, record }),
            Err(_) => Err(NotAKeyRecord),
        }
    }
}

/// Keys by their full names.
struct Known(HashMap<Box<str>, Txt>);

impl<K: Hash + Eq, V> ResolverCache<K, V> for Nothing<K, V> {
    fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        None
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: Instant) {}
}

/// Keeps nothing of what else the name service says.
struct Nothing<K, V>(std::marker::PhantomData<(K, V)>);

impl ResolverCache<Box<str>, Txt> for Known {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

fn full_name(signature: &Signature) -> String {
    format!("{}._domainkey.{}.", signature.s, signature.d).to_ascii_lowercase()
}

/// The field of the two that a signature leaves out.
fn missing(signature: &Signature) -> Option<&'static str> {
    let covers = |name: &str| signature.h.iter().any(|field| field.eq_ignore_ascii_case(name));
    [FIELD, POST_FIELD].into_iter().find(|name| !covers(name))
}

/// Checks the signatures of a message.
pub(super) async fn check(raw: &[u8], with: &Checking<'_>, findings: &mut Findings) {
    let problem = |reason: String| Problem::new("dkim", reason);
    // The library parses fields of any form; a message without them was refused before.
    let Some(message) = AuthenticatedMessage::parse(raw) else {
        findings.problems.push(problem("the message can't be read for its signature".into()));
        return;
    };
    let signatures: Vec<&Signature> =
        message.dkim_headers.iter().map(|field| &field.header).collect();
    if signatures.is_empty() {
        let reason = if message.has_dkim_errors {
            "the DKIM signature is not of its form"
        } else {
            "there is no DKIM signature; let the mail service sign, then check what it sends"
        };
        findings.problems.push(problem(reason.into()));
        return;
    }
    let covering = signatures.iter().filter(|signature| missing(signature).is_none()).count();
    if covering == 0 {
        for signature in &signatures {
            let name = missing(signature).unwrap_or_default();
            let domain = &signature.d;
            findings.problems.push(problem(format!(
                "the signature of {domain} does not cover {name}; its h= must name {FIELD} and \
                 {POST_FIELD} (RFC 8058 §3.1)"
            )));
        }
    }
    if signatures.iter().any(|signature| signature.l > 0) {
        let reason = "a signature covers only the beginning of the body (l=); anybody could add \
                      to it";
        findings.problems.push(problem(reason.into()));
    }
    verify(&message, with, findings).await;
}

/// Verifies what can be verified. One good signature that covers both fields is enough.
async fn verify(message: &AuthenticatedMessage<'_>, with: &Checking<'_>, findings: &mut Findings) {
    let mut known = Known(HashMap::new());
    for field in &message.dkim_headers {
        let name = full_name(&field.header);
        let named = |key: &&KeyRecord| {
            key.name.as_ref().is_none_or(|own| {
                own.trim_end_matches('.').eq_ignore_ascii_case(name.trim_end_matches('.'))
            })
        };
        let key = with.keys.iter().find(named).map(|key| DomainKey::parse(key.record.as_bytes()));
        if let Some(Ok(key)) = key {
            known.0.insert(name.into_boxed_str(), Txt::from(key));
        }
    }
    if known.0.is_empty() && !with.dns {
        findings.notes.push("the signature was not verified: no key was given".into());
        return;
    }
    let Some(authenticator) = authenticator(with.dns) else {
        findings.notes.push("the signature was not verified: there is no name service".into());
        return;
    };
    let results = authenticator.verify_dkim(parameters(message, &known)).await;
    let good = results.iter().any(|result| {
        *result.result() == DkimResult::Pass
            && result.signature().is_some_and(|signature| missing(signature).is_none())
    });
    if good {
        return;
    }
    for result in results.iter().filter(|result| *result.result() != DkimResult::Pass) {
        let domain = result.signature().map_or("?", |signature| &signature.d);
        let reason = format!("the signature of {domain} is not good: {}", result.result());
        findings.problems.push(Problem::new("dkim", reason));
    }
}

/// One that asks the machine's name service, or nobody.
fn authenticator(dns: bool) -> Option<MessageAuthenticator> {
    if dns {
        return MessageAuthenticator::new_system_conf().ok();
    }
    let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    MessageAuthenticator::new(nobody, ResolverOpts::default()).ok()
}

type Names<T> = Nothing<Box<str>, RecordSet<T>>;
type Asked<'x> = Parameters<
    'x,
    &'x AuthenticatedMessage<'x>,
    Known,
    Names<MX>,
    Names<Ipv4Addr>,
    Names<Ipv6Addr>,
    Nothing<IpAddr, RecordSet<Box<str>>>,
>;

fn parameters<'x>(message: &'x AuthenticatedMessage<'x>, known: &'x Known) -> Asked<'x> {
    Parameters {
        params: message,
        cache_txt: Some(known),
        cache_mx: None,
        cache_ptr: None,
        cache_ipv4: None,
        cache_ipv6: None,
    }
}
