//! `/api/v1/decisions/bulk`: may we, for as many people as there are, in constant memory.

mod desk;
mod targets;

use std::error::Error;
use std::io::{self, ErrorKind};

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::Target;
use futures::{StreamExt, stream};
use serde::Deserialize;

use super::client::With;
use super::cutter::Cutter;
use super::openapi::Problems;
use super::person::invalid;
use super::problem::{Kind, Problem};
use super::{Api, paths, scope};
use crate::gate::HeaderError;
use desk::{Broken, BulkAnswer, BulkQuestion, Desk};

/// What a list of lines calls itself.
const LINES: &str = "application/x-ndjson";
/// What a table calls itself.
const TABLE: &str = "text/csv";
/// What is wrong with a table that names nobody.
const COLUMNS: &str =
    "its first line must name one or more of the columns email, phone and customer_number";
/// What is wrong with a table that has more columns than are kept of a row.
const TOO_WIDE: &str = "its first line has more than 1000 columns";

/// About what.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The target of every line that names none.
    #[param(nullable = false, max_length = 120, example = "message:offers/email")]
    target: Option<String>,
}

fn wrong<E: Into<Box<dyn Error + Send + Sync>>>(kind: ErrorKind) -> impl Fn(E) -> io::Error {
    move |error| io::Error::new(kind, error)
}

/// May we, for many?
///
/// Streamed in and out: `application/x-ndjson`, one question a line, or `text/csv` with at least
/// one of the columns customer_number, email and phone, and optionally target; two columns,
/// decision and reason, are added to each row. Any length; the body may be compressed (gzip,
/// zstd), and so may the answer. Read the answer while you send. A line that can't be read is
/// denied and harms no other; so is a row of more than 1000 columns, of which only so many are
/// given back. An answer that breaks off means that nobody after that may be reached.
#[expect(clippy::doc_markdown, reason = "it is the text of the document")]
#[utoipa::path(
    post,
    path = paths::DECISIONS_BULK,
    tag = "decisions",
    params(Search),
    request_body(content((BulkQuestion = "application/x-ndjson"), (String = "text/csv"))),
    responses((status = 200, description = "A line for each question",
               content((BulkAnswer = "application/x-ndjson"), (String = "text/csv"))), Problems),
    security(("key" = ["decide"])),
)]
pub(super) async fn decide_many(
    client: With<scope::Decide>,
    State(api): State<Api>,
    Query(asked): Query<Search>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let kind = match essence.to_ascii_lowercase().as_str() {
        LINES => LINES,
        TABLE => TABLE,
        _ => {
            let detail = "The body must be application/x-ndjson or text/csv.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
    };
    let target = asked.target.map(|text| text.parse::<Target>());
    let target = target.transpose().map_err(|why| invalid("target", why))?;
    if let Some(target) = &target {
        client.covers(target)?;
    }
    let desk = Desk::new(api, client.client.clone(), target);
    let mut answers = Box::pin(answers(desk, body, kind == TABLE));
    // Before anything is answered, what is wrong with a table can still be told.
    let first = if kind == TABLE { answers.next().await } else { None };
    let first = first.transpose().map_err(|error| unanswered(&error))?;
    let answers = stream::iter(first.map(Ok)).chain(answers);
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    Ok((kind, Body::from_stream(answers)).into_response())
}

/// The problem of a body of which nothing was answered.
fn unanswered(error: &io::Error) -> Problem {
    match error.kind() {
        ErrorKind::InvalidData => Problem::new(Kind::Invalid, format!("The table: {error}.")),
        ErrorKind::InvalidInput => Problem::of(Kind::Malformed),
        _ => Problem::of(Kind::Unavailable),
    }
}

/// The answers to a body, piece by piece. Where no answer can be had, the stream breaks off, so
/// that a client can't take the rest for allowed.
fn answers(desk: Desk, body: Body, table: bool) -> impl stream::Stream<Item = io::Result<Vec<u8>>> {
    let start = (desk, body.into_data_stream(), Some(Cutter::new(table)));
    stream::try_unfold(start, move |(mut desk, mut body, cutter)| async move {
        let Some(mut cutter) = cutter else { return Ok(None) };
        loop {
            let (piece, more) = match body.next().await {
                Some(bytes) => {
                    let bytes = bytes.map_err(wrong(ErrorKind::InvalidInput))?;
                    (cutter.push(&bytes).map_err(wrong(ErrorKind::InvalidData))?, true)
                }
                None => (std::mem::replace(&mut cutter, Cutter::new(table)).finish(), false),
            };
            if piece.is_empty() && more {
                continue;
            }
            let answered = match (piece.is_empty(), table) {
                (true, _) => Ok(Vec::new()),
                (false, true) => desk.answer_table(&piece).await,
                (false, false) => desk.answer_lines(&piece).await.map_err(Broken::from),
            };
            let out = answered.map_err(|error| match error {
                Broken::Header(HeaderError::Nobody) => wrong(ErrorKind::InvalidData)(COLUMNS),
                Broken::Header(HeaderError::TooWide) => wrong(ErrorKind::InvalidData)(TOO_WIDE),
                Broken::Store(error) => {
                    tracing::error!(%error, "bulk decisions break off");
                    io::Error::other("no answer can be had")
                }
            })?;
            let cutter = more.then_some(cutter);
            return Ok(Some((out, (desk, body, cutter))));
        }
    })
}
