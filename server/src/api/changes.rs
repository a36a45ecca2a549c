//! `/api/v1/changes`: what changes, in order, for a system that fetches instead of being told.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::Key;
use domain::catalogue::{System, Tell};
use futures::stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use super::Api;
use super::client::{Client, With};
use super::json::Json;
use super::number::{Place, within};
use super::openapi::Problems;
use super::person::invalid;
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
    /// In ledger order; what is told again comes again, behind all that was there.
    changes: Vec<Content>,
    /// Where to go on: the `after` of the next request.
    next: i64,
}

/// One client at the feed.
struct Reader {
    api: Api,
    client: Client,
    limit: i64,
    after: i64,
}

impl Reader {
    /// The system that is told, while the key is good and the register in force names it.
    async fn system(&self) -> Result<System, Problem> {
        if !self.api.keys.holds(&self.client.0).await? {
            return Err(Problem::of(Kind::Unauthorized));
        }
        own_system(&self.api, &self.client)
    }

    /// The next changes, at once; none when there is nothing new.
    async fn read(&self) -> Result<Vec<Content>, Problem> {
        let system = self.system().await?;
        let service = &self.api.service;
        let due = service.store.list_feed(system.key.as_str(), self.after, self.limit).await?;
        let mut changes = Vec::with_capacity(due.len());
        for due in &due {
            changes.push(Content::of(service, &system, due).await?);
        }
        Ok(changes)
    }

    /// The next changes, waiting for them until a moment.
    async fn wait(&self, until: Instant) -> Result<Vec<Content>, Problem> {
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

    /// What the client's `after` has passed is obeyed. A `Last-Event-ID` says only what was
    /// received: libraries send it by themselves.
    async fn acknowledge(&self, after: i64) -> Result<(), Problem> {
        let system = self.system().await?;
        if after > 0 && system.tell == Tell::Feed {
            confirm(&self.api, &system, after).await?;
        }
        Ok(())
    }
}

/// Notes that a system obeys what its feed had up to a cursor. Says how many changes are new.
pub(super) async fn confirm(api: &Api, system: &System, cursor: i64) -> Result<u64, StoreError> {
    let filter = DeliveryFilter {
        system: Some(system.key.to_string()),
        up_to_turn: Some(cursor),
        unconfirmed: true,
        ..DeliveryFilter::default()
    };
    api.service.store.record_acknowledged(&filter, api.service.clock.now().0).await
}

/// The system that a key speaks for.
pub(super) fn own_system(api: &Api, client: &Client) -> Result<System, Problem> {
    let key: &Key = client.0.system.as_ref().ok_or_else(|| {
        let detail = "The key speaks for no system; make one with `sayso key create --system`.";
        Problem::new(Kind::Conflict, detail)
    })?;
    let notice = api.service.notices.current();
    notice.catalogue.system(key.as_str()).cloned().ok_or(Problem::of(Kind::NotFound))
}

/// Refuses a cursor that no feed here has given: whoever waits behind it would miss what comes.
pub(super) async fn check_cursor(api: &Api, field: &str, cursor: i64) -> Result<(), Problem> {
    if cursor > api.service.store.find_last_turn().await? {
        return Err(invalid(
            field,
            "it lies behind the newest change, so it is not from this feed",
        ));
    }
    Ok(())
}

fn reader(api: Api, client: Client, search: &Search) -> Result<Reader, Problem> {
    own_system(&api, &client)?;
    let limit = within("limit", search.limit.unwrap_or(SOME), &(1..=MOST))?;
    Ok(Reader { api, client, limit: limit.into(), after: search.after.0 })
}

/// What changes, in order.
///
/// Each choice that concerns the key's system, in ledger order, without gaps: whoever was away for
/// a week goes on where they stopped. With `wait` it answers as soon as there is something new;
/// with `Accept: text/event-stream` it goes on telling (server-sent events, `Last-Event-ID`
/// resumes and confirms nothing; confirm what you obey by POST to
/// `/api/v1/changes/acknowledgement`).
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
    let mut reader = reader(api, client.client, &search)?;
    let events = accept.is_some_and(|field| field.contains("text/event-stream"));
    let last = headers.get("last-event-id").and_then(|field| field.to_str().ok());
    if let Some(last) = last.filter(|_| events) {
        let place = last.trim().parse().ok().and_then(|number: i64| Place::try_from(number).ok());
        reader.after = place.ok_or(Problem::of(Kind::Malformed))?.0;
    }
    let newest = reader.after.max(search.after.0);
    if newest > 0 {
        check_cursor(&reader.api, "after", newest).await?;
    }
    reader.acknowledge(search.after.0).await?;
    if events {
        return Ok(stream_events(reader));
    }
    let changes = reader.wait(Instant::now() + Duration::from_secs(wait.into())).await?;
    let next = cursor(&changes).unwrap_or(reader.after);
    Ok(Json(Changes { changes, next }).into_response())
}

fn stream_events(reader: Reader) -> Response {
    let events = stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        let text = match reader.wait(Instant::now() + SILENCE).await {
            Ok(changes) => {
                let text = changes.iter().filter_map(event).collect::<String>();
                reader.after = cursor(&changes).unwrap_or(reader.after);
                if text.is_empty() { ":\n\n".to_owned() } else { text }
            }
            Err(problem) => {
                if let Some(error) = problem.cause() {
                    tracing::error!(error, "an event stream breaks off");
                } else {
                    tracing::info!(why = problem.kind().slug(), "an event stream ends");
                }
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

fn cursor(changes: &[Content]) -> Option<i64> {
    changes.last().and_then(|change| change.cursor)
}

fn event(change: &Content) -> Option<String> {
    let data = serde_json::to_string(change).ok()?;
    Some(format!("id: {}\nevent: choice.changed\ndata: {data}\n\n", change.cursor?))
}
