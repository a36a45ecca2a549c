//! Reading back checks of systems' audiences, and the broken promises that they found.

use axum::extract::{Path, Query, State};
use domain::{Moment, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::client::With;
use super::json::Json;
use super::number::{Place, within};
use super::openapi::Problems;
use super::problem::{Kind, Problem};
use super::reconciliations::BrokenPromise;
use super::time::Time;
use super::{Api, paths, scope};
use crate::store::CheckRow;

/// Most entries of one answer.
const MOST: u32 = 500;
/// As many as are given unasked.
const SOME: u32 = 100;

type Client = With<scope::Reconcile>;

/// Which checks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Only of this system.
    #[param(required = false, value_type = String, max_length = 40, example = "mailer")]
    system: Option<String>,
    /// The `next` of the answer before.
    #[param(required = false, value_type = Uuid)]
    after: Option<Uuid>,
    /// Most checks of the answer.
    #[param(required = false, value_type = u32, minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
}

/// Which of a check's incidents.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// The `next` of the answer before.
    #[serde(default)]
    #[param(value_type = i64, required = false, minimum = 0, default = 0)]
    after: Place,
    /// Most incidents of the answer.
    #[param(required = false, value_type = u32, minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
}

/// A check of a system's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// Its id.
    id: Uuid,
    /// Whose list it was.
    #[schema(example = "mailer")]
    system: String,
    /// What the list was for; none for all that the system serves.
    target: Option<String>,
    /// When it began.
    started_at: Time,
    /// When it came to its end; none for one that goes on or broke off.
    finished_at: Option<Time>,
    /// Lines read, without the first and without empty ones.
    lines: i64,
    /// Lines that name nobody.
    unreadable: i64,
    /// Lines of people whom the business does not know.
    strangers: i64,
    /// Lines of people who had said no.
    broken: i64,
}

/// Checks.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckList {
    /// Newest first.
    reconciliations: Vec<Check>,
    /// Where to go on, if more may follow: the `after` of the next request.
    next: Option<Uuid>,
}

/// The broken promises of a check.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentList {
    /// In order of lines.
    incidents: Vec<BrokenPromise>,
    /// Where to go on, if more may follow: the `after` of the next request.
    next: Option<i64>,
}

impl From<CheckRow> for Check {
    fn from(row: CheckRow) -> Self {
        let time = |at: i64| Time(Moment(at));
        let (asked, tally) = (row.asked, row.tally);
        Self {
            id: asked.id,
            system: asked.system,
            target: asked.target,
            started_at: time(asked.started_at),
            finished_at: row.finished_at.map(time),
            lines: tally.lines,
            unreadable: tally.unreadable,
            strangers: tally.strangers,
            broken: tally.broken,
        }
    }
}

/// Whether a client may see a check: its own system's, and what it may ask about.
fn may_see(client: &Client, row: &CheckRow) -> bool {
    let own = client.0.system.as_ref().is_none_or(|own| own.as_str() == row.asked.system);
    let target = row.asked.target.as_deref().map_or(Ok(Target::Everything), str::parse);
    own && target.is_ok_and(|target| client.covers(&target).is_ok())
}

async fn find(api: &Api, client: &Client, id: Uuid) -> Result<CheckRow, Problem> {
    let row = api.service.store.find_check(id).await?;
    row.filter(|row| may_see(client, row)).ok_or(Problem::of(Kind::NotFound))
}

/// Checks of systems' lists, newest first.
#[utoipa::path(
    get,
    path = paths::RECONCILIATIONS,
    tag = "reconciliation",
    params(Search),
    responses((status = 200, body = CheckList, description = "Checks"), Problems),
    security(("key" = ["reconcile"])),
)]
pub(super) async fn list_reconciliations(
    client: Client,
    State(api): State<Api>,
    Query(search): Query<Search>,
) -> Result<Json<CheckList>, Problem> {
    let limit = within("limit", search.limit.unwrap_or(SOME), &(1..=MOST))?;
    let system = client.own_system(search.system)?;
    let store = &api.service.store;
    let rows =
        store.list_reconciliations(system.as_deref(), search.after, i64::from(limit)).await?;
    let full = rows.len() >= limit as usize;
    let next = rows.last().filter(|_| full).map(|row| row.asked.id);
    let seen = rows.into_iter().filter(|row| may_see(&client, row));
    Ok(Json(CheckList { reconciliations: seen.map(Into::into).collect(), next }))
}

/// One check.
#[utoipa::path(
    get,
    path = paths::RECONCILIATION,
    tag = "reconciliation",
    params(("id" = Uuid, Path, description = "The check")),
    responses((status = 200, body = Check, description = "The check"), Problems),
    security(("key" = ["reconcile"])),
)]
pub(super) async fn find_reconciliation(
    client: Client,
    State(api): State<Api>,
    Path(id): Path<Uuid>,
) -> Result<Json<Check>, Problem> {
    Ok(Json(find(&api, &client, id).await?.into()))
}

/// The broken promises that a check found, in order of the list's lines.
#[utoipa::path(
    get,
    path = paths::INCIDENTS,
    tag = "reconciliation",
    params(("id" = Uuid, Path, description = "The check"), Lines),
    responses((status = 200, body = IncidentList, description = "Incidents"), Problems),
    security(("key" = ["reconcile"])),
)]
pub(super) async fn list_incidents(
    client: Client,
    State(api): State<Api>,
    Path(id): Path<Uuid>,
    Query(lines): Query<Lines>,
) -> Result<Json<IncidentList>, Problem> {
    let limit = within("limit", lines.limit.unwrap_or(SOME), &(1..=MOST))?;
    find(&api, &client, id).await?;
    let rows = api.service.store.list_incidents(id, lines.after.0, i64::from(limit)).await?;
    let full = rows.len() >= limit as usize;
    let next = rows.last().filter(|_| full).map(|row| row.line);
    Ok(Json(IncidentList { incidents: rows.into_iter().map(Into::into).collect(), next }))
}

/// One broken promise, by its line in the list.
#[utoipa::path(
    get,
    path = paths::INCIDENT,
    tag = "reconciliation",
    params(
        ("id" = Uuid, Path, description = "The check"),
        ("line" = i64, Path, description = "The line of the list; the first is line 1", minimum = 1),
    ),
    responses((status = 200, body = BrokenPromise, description = "The incident"), Problems),
    security(("key" = ["reconcile"])),
)]
pub(super) async fn find_incident(
    client: Client,
    State(api): State<Api>,
    Path((id, line)): Path<(Uuid, i64)>,
) -> Result<Json<BrokenPromise>, Problem> {
    find(&api, &client, id).await?;
    let before = line.saturating_sub(1);
    let found = api.service.store.list_incidents(id, before, 1).await?.pop();
    let found = found.filter(|incident| incident.line == line).ok_or(Problem::of(Kind::NotFound));
    found.map(|incident| Json(incident.into()))
}
