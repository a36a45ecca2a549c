//! Looking after requests: what is done is closed, and agents are told (§2.03).

use std::sync::Arc;
use std::time::Duration;

use domain::moment::{DAY, HOUR, MINUTE};
use domain::request::{Basis, Response};
use tokio::time::MissedTickBehavior;
use url::Url;
use uuid::Uuid;

use super::request::{Exercise, Status};
use crate::inbound::cause;
use crate::ports::{Parcel, Post};
use crate::service::Service;
use crate::store::{AgentRequestRow, StoreError};

/// How long from one look to the next.
const TICK: Duration = Duration::from_secs(5);
/// Most requests looked at in one go.
const MOST: i64 = 200;
/// Most agents told in one go.
const TOLD: i64 = 50;
/// Tries to tell an agent of one change; the last comes some three days after the first.
const TRIES: i64 = 14;
/// Milliseconds in which a node tells those that it took; longer than all of them may take.
const CLAIM: i64 = HOUR;

/// How a request ended.
struct End {
    status: &'static str,
    reason: Option<&'static str>,
    details: Option<&'static str>,
}

/// The protocol's word for why a request was refused (§3.02).
const fn refusal(basis: Option<Basis>) -> &'static str {
    match basis {
        Some(Basis::Fraud) => "suspected_fraud",
        Some(Basis::Unverified) => "insuf_verification",
        Some(Basis::NoData) => "no_match",
        Some(Basis::Law | Basis::Exempt) => "claim_not_covered",
        Some(Basis::Excessive) => "too_many_requests",
        None => "other",
    }
}

/// What is said of a refusal. That the customer was told is said only of an answer that was sent.
fn why(response: Response, told: bool) -> &'static str {
    match (response == Response::Partly, told) {
        (true, true) => "Done in part; the customer was told why.",
        (true, false) => "Done in part; the reason is on record.",
        (false, true) => "The customer was told why.",
        (false, false) => "The reason is on record.",
    }
}

/// Looks after requests.
#[derive(Clone)]
pub struct Courier {
    service: Arc<Service>,
    post: Arc<dyn Post>,
    page: String,
}

impl Courier {
    /// What looks after the requests of an installation that stands at `base_url`.
    #[must_use]
    pub fn new(service: Arc<Service>, post: Arc<dyn Post>, base_url: &str) -> Self {
        let page = format!("{}{}", base_url.trim_end_matches('/'), app::routes::CHOICES);
        Self { service, post, page }
    }

    /// Works for as long as it is let.
    pub async fn run(self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.round().await {
                tracing::error!(%error, "requests of agents can't be looked after");
            }
        }
    }

    /// Closes opt-outs that every system has confirmed, and tells agents what changed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn round(&self) -> Result<(), StoreError> {
        let store = &self.service.store;
        let now = self.service.clock.now().0;
        let mut after = Uuid::nil();
        loop {
            let open = store.list_open_agent_requests(after, MOST).await?;
            let Some(last) = open.last() else { break };
            after = last.id;
            for row in &open {
                if let Some(End { status, reason, details }) = self.end(row).await? {
                    store.record_agent_status(row.id, status, reason, details, now).await?;
                }
            }
        }
        for (id, tries) in store.claim_due_callbacks(now, now + CLAIM, TOLD).await? {
            let Some(row) = store.find_agent_request(id).await? else { continue };
            let told = self.tell(&row).await;
            let again = (!told && tries + 1 < TRIES).then(|| now + pause(tries));
            store.record_callback(id, &row.status, again).await?;
        }
        Ok(())
    }

    /// How a request ended; nothing while it has not.
    async fn end(&self, row: &AgentRequestRow) -> Result<Option<End>, StoreError> {
        let store = &self.service.store;
        let ended = |status, reason, details| Ok(Some(End { status, reason, details }));
        let case = store.find_request_by_id(row.id).await?;
        if row.exercise == Exercise::OptOut.as_str() && case.is_none() {
            for (first, last) in places(&row.choices) {
                if store.count_unconfirmed(first, last).await? > 0 {
                    return Ok(None);
                }
            }
            let details = "The opt-out is in force, and every company concerned has confirmed.";
            return ended("fulfilled", None, Some(details));
        }
        let Some(case) = case else { return Ok(None) };
        match case.response {
            None => Ok(None),
            Some(response @ (Response::Denied | Response::Partly)) => {
                let told = store.was_sent(&cause(&case.reference)).await?;
                let details = Some(why(response, told));
                if response == Response::Denied {
                    return ended("denied", Some(refusal(case.denial_basis)), details);
                }
                ended("fulfilled", None, details)
            }
            Some(Response::Granted | Response::Nothing) => ended("fulfilled", None, None),
        }
    }

    /// Tells an agent how its request stands. The answer's body means nothing.
    async fn tell(&self, row: &AgentRequestRow) -> bool {
        let Some(url) = row.callback.as_deref().filter(|text| Url::parse(text).is_ok()) else {
            return false;
        };
        let body = serde_json::to_string(&Status::of(row, &self.page)).unwrap_or_default();
        let parcel = Parcel { url: url.to_owned(), headers: Vec::new(), body };
        match self.post.post(parcel).await {
            Ok(reply) => (200..300).contains(&reply.status),
            Err(error) => {
                tracing::warn!(%error, agent = row.agent, "an agent can't be told");
                false
            }
        }
    }
}

/// Places in the ledger as [`super::desk`] notes them.
fn places(text: &str) -> impl Iterator<Item = (i64, i64)> {
    text.split(' ').filter_map(|place| {
        let (first, last) = place.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    })
}

/// Milliseconds to the next try: a minute, then twice as long each time, at most a day.
fn pause(tries: i64) -> i64 {
    let doubled = MINUTE.saturating_mul(1 << tries.clamp(0, 20));
    doubled.min(DAY)
}
