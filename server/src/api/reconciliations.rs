//! `/api/v1/reconciliations`: a system's own list of its audience, checked against what people
//! chose.

use std::io::{self, BufRead, Read};

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use domain::{Key, Moment, Target};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Receiver, channel};
use utoipa::ToSchema;
use uuid::Uuid;

use super::client::With;
use super::json::Json;
use super::openapi::Problems;
use super::person::invalid;
use super::problem::{Kind, Problem};
use super::time::Time;
use super::{Api, paths, scope};
use crate::reconcile::{Question, ReconcileError, Tools, reconcile};
use crate::store::Incident;

/// Incidents that the answer shows; all are stored.
const SHOWN: usize = 1_000;

/// Whose list it is, and for what.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The system of the register whose list it is.
    #[param(example = "mailer", max_length = 40)]
    system: String,
    /// What the list is for; all that the system serves, if it is left out.
    #[param(example = "message:offers/email", max_length = 120)]
    target: Option<String>,
}

/// Somebody on the list who had said no.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BrokenPromise {
    /// The line of the list; the first, with the names of the columns, is line 1.
    line: i64,
    /// What they said no to.
    target: String,
    /// `opted_out`, `preference_signal` or `paused`.
    reason: String,
    /// Since when.
    since: Time,
    /// The entry of the ledger that says so.
    position: i64,
    /// The state of the delivery that told the system; none when it was never told.
    delivery: Option<String>,
    /// When the system took it.
    sent_at: Option<Time>,
    /// When the system confirmed it.
    acknowledged_at: Option<Time>,
}

impl From<Incident> for BrokenPromise {
    fn from(found: Incident) -> Self {
        let time = |at: i64| Time(Moment(at));
        Self {
            line: found.line,
            target: found.target,
            reason: found.reason,
            since: time(found.since),
            position: found.position,
            delivery: found.delivery,
            sent_at: found.sent_at.map(time),
            acknowledged_at: found.acknowledged_at.map(time),
        }
    }
}

/// What a check came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reconciliation {
    /// Under which id it is stored.
    id: Uuid,
    /// Lines read, without the first and without empty ones.
    lines: i64,
    /// Lines that name nobody.
    unreadable: i64,
    /// Lines of people whom the business does not know.
    strangers: i64,
    /// Lines of people who had said no.
    broken: i64,
    /// The first 1000 of them.
    incidents: Vec<BrokenPromise>,
}

/// A body that is read in another thread while it arrives.
struct Arriving {
    parts: Receiver<io::Result<Bytes>>,
    part: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Arriving {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.part.is_empty() {
            match self.parts.blocking_recv() {
                None => break,
                Some(part) => self.part = part?,
            }
        }
        Ok(&self.part)
    }

    fn consume(&mut self, length: usize) {
        drop(self.part.split_to(length));
    }
}

fn arriving(body: Body) -> Arriving {
    let (to, parts) = channel(4);
    tokio::spawn(async move {
        let mut stream = body.into_data_stream();
        while let Some(part) = stream.next().await {
            if to.send(part.map_err(io::Error::other)).await.is_err() {
                break;
            }
        }
    });
    Arriving { parts, part: Bytes::new() }
}

fn problem(error: ReconcileError) -> Problem {
    match error {
        ReconcileError::System => invalid("system", "the register has none of that name"),
        ReconcileError::Target => invalid("target", "the system serves nothing of it"),
        ReconcileError::List(why) => Problem::new(Kind::Invalid, format!("The list: {why}.")),
        ReconcileError::Report(_) => Problem::of(Kind::Failure),
        ReconcileError::Store(error) => error.into(),
    }
}

/// Check a system's list.
///
/// Send the list of its audience as the system exports it, of any length: CSV whose first line
/// names one or more of the columns email, phone and customer_number, or email_hash, phone_hash
/// and customer_hash with the system's own keyed hashes. Whoever had said no to all
/// that the list is for is an incident and stored as such, with since when, and whether the
/// system had been told.
#[expect(clippy::doc_markdown, reason = "it is the text of the document")]
#[utoipa::path(
    post,
    path = paths::RECONCILIATIONS,
    tag = "reconciliation",
    params(Asked),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Reconciliation, description = "It is checked"), Problems),
    security(("key" = ["reconcile"])),
)]
pub(super) async fn check_list(
    client: With<scope::Reconcile>,
    State(api): State<Api>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reconciliation>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.and_then(|kind| kind.split(';').next()).map(str::trim) != Some("text/csv") {
        return Err(Problem::new(Kind::UnsupportedMediaType, "The body must be text/csv."));
    }
    let system: Key = asked.system.parse().map_err(|why| invalid("system", why))?;
    if client.0.system.as_ref().is_some_and(|own| *own != system) {
        return Err(Problem::of(Kind::NotFound));
    }
    let target = asked.target.map(|text| text.parse::<Target>()).transpose();
    let target = target.map_err(|why| invalid("target", why))?;
    client.covers(target.as_ref().unwrap_or(&Target::Everything))?;
    let service = &api.service;
    let tools = Tools {
        store: &service.store,
        vault: &service.vault,
        notice: &service.notices.current(),
        clock: service.clock.as_ref(),
        random: service.random.as_ref(),
    };
    let question = Question { system, target, api_key: Some(client.0.id.clone()) };
    let mut incidents = Vec::new();
    let outcome = reconcile(tools, question, arriving(body), |found, _| {
        let room = SHOWN.saturating_sub(incidents.len());
        incidents.extend(found.iter().take(room).map(|found| found.incident.clone().into()));
        Ok(())
    });
    let outcome = outcome.await.map_err(problem)?;
    let (id, tally) = (outcome.id, outcome.tally);
    Ok(Json(Reconciliation {
        id,
        lines: tally.lines,
        unreadable: tally.unreadable,
        strangers: tally.strangers,
        broken: tally.broken,
        incidents,
    }))
}
