//! `/api/v1/choices/bulk`: many choices that were made elsewhere, each on its own.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use domain::Source;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Api;
use super::choices::{NewChoice, RecordedChoice, refused};
use super::client::{Client, With};
use super::idempotency::{Answer, Mutation, Named};
use super::json::{is_json, parse, parse_any};
use super::openapi::Problems;
use super::problem::{Kind, Problem};
use super::{paths, scope};
use crate::ledger::Pending;

/// Bytes that a bulk of choices may have.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// What a list of lines calls itself.
const LINES: &str = "application/x-ndjson";

/// What became of one choice of many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Outcome {
    /// It is on disk.
    Recorded {
        /// Its place among those that were sent, from 1.
        line: usize,
        /// 200.
        status: u16,
        /// What was recorded.
        #[serde(flatten)]
        recorded: RecordedChoice,
    },
    /// It was not taken; the others are not harmed by it.
    Refused {
        /// Its place among those that were sent, from 1.
        line: usize,
        /// The status that it would have had alone.
        status: u16,
        /// The kind of problem.
        r#type: String,
        /// What was wrong.
        detail: String,
    },
}

impl Outcome {
    fn of(line: usize, result: Result<RecordedChoice, Problem>) -> Self {
        match result {
            Ok(recorded) => Self::Recorded { line, status: 200, recorded },
            Err(problem) => Self::Refused {
                line,
                status: problem.kind().status().as_u16(),
                r#type: problem.kind().url(),
                detail: problem.detail().to_owned(),
            },
        }
    }
}

/// The choices of a body, each unread: one that can't be read must not take the others with it.
fn split<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Vec<&'a [u8]>, Problem> {
    if is_json(headers) {
        let list: Vec<&'a RawValue> = parse_any(body)?;
        return Ok(list.into_iter().map(|one| one.get().as_bytes()).collect());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if essence != LINES {
        let detail = "The body must be application/x-ndjson or application/json.";
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    Ok(lines.filter(|line| !line.is_empty()).collect())
}

async fn enqueue(api: &Api, client: &Client, text: &[u8]) -> Result<(Source, Pending), Problem> {
    let choice: NewChoice = parse(text)?;
    let command = choice.command(api, client)?;
    let source = command.by.source;
    Ok((source, api.service.ledger.enqueue(command).await.map_err(refused)?))
}

/// All go into the queue in their order and share commits; a later one of the same person comes
/// after the earlier.
async fn record_all(api: &Api, client: &Client, choices: &[&[u8]]) -> Result<Answer, Problem> {
    let mut pending = Vec::with_capacity(choices.len());
    for text in choices {
        pending.push(enqueue(api, client, text).await);
    }
    let (mut lines, mut is_whole) = (Vec::new(), true);
    for (place, pending) in pending.into_iter().enumerate() {
        let result = match pending {
            Ok((source, pending)) => {
                let result = pending.answer().await.map_err(refused);
                result.inspect(|recorded| api.service.metrics.saved(source, recorded.added))
            }
            Err(problem) => Err(problem),
        };
        is_whole &= result.is_ok();
        let outcome = Outcome::of(place + 1, result.map(RecordedChoice::from));
        serde_json::to_writer(&mut lines, &outcome).map_err(|_| Problem::of(Kind::Failure))?;
        lines.push(b'\n');
    }
    Ok(Answer { status: StatusCode::OK, kind: LINES, body: lines, is_whole })
}

/// Record many choices that were made elsewhere.
///
/// One JSON object a line (`application/x-ndjson`) or a JSON array of them, at most 8 MiB. The
/// answer has a line for each, in the same order; what is wrong with one harms no other. Where one
/// was refused, the same request under the same Idempotency-Key is done again; what was recorded
/// before is not recorded twice.
#[utoipa::path(
    post,
    path = paths::CHOICES_BULK,
    tag = "choices",
    params(Named),
    request_body(content(
        (Vec<NewChoice> = "application/json"),
        (NewChoice = "application/x-ndjson"),
    )),
    responses((status = 200, body = Outcome, content_type = "application/x-ndjson", description = "A line for each choice"), Problems),
    security(("key" = ["choices"])),
)]
pub(super) async fn record_choices(
    client: With<scope::Choices>,
    State(api): State<Api>,
    mutation: Mutation,
) -> Result<Response, Problem> {
    let act = async {
        let choices = split(&mutation.headers, &mutation.body)?;
        record_all(&api, &client, &choices).await
    };
    mutation.once(&api, &client, LINES, act).await
}
