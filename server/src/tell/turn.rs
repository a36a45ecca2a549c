//! One system's webhooks: what is due is signed, posted, and its answer noted.

use domain::Moment;
use domain::catalogue::System;
use domain::delivery::{Outcome, State, next_try, outcome};
use domain::moment::MINUTE;
use futures::StreamExt;
use serde::Deserialize;
use tracing::Instrument;
use uuid::Uuid;

use super::Teller;
use super::content::{Content, Message};
use super::secret::sign;
use crate::ports::{Parcel, Reply, Unreached};
use crate::store::{DeliveryFilter, Due, Store, StoreError, SystemRow, Told};
use crate::telemetry;

/// How long a taken delivery stays with whoever took it: longer than a batch of slow answers takes.
const LEASE: i64 = 5 * MINUTE;
/// Deliveries taken at a time.
const BATCH: i64 = 64;
/// Posts to one system at the same time.
const AT_ONCE: usize = 16;

/// Why a delivery failed whose receiver wants nothing more.
const GONE: &str = "answered 410";

/// Tells a system again that had answered 410, with what failed by that and what waits. Says how
/// much had failed.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub async fn enable(store: &Store, system: &str, now: Moment) -> Result<u64, StoreError> {
    let failed = DeliveryFilter {
        failure: Some(GONE.to_owned()),
        system: Some(system.to_owned()),
        state: Some(State::Failed),
        ..DeliveryFilter::default()
    };
    let again = store.record_replay(&failed, now.0).await?;
    store.record_disabled(system, None).await?;
    Ok(again)
}

/// What became of one post.
struct Posted {
    told: (Uuid, Told),
    gone: bool,
}

impl Teller {
    /// Posts what is due. A system that has no secret or wants nothing more gets nothing: its
    /// deliveries wait, and are overdue in time.
    pub(super) async fn post_due(&self, system: &System, url: &str) -> Result<usize, StoreError> {
        let (store, key) = (&self.service.store, system.key.as_str());
        let mut count = 0;
        loop {
            let now = self.service.clock.now();
            if !store.has_due_delivery(key, now.0).await? {
                return Ok(count);
            }
            let row = store.find_system(key).await?;
            if row.disabled_at.is_some() {
                return Ok(count);
            }
            let lacks_secret = sign(&row, &self.service.vault, "check", now, "").is_none();
            self.lacks_secret(key, lacks_secret);
            if lacks_secret {
                return Ok(count);
            }
            let due = store.take_deliveries(key, now.0, now.plus(LEASE).0, BATCH).await?;
            if due.is_empty() {
                return Ok(count);
            }
            count += due.len();
            let posts = due.into_iter().map(|due| self.tell(system, url, &row, due));
            let posted: Vec<Result<Posted, StoreError>> =
                futures::stream::iter(posts).buffer_unordered(AT_ONCE).collect().await;
            let (mut told, mut gone, mut failed) = (Vec::new(), false, None);
            for posted in posted {
                match posted {
                    Ok(posted) => {
                        gone |= posted.gone;
                        told.push(posted.told);
                    }
                    Err(error) => failed = Some(error),
                }
            }
            let now = self.service.clock.now().0;
            store.record_told(&told, now).await?;
            if gone {
                tracing::warn!(system = key, "answered 410: it is told nothing more");
                store.record_disabled(key, Some(now)).await?;
            }
            // What was posted is noted first; the rest comes again when its lease ends.
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    async fn tell(
        &self,
        system: &System,
        url: &str,
        row: &SystemRow,
        due: Due,
    ) -> Result<Posted, StoreError> {
        let content = Content::of(&self.service, system, &due).await?;
        let message = Message::new(due.choice.entry.at, content);
        let body = serde_json::to_string(&message).unwrap_or_default();
        let (id, now) = (due.id.to_string(), self.service.clock.now());
        let signature = sign(row, &self.service.vault, &id, now, &body).unwrap_or_default();
        let headers = vec![
            ("webhook-id", id),
            ("webhook-timestamp", (now.0 / 1000).to_string()),
            ("webhook-signature", signature),
        ];
        let span = telemetry::post(system.key.as_str(), url, due.attempts);
        let parcel = Parcel { url: url.to_owned(), headers, body };
        let answer = self.post.post(parcel).instrument(span.clone()).await;
        let status = answer.as_ref().map(|reply| reply.status).map_err(ToString::to_string);
        let (told, gone) = self.judge(&due, answer);
        telemetry::posted(
            &span,
            match &status {
                Ok(status) => telemetry::Posted::Answered(*status, told.word()),
                Err(why) => telemetry::Posted::Unreached(why),
            },
        );
        Ok(Posted { told: (due.id, told), gone })
    }

    fn judge(&self, due: &Due, answer: Result<Reply, Unreached>) -> (Told, bool) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(why) => return (self.again(due, None, why.to_string()), false),
        };
        let failure = || format!("answered {}", reply.status);
        match outcome(reply.status) {
            Outcome::Taken => (Told::Taken { acknowledged: acknowledges(&reply.body) }, false),
            Outcome::Gone => (Told::Failed { failure: GONE.to_owned() }, true),
            Outcome::Again { heeds_wish } => {
                let now = self.service.clock.now();
                let wish = reply.retry_after.as_deref().filter(|_| heeds_wish);
                let wish = wish.and_then(|text| read_wish(text, now));
                (self.again(due, wish, failure()), false)
            }
        }
    }

    fn again(&self, due: &Due, wish: Option<i64>, failure: String) -> Told {
        let mut random = [0; 4];
        self.service.random.fill(&mut random);
        let (now, random) = (self.service.clock.now(), u32::from_be_bytes(random));
        match next_try(due.attempts, now, random, wish) {
            Some(at) => Told::Again { next_at: at.0, failure },
            None => Told::Failed { failure },
        }
    }
}

/// Whether a body says `{"acknowledged": true}`, perhaps among other things.
fn acknowledges(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Answer {
        acknowledged: bool,
    }
    serde_json::from_slice::<Answer>(body).is_ok_and(|answer| answer.acknowledged)
}

/// Milliseconds that Retry-After asks for: seconds, or a date (RFC 9110 §10.2.3).
fn read_wish(text: &str, now: Moment) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds) * 1000);
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(date.timestamp().as_millisecond() - now.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_is_an_acknowledgement() {
        for (body, expected) in [
            (r#"{"acknowledged": true}"#, true),
            (r#"{"id": 7, "acknowledged": true}"#, true),
            (r#"{"acknowledged": false}"#, false),
            (r#"{"acknowledged": "true"}"#, false),
            ("{}", false),
            ("", false),
            ("OK", false),
            ("\u{0}\u{1}", false),
        ] {
            assert_eq!(acknowledges(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_wish_is_read_in_seconds_or_as_a_date() {
        let now = Moment(1_781_515_800_000);
        for (text, expected) in [
            ("120", Some(120_000)),
            (" 7 ", Some(7_000)),
            ("Mon, 15 Jun 2026 09:31:00 GMT", Some(60_000)),
            ("Mon, 15 Jun 2026 09:29:00 GMT", Some(-60_000)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(read_wish(text, now), expected, "{text}");
        }
    }
}
