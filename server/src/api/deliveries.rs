//! `/api/v1/deliveries`: how far choices have come, confirming and replaying them.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use domain::{Choice, Position};
use serde::Deserialize;
use uuid::Uuid;

use super::client::With;
use super::delivery_view::{DeliveryList, DeliveryState, DeliveryView, ReplayRange, Replayed};
use super::json::Json;
use super::number::{Place, within};
use super::openapi::Problems;
use super::problem::{Kind, Problem};
use super::{Api, paths, scope};
use crate::store::{DeliveryFilter, DeliveryRow};

/// Most deliveries of one answer.
const MOST: u32 = 500;
/// As many as are given unasked.
const SOME: u32 = 100;

/// Which deliveries.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Only of this system.
    #[param(example = "mailer")]
    system: Option<String>,
    /// Only in this state.
    #[param(inline)]
    state: Option<DeliveryState>,
    /// With true, only those that should have been confirmed and are not.
    #[serde(default)]
    #[param(required = false)]
    overdue: bool,
    /// Only of choices from this ledger position on.
    #[param(value_type = Option<i64>, minimum = 0)]
    from: Option<Place>,
    /// Only of choices up to this ledger position.
    #[param(value_type = Option<i64>, minimum = 0)]
    to: Option<Place>,
    /// The `next` of the answer before.
    after: Option<String>,
    /// Most deliveries of the answer.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
}

type Client = With<scope::Deliveries>;

/// Deliveries, in order of their choices.
#[utoipa::path(
    get,
    path = paths::DELIVERIES,
    tag = "deliveries",
    params(Search),
    responses(
        (status = 200, body = DeliveryList, description = "Deliveries"),
        Problems,
    ),
    security(("key" = ["deliveries"])),
)]
pub(super) async fn list_deliveries(
    client: Client,
    State(api): State<Api>,
    Query(search): Query<Search>,
) -> Result<Json<DeliveryList>, Problem> {
    let limit = within("limit", search.limit.unwrap_or(SOME), &(1..=MOST))?;
    let after = match search.after.as_deref() {
        None => (0, ""),
        Some(text) => read_cursor(text)
            .ok_or(Problem::new(Kind::Invalid, "after is not the next of an answer."))?,
    };
    let now = api.service.clock.now();
    let filter = DeliveryFilter {
        system: client.own_system(search.system)?,
        state: search.state.map(Into::into),
        overdue_at: search.overdue.then_some(now.0),
        from: search.from.map(|place| place.0),
        to: search.to.map(|place| place.0),
        ..DeliveryFilter::default()
    };
    let rows = api.service.store.list_deliveries(&filter, after, i64::from(limit)).await?;
    let full = rows.len() >= limit as usize;
    let next = rows.last().filter(|_| full).map(|row| format!("{}:{}", row.position, row.system));
    Ok(Json(DeliveryList { deliveries: view(&client, &api, rows).await?, next }))
}

fn read_cursor(text: &str) -> Option<(i64, &str)> {
    let (position, system) = text.split_once(':')?;
    Some((position.parse().ok()?, system))
}

/// One delivery.
#[utoipa::path(
    get,
    path = paths::DELIVERY,
    tag = "deliveries",
    params(("id" = Uuid, Path, description = "The delivery")),
    responses(
        (status = 200, body = DeliveryView, description = "The delivery"),
        Problems,
    ),
    security(("key" = ["deliveries"])),
)]
pub(super) async fn find_delivery(
    client: Client,
    State(api): State<Api>,
    Path(id): Path<Uuid>,
) -> Result<Json<DeliveryView>, Problem> {
    find(&client, &api, id).await.map(Json)
}

/// Says that the system obeys the choice. Saying it again changes nothing.
#[utoipa::path(
    post,
    path = paths::DELIVERY_ACKNOWLEDGEMENT,
    tag = "deliveries",
    params(("id" = Uuid, Path, description = "The delivery")),
    responses(
        (status = 200, body = DeliveryView, description = "The delivery, acknowledged"),
        Problems,
    ),
    security(("key" = ["deliveries"])),
)]
pub(super) async fn acknowledge_delivery(
    client: Client,
    State(api): State<Api>,
    Path(id): Path<Uuid>,
) -> Result<Json<DeliveryView>, Problem> {
    find(&client, &api, id).await?;
    let now = api.service.clock.now().0;
    api.service.store.record_acknowledged(&only(id), now).await?;
    find(&client, &api, id).await.map(Json)
}

/// Tells a delivery again, from its first try on and with the same id.
#[utoipa::path(
    post,
    path = paths::DELIVERY_REPLAY,
    tag = "deliveries",
    params(("id" = Uuid, Path, description = "The delivery")),
    responses(
        (status = 200, body = DeliveryView, description = "The delivery, queued"),
        Problems,
    ),
    security(("key" = ["deliveries"])),
)]
pub(super) async fn replay_delivery(
    client: Client,
    State(api): State<Api>,
    Path(id): Path<Uuid>,
) -> Result<Json<DeliveryView>, Problem> {
    find(&client, &api, id).await?;
    let now = api.service.clock.now().0;
    api.service.store.record_replay(&only(id), now).await?;
    find(&client, &api, id).await.map(Json)
}

/// Tells every delivery of a range again that is not acknowledged.
#[utoipa::path(
    post,
    path = paths::DELIVERIES_REPLAY,
    tag = "deliveries",
    request_body = ReplayRange,
    responses(
        (status = 200, body = Replayed, description = "How many are told again"),
        Problems,
    ),
    security(("key" = ["deliveries"])),
)]
pub(super) async fn replay_deliveries(
    client: Client,
    State(api): State<Api>,
    Json(range): Json<ReplayRange>,
) -> Result<Json<Replayed>, Problem> {
    // A range holds choices about everything; who may touch only some names them one by one.
    if !client.0.targets.is_empty() {
        return Err(Problem::of(Kind::TargetNotAllowed));
    }
    let system = client.own_system(range.system)?;
    let system = system.ok_or(Problem::new(Kind::Invalid, "system is missing."))?;
    let filter = DeliveryFilter {
        system: Some(system),
        state: range.state.map(Into::into),
        from: range.from.map(|place| place.0),
        to: range.to.map(|place| place.0),
        unconfirmed: true,
        ..DeliveryFilter::default()
    };
    let now = api.service.clock.now().0;
    let replayed = api.service.store.record_replay(&filter, now).await?;
    Ok(Json(Replayed { replayed }))
}

fn only(id: Uuid) -> DeliveryFilter {
    DeliveryFilter { ids: Some(vec![id]), ..DeliveryFilter::default() }
}

/// A delivery that the client may see; another's is as if it were not there.
async fn find(client: &Client, api: &Api, id: Uuid) -> Result<DeliveryView, Problem> {
    let mut filter = only(id);
    filter.system = client.own_system(None)?;
    let rows = api.service.store.list_deliveries(&filter, (0, ""), 1).await?;
    view(client, api, rows).await?.pop().ok_or(Problem::of(Kind::NotFound))
}

/// Deliveries as the client may see them: those of its targets.
async fn view(
    client: &Client,
    api: &Api,
    rows: Vec<DeliveryRow>,
) -> Result<Vec<DeliveryView>, Problem> {
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let choices = api.service.store.list_choices_at(&positions).await?;
    let choices: HashMap<Position, Choice> =
        choices.into_iter().map(|choice| (choice.position, choice)).collect();
    let now = api.service.clock.now();
    let views = rows.into_iter().filter_map(|row| {
        let choice = choices.get(&Position(row.position))?;
        let covered = client.0.covers(&choice.entry.target);
        covered.then(|| DeliveryView::new(row, choice, now))
    });
    Ok(views.collect())
}
