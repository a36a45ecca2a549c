//! `/api/v1/snapshot`: a signed file for senders that can't call.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::Target;
use futures::stream;

use super::client::With;
use super::openapi::Problems;
use super::person::invalid;
use super::problem::{Kind, Problem};
use super::{Api, paths, scope};
use crate::snapshot::{Cursor, NotMade};

/// Most targets of one file.
const MOST: usize = 100;
/// What the file is.
const MEDIA_TYPE: &str = "application/vnd.sayso.snapshot";

/// A line of JSON, lists of 8-byte hashes, and an Ed25519 signature of 64 bytes.
#[derive(utoipa::ToSchema)]
#[schema(as = Snapshot, value_type = String, format = Binary)]
#[expect(dead_code, reason = "it stands for the bytes in the document alone")]
struct SnapshotFile(Vec<u8>);

/// What is asked for.
struct Search {
    targets: Vec<Target>,
    after: Option<Cursor>,
}

impl Search {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let (mut targets, mut after) = (Vec::new(), None);
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "target" => targets.push(value.parse().map_err(|why| invalid("target", why))?),
                "after" if after.is_none() => {
                    after = Some(value.parse().map_err(|why| invalid("after", why))?);
                }
                _ => {
                    let detail = "The query has target, once or more, and after, at most once.";
                    return Err(Problem::new(Kind::Malformed, detail));
                }
            }
        }
        targets.sort_unstable();
        targets.dedup();
        match targets.len() {
            0 => Err(invalid("target", "is missing")),
            1..=MOST => Ok(Self { targets, after }),
            _ => Err(invalid("target", format_args!("at most {MOST} fit into one file"))),
        }
    }
}

impl From<NotMade> for Problem {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::NoKey => Self::new(
                Kind::Unavailable,
                "The key file of this installation has no [snapshot]; see its documentation.",
            ),
            NotMade::NotVouched => Self::of(Kind::Unavailable).after(1),
            NotMade::Target(_) => invalid("target", &error),
            NotMade::Store(error) => error.into(),
        }
    }
}

/// A signed file of who may be reached for some targets, in hashes that only this client can make.
///
/// Its form is described in docs/snapshot.md. Anything but a whole file with a good signature
/// means that nobody may be reached.
#[utoipa::path(
    get,
    path = paths::SNAPSHOT,
    tag = "snapshots",
    params(
        ("target" = Vec<String>, Query, description = "Single switches, such as message:offers/email; once for each", style = Form, explode, min_items = 1, max_items = 100, example = json!(["message:offers/email"])),
        ("after" = Option<String>, Query, description = "The `cursor` of the newest file, to get only what changed since. Where that can't be told the file is a full one", pattern = r"^[0-9]{1,18}(\.[0-9]{1,18}){3}\.[A-Za-z0-9_-]{1,64}$"),
    ),
    responses(
        (status = 200, content_type = "application/vnd.sayso.snapshot", body = SnapshotFile, description = "The file"),
        Problems,
    ),
    security(("key" = ["snapshot"])),
)]
pub(super) async fn make_snapshot(
    client: With<scope::Snapshot>,
    State(api): State<Api>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Search { targets, after } = Search::read(query.as_deref())?;
    for target in &targets {
        client.covers(target)?;
    }
    let keys = api.service.vault.snapshot().cloned().ok_or(NotMade::NoKey)?;
    // Each takes a core and, for a moment, the memory of its lists: one after the other.
    let _turn = api.snapshots.acquire().await;
    let snapshot = api.service.make_snapshot(&client.0.id, targets, after).await?;
    let length = snapshot.size();
    let pieces = snapshot.into_pieces(keys).map(Ok::<_, std::convert::Infallible>);
    let fields = [
        (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    Ok((fields, Body::from_stream(stream::iter(pieces))).into_response())
}
