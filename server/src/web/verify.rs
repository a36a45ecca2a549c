//! Checking receipts: what is sent is looked at and forgotten.

use app::page::{self, How, Told, Verdict, Wrong};
use axum::extract::{Multipart, OriginalUri, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Moment;

use super::errors::unavailable;
use super::language::keep;
use super::looking::{frame, html};
use super::router::Web;
use super::sessions::may_keep;
use crate::proof::{Change, Fault, LARGEST, Summary, Unreadable, check};
use crate::store::StoreError;

/// Bytes that a form with a receipt in it may have.
pub(super) const FORM_LIMIT: usize = LARGEST + 16 * 1024;

/// The empty form, or what a QR code says.
pub(super) async fn look(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let is_code = query.split('&').any(|pair| pair.starts_with("s=") || pair.starts_with("d="));
    let verdict = if is_code { Some(of_code(&web, query).await) } else { None };
    match verdict.transpose() {
        Ok(verdict) => answer(&web, &uri, &headers, &method, verdict.as_ref()),
        Err(error) => failed(&error),
    }
}

/// A receipt that was pasted or uploaded.
pub(super) async fn examine(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let bytes = match read(form).await {
        Ok(bytes) => bytes,
        Err(wrong) => {
            return answer(&web, &uri, &headers, &method, Some(&Verdict::Wrong(wrong)));
        }
    };
    match of_document(&web, &bytes).await {
        Ok(verdict) => answer(&web, &uri, &headers, &method, Some(&verdict)),
        Err(error) => failed(&error),
    }
}

fn failed(error: &StoreError) -> Response {
    tracing::error!(%error, "a receipt can't be compared with the ledger");
    unavailable()
}

fn answer(
    web: &Web,
    uri: &Uri,
    headers: &HeaderMap,
    method: &Method,
    verdict: Option<&Verdict>,
) -> Response {
    let (frame, chosen) = frame(web, uri, headers, None);
    let mut response = html(page::verify(&frame, verdict), method);
    if chosen.by_link && may_keep(method) && *method != Method::POST {
        keep(response.headers_mut(), chosen.language);
    }
    response
}

/// The text that was pasted, otherwise the file.
async fn read(mut form: Multipart) -> Result<Vec<u8>, Wrong> {
    let mut found = Vec::new();
    while let Ok(Some(field)) = form.next_field().await {
        if !matches!(field.name(), Some("receipt" | "file")) {
            continue;
        }
        let Ok(bytes) = field.bytes().await else { return Err(Wrong::TooLarge) };
        if found.is_empty() && !bytes.trim_ascii().is_empty() {
            found = bytes.to_vec();
        }
    }
    if found.is_empty() { Err(Wrong::Empty) } else { Ok(found) }
}

async fn of_document(web: &Web, bytes: &[u8]) -> Result<Verdict, StoreError> {
    match check(bytes, web.service.vault.proof().published()) {
        Ok(genuine) => of_ledger(web, &genuine.summary, false).await,
        Err(fault) => Ok(Verdict::Wrong(wrong(fault))),
    }
}

async fn of_code(web: &Web, query: &str) -> Result<Verdict, StoreError> {
    let Some((summary, signature)) = Summary::from_query(query) else {
        return Ok(Verdict::Wrong(Wrong::NoCode));
    };
    let keys = web.service.vault.proof().published();
    if !keys.knows(&summary.key) {
        return Ok(Verdict::Wrong(Wrong::UnknownKey(summary.key)));
    }
    if !keys.verify(&summary.key, &summary.message(), &signature) {
        return Ok(Verdict::Wrong(Wrong::Signature));
    }
    of_ledger(web, &summary, true).await
}

/// What was signed, compared with the ledger of now.
async fn of_ledger(web: &Web, summary: &Summary, by_code: bool) -> Result<Verdict, StoreError> {
    if let Some(position) = summary.position {
        let link = web.service.store.find_link_of_entry(position).await?;
        let hash = link.map(|link| URL_SAFE_NO_PAD.encode(link));
        if hash.as_ref() != Some(&summary.hash) {
            return Ok(Verdict::Wrong(Wrong::NotInLedger(position)));
        }
    }
    let moment = |text: &str| {
        let at: Option<jiff::Timestamp> = text.parse().ok();
        at.map(|at| Moment(at.as_millisecond()))
    };
    Ok(Verdict::Genuine(Told {
        target: summary.target.clone(),
        act: summary.act.clone(),
        until: summary.detail.as_deref().and_then(moment),
        at: moment(&summary.at),
        reference: summary.reference.clone(),
        position: summary.position,
        by_code,
    }))
}

fn wrong(fault: Fault) -> Wrong {
    match fault {
        Fault::Unreadable(Unreadable::TooLarge) => Wrong::TooLarge,
        Fault::Unreadable(Unreadable::NotJson { line, column }) => Wrong::NotJson { line, column },
        Fault::Unreadable(Unreadable::Twice(name)) => Wrong::Twice(name),
        Fault::NotAReceipt(name) => Wrong::NotAReceipt(name),
        Fault::Changed(changes) => Wrong::Changed(changes.into_iter().map(place).collect()),
        Fault::UnknownKey(key) => Wrong::UnknownKey(key),
        Fault::WrongSignature => Wrong::Signature,
        Fault::NotInHead { position, .. } | Fault::NotInLedger(position) => {
            Wrong::NotInLedger(position)
        }
    }
}

fn place(change: Change) -> (String, How) {
    match change {
        Change::Altered(at) => (at, How::Altered),
        Change::Removed(at) => (at, How::Removed),
        Change::Added(at) => (at, How::Added),
    }
}
