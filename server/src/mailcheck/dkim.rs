//! The signature must cover both header fields, or mail clients ignore them (RFC 8058 §3.1).

use std::collections::HashMap;

use mail_auth::common::crypto::Algorithm;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, DnsError, Error, Txt};

use super::name_service::{Known, NameService, authenticator, parameters};
use super::{Checking, Findings, KeyRecord, Problem};
use crate::unsubscribe::{FIELD, POST_FIELD};

fn full_name(signature: &Signature) -> String {
    format!("{}._domainkey.{}.", signature.s, signature.d).to_ascii_lowercase()
}

/// Why mail clients would not heed a signature, however good it is.
fn objection(signature: &Signature) -> Option<String> {
    let covers = |name: &str| signature.h.iter().any(|field| field.eq_ignore_ascii_case(name));
    let domain = &signature.d;
    if let Some(name) = [FIELD, POST_FIELD].into_iter().find(|name| !covers(name)) {
        return Some(format!(
            "the signature of {domain} does not cover {name}; its h= must name {FIELD} and \
             {POST_FIELD} (RFC 8058 §3.1)"
        ));
    }
    if !covers("From") {
        let why = "its h= must name it (RFC 6376 §5.4)";
        return Some(format!("the signature of {domain} does not cover From; {why}"));
    }
    let why = "which nobody accepts any more; sign with rsa-sha256 (RFC 8301 §3.1)";
    matches!(signature.a, Algorithm::RsaSha1)
        .then(|| format!("the signature of {domain} is made with SHA-1, {why}"))
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
    let cut = message.errors.iter().any(|field| is_cut(&field.header));
    if cut {
        let reason = "a signature covers only the beginning of the body (l=); anybody could add \
                      to it";
        findings.problems.push(problem(reason.into()));
    }
    if signatures.is_empty() {
        let reason = if message.has_dkim_errors {
            "the DKIM signature is not of its form"
        } else {
            "there is no DKIM signature; let the mail service sign, then check what it sends"
        };
        if !cut {
            findings.problems.push(problem(reason.into()));
        }
        return;
    }
    let objections: Vec<_> = signatures.into_iter().map(objection).collect();
    if objections.iter().all(Option::is_some) {
        findings.problems.extend(objections.into_iter().flatten().map(problem));
    }
    verify(&message, with, findings).await;
}

/// The library takes no signature that covers a part of the body.
fn is_cut(error: &Error) -> bool {
    matches!(error, Error::Dkim(DkimError::SignatureLength))
}

/// Verifies what can be verified. One good signature that nothing is to be said against is enough.
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
    if with.keys.is_empty() && with.dns == NameService::Nobody {
        let note = "the signature was not verified, so it may be good or bad; give its key with \
                    --dkim-key-file, or look it up with --dns";
        findings.notes.push(note.into());
        return;
    }
    // Whoever gave keys or asks for them wants to hear that the signature is good.
    if known.0.is_empty() && with.dns == NameService::Nobody {
        for field in &message.dkim_headers {
            let name = full_name(&field.header);
            let at = name.trim_end_matches('.');
            let reason = format!("none of the keys that were given is the one at {at}");
            findings.problems.push(Problem::new("dkim", reason));
        }
        return;
    }
    let Some(authenticator) = authenticator(with.dns) else {
        let reason = "the machine names no name service, so nothing was verified";
        findings.problems.push(Problem::new("dkim", reason));
        return;
    };
    let results = authenticator.verify_dkim(parameters(message, &known)).await;
    let good = results.iter().any(|result| {
        *result.result() == DkimResult::Pass
            && result.signature().is_some_and(|signature| objection(signature).is_none())
    });
    if good {
        return;
    }
    for result in results.iter().filter(|result| *result.result() != DkimResult::Pass) {
        findings.problems.push(Problem::new("dkim", why(result)));
    }
}

/// Why a signature is not good, and where its key should have been if that is the reason.
fn why(output: &DkimOutput<'_>) -> String {
    let at = output.signature().map(full_name).unwrap_or_default();
    let at = at.trim_end_matches('.');
    match output.result() {
        DkimResult::PermError(Error::Dns(DnsError::RecordNotFound(_))) => {
            format!("the name service has no key at {at}")
        }
        DkimResult::PermError(Error::Dns(DnsError::InvalidRecordType)) => {
            format!("what the name service has at {at} is no key")
        }
        DkimResult::PermError(Error::Dkim(DkimError::RevokedPublicKey)) => {
            format!("the key at {at} is revoked (p= is empty)")
        }
        DkimResult::TempError(_) => {
            format!("the name service did not answer for {at}, so nothing was verified")
        }
        other => {
            let domain = output.signature().map_or("?", |signature| &signature.d);
            format!("the signature of {domain} is not good: {other}")
        }
    }
}
