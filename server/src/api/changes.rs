//! `/api/v1/changes`: what changes, in order, for a system that fetches instead of being told.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::catalogue::{System, Tell};
use domain::{Key, Position};
use futures::stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use super::Api;
use super::client::With;
use super::json::Json;
use super::number::{Place, within};
use super::openapi::Problems;
use super::problem::{Kind, Problem};
use super::{paths, scope};
use crate::store::{DeliveryFilter, StoreError};
use crate::tell::Content;

/// Most changes of one answer.
const MOST: u32 = 500;
/// As many as are given unasked.
const SOME: u32 = 100;
/// Longest wait for something new, in seconds.
const PATIENCE: u32 = 60;
/// How often other nodes' writes are looked for while somebody waits.
const GLANCE: Duration = Duration::from_millis(500);
/// How long an event stream stays silent before it says that it is there.
const SILENCE: Duration = Duration::from_secs(15);

/// From where, and how long to wait.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The `next` of the answer before; 0 begins at the first change. What it passes counts as
    /// obeyed, where the register says that this system follows the feed.
    #[serde(default)]
    #[param(value_type = i64, required = false, minimum = 0, default = 0)]
    after: Place,
    /// Seconds to wait until there is something new.
    #[param(required = false, minimum = 0, maximum = 60, default = 0)]
    wait: Option<u32>,
    /// Most changes of the answer.
    #[param(required = false, minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
}

/// What changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    /// In ledger order.
    changes: Vec<Content>,
    /// Where to go on: the `after` of the next request.
    next: i64,
}

/// One client at the feed.
struct Reader {
    api: Api,
    system: System,
    limit: i64,
    after: i64,
}

impl Reader {
    /// The next changes, at once; none when there is nothing new.
    async fn read(&self) -> Result<Vec<Content>, StoreError> {
        let service = &self.api.service;
        let due = service.store.list_feed(self.system.key.as_str(), self.after, self.limit).await?;
        let mut changes = Vec::with_capacity(due.len());
        for due in &due {
            changes.push(Content::of(service, &self.system, due).await?);
        }
        Ok(changes)
    }

    /// The next changes, waiting for them until a moment.
    async fn wait(&self, until: Instant) -> Result<Vec<Content>, StoreError> {
        let mut heard = self.api.service.index.heard();
        loop {
            heard.mark_unchanged();
            let changes = self.read().await?;
            let left = until.saturating_duration_since(Instant::now());
            if !changes.is_empty() || left.is_zero() {
                return Ok(changes);
            }
            // Own writes are heard at once, others' when the index has followed them.
            drop(timeout(left.min(GLANCE), heard.changed()).await);
        }
    }

    /// What the cursor has passed is obeyed.
    async fn acknowledge(&self) -> Result<(), StoreError> {
        if self.after <= 0 || self.system.tell != Tell::Feed {
            return Ok(());
        }
        let filter = DeliveryFilter {
            system: Some(self.system.key.to_string()),
            to: Some(self.after),
            unconfirmed: true,
            ..DeliveryFilter::default()
        };
        let service = &self.api.service;
        service.store.record_acknowledged(&filter, service.clock.now().0).await.map(drop)
    }
}

fn reader(api: Api, client: &With<scope::Changes>, search: &Search) -> Result<Reader, Problem> {
    let key: &Key = client.0.system.as_ref().ok_or_else(|| {
        let detail = "The key speaks for no system; make one with `sayso key create --system`.";
        Problem::new(Kind::Conflict, detail)
    })?;
    let notice = api.service.notices.current();
    let system = notice.catalogue.system(key.as_str()).cloned();
    let system = system.ok_or(Problem::of(Kind::NotFound))?;
    let limit = within("limit", search.limit.unwrap_or(SOME), &(1..=MOST))?;
    Ok(Reader { api, system, limit: limit.into(), after: search.after.0 })
}

/// What changes, in order.
///
/// Each choice that concerns the key's system, in ledger order, without gaps: whoever was away for
/// a week goes on where they stopped. With `wait` it answers as soon as there is something new;
/// with `Accept: text/event-stream` it goes on telling (server-sent events, `Last-Event-ID`
/// resumes).
#[utoipa::path(
    get,
    path = paths::CHANGES,
    tag = "changes",
    params(Search),
    responses((status = 200, description = "Changes",
               content((Changes = "application/json"), (String = "text/event-stream"))), Problems),
    security(("key" = ["changes"])),
)]
pub(super) async fn follow(
    client: With<scope::Changes>,
    State(api): State<Api>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = headers.get(header::ACCEPT).and_then(|field| field.to_str().ok());
    let wait = within("wait", search.wait.unwrap_or(0), &(0..=PATIENCE))?;
    let mut reader = reader(api, &client, &search)?;
    let events = accept.is_some_and(|field| field.contains("text/event-stream"));
    let last = headers.get("last-event-id").and_then(|field| field.to_str().ok());
    if let Some(last) = last.filter(|_| events) {
        reader.after = last.trim().parse().map_err(|_| Problem::of(Kind::Malformed))?;
    }
    reader.acknowledge().await?;
    if events {
        return Ok(stream_events(reader));
    }
    let changes = reader.wait(Instant::now() + Duration::from_secs(wait.into())).await?;
    let next = changes.last().map_or(reader.after, |change| change.position);
    Ok(Json(Changes { changes, next }).into_response())
}

fn stream_events(reader: Reader) -> Response {
    let events = stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        let text = match reader.wait(Instant::now() + SILENCE).await {
            Ok(changes) => {
                let text = changes.iter().filter_map(event).collect::<String>();
                reader.after = changes.last().map_or(reader.after, |change| change.position);
                if text.is_empty() { ":\n\n".to_owned() } else { text }
            }
            Err(error) => {
                tracing::error!(%error, "an event stream breaks off");
                return None;
            }
        };
        Some((Ok::<_, Infallible>(text), Some(reader)))
    });
    let fields = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        // A proxy that gathers events would delay an opt-out.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (fields, Body::from_stream(events)).into_response()
}

fn event(change: &Content) -> Option<String> {
    let data = serde_json::to_string(change).ok()?;
    Some(format!("id: {}\nevent: choice.changed\ndata: {data}\n\n", Position(change.position).0))
}
