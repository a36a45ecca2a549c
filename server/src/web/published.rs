//! What proves without the portal: the keys, and the ledger's heads.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Moment;
use domain::moment::DAY;
use serde::Deserialize;
use serde_json::json;

use super::errors::unavailable;
use super::router::Web;
use crate::proof::{date, read_date, signed_head};
use crate::store::StoreError;

/// Most heads in one answer.
const MOST: i64 = 1_000;

fn document(kind: &'static str, text: String) -> Response {
    let kind = HeaderValue::from_static(kind);
    let keep = HeaderValue::from_static("public, max-age=60");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], text).into_response()
}

fn failed(error: &StoreError) -> Response {
    tracing::error!(%error, "published heads can't be read");
    unavailable()
}

/// The keys that receipts and heads are checked with, the newest first.
pub(super) async fn keys(State(web): State<Web>) -> Response {
    document("application/jwk-set+json", web.service.vault.proof().published().to_json())
}

/// The newest head.
pub(super) async fn head(State(web): State<Web>) -> Response {
    match web.service.store.find_newest_published_head().await {
        Ok(Some(row)) => document("application/json", format!("{:#}\n", json!(signed_head(&row)))),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => failed(&error),
    }
}

/// Where to begin.
#[derive(Deserialize)]
pub(super) struct From {
    from: Option<String>,
}

/// Every head from a day on, oldest first; `next` says where to go on.
pub(super) async fn heads(State(web): State<Web>, Query(query): Query<From>) -> Response {
    let from = match query.from.as_deref().map(read_date) {
        None => Moment(i64::MIN),
        Some(Some(from)) => from,
        Some(None) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let rows = match web.service.store.list_published_heads(from, MOST).await {
        Ok(rows) => rows,
        Err(error) => return failed(&error),
    };
    let heads: Vec<_> = rows.iter().map(signed_head).collect();
    let mut list = json!({ "heads": heads });
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == MOST);
    if let Some(last) = rows.last().filter(|_| full) {
        list["next"] = date(last.day.plus(DAY)).into();
    }
    document("application/json", format!("{list:#}\n"))
}
