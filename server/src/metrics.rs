//! Figures for whoever watches the program (Prometheus, OpenMetrics 1.0).
//!
//! Labels are words of this program and keys of the register: never anything of a person.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{PoisonError, RwLock};

use domain::{Reason, Source};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper ends of the buckets for answering times, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    result: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Saved {
    source: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivered {
    system: String,
    state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lettered {
    kind: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LetterKind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct System {
    system: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Arrived {
    door: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Waiting {
    nature: &'static str,
    urgency: &'static str,
}

/// Counters by what they count, each found again without making its labels.
struct Found<K>(RwLock<Vec<(K, Counter)>>);

impl<K> Default for Found<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: PartialEq> Found<K> {
    /// Counts, if the counter is known.
    fn count(&self, what: &K, number: u64) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let counter = known.iter().find(|(known, _)| known == what);
        counter.map(|(_, counter)| counter.inc_by(number)).is_some()
    }

    fn know(&self, what: K, counter: Counter) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push((what, counter));
    }
}

/// Figures of one route.
struct OfRoute {
    seconds: Histogram,
    statuses: Found<u16>,
}

type Timed = Family<Route, Histogram, fn() -> Histogram>;

/// The figures of one installation.
pub struct Metrics {
    registry: Registry,
    decisions: Family<Decided, Counter>,
    choices: Family<Saved, Counter>,
    deliveries: Family<Delivered, Gauge>,
    oldest: Family<System, Gauge<f64, AtomicU64>>,
    letters: Family<Lettered, Gauge>,
    oldest_letter: Family<LetterKind, Gauge<f64, AtomicU64>>,
    posted: Family<Lettered, Counter>,
    index_lag: Gauge,
    index_whole: Gauge,
    ledger_queue: Gauge,
    requests: Family<Answered, Counter>,
    seconds: Timed,
    decided: Found<(bool, Reason)>,
    routes: RwLock<HashMap<String, OfRoute>>,
    arrivals: Family<Arrived, Counter>,
    requests_open: Family<Waiting, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sayso");
        let decisions = Family::default();
        registry.register("decisions", "Decisions, by result and reason", decisions.clone());
        let choices = Family::default();
        registry.register("choices", "Ledger entries written, by source", choices.clone());
        let deliveries = Family::default();
        let help = "Deliveries, by system and state";
        registry.register("deliveries", help, deliveries.clone());
        let oldest = Family::default();
        let help = "Seconds since the oldest delivery that waits was made, by system";
        registry.register("delivery_oldest_seconds", help, oldest.clone());
        let letters = Family::default();
        registry.register("letters", "Letters not sent yet, by kind and state", letters.clone());
        let oldest_letter = Family::default();
        let help = "Seconds since the oldest letter that waits was made, by kind";
        registry.register("letter_oldest_seconds", help, oldest_letter.clone());
        let posted = Family::default();
        let help = "Tries to send a letter, by kind and what became of it";
        registry.register("letters_posted", help, posted.clone());
        let index_lag = Gauge::default();
        let help =
            "Milliseconds since the index of this node last agreed with the database; -1 before";
        registry.register("index_lag_milliseconds", help, index_lag.clone());
        let index_whole = Gauge::default();
        let help = "Whether the index of this node answers for everyone: 1 or 0";
        registry.register("index_whole", help, index_whole.clone());
        let ledger_queue = Gauge::default();
        let help = "Choices that wait for the next commit";
        registry.register("ledger_queue", help, ledger_queue.clone());
        let requests = Family::default();
        registry.register("api_requests", "Requests of the API answered", requests.clone());
        let seconds: Timed = Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("api_seconds", "Time to the answer's head, by route", seconds.clone());
        let arrivals = Family::default();
        registry.register("arrivals", "Mails and texts that came in", arrivals.clone());
        let requests_open = Family::default();
        let help = "Requests that wait for an answer, by nature and by how near the deadline is";
        registry.register("requests_open", help, requests_open.clone());
        Self {
            registry,
            decisions,
            choices,
            deliveries,
            oldest,
            letters,
            oldest_letter,
            posted,
            index_lag,
            index_whole,
            ledger_queue,
            requests,
            seconds,
            decided: Found::default(),
            routes: RwLock::default(),
            arrivals,
            requests_open,
        }
    }
}

impl Metrics {
    /// Counts decisions of one kind; many at a time in a bulk.
    pub fn decided(&self, allowed: bool, reason: Reason, count: u64) {
        if self.decided.count(&(allowed, reason), count) {
            return;
        }
        let result = if allowed { "allow" } else { "deny" };
        let labels = Decided { result, reason: reason.as_str() };
        let counter = self.decisions.get_or_create_owned(&labels);
        counter.inc_by(count);
        self.decided.know((allowed, reason), counter);
    }

    /// Counts ledger entries that were written.
    pub fn saved(&self, source: Source, count: usize) {
        let labels = Saved { source: source.as_str() };
        self.choices.get_or_create(&labels).inc_by(count as u64);
    }

    /// Says how many deliveries of a system are in a state (queued, sent, acknowledged, failed,
    /// overdue).
    pub fn set_deliveries(&self, system: &str, state: &str, count: i64) {
        let labels = Delivered { system: system.to_owned(), state: state.to_owned() };
        self.deliveries.get_or_create(&labels).set(count);
    }

    /// Says for how many seconds the oldest delivery of a system has been waiting.
    pub fn set_oldest_delivery(&self, system: &str, seconds: f64) {
        self.oldest.get_or_create(&System { system: system.to_owned() }).set(seconds);
    }

    /// Says how many letters of a kind are in a state (gathering, queued, taken).
    pub fn set_letters(&self, kind: &'static str, state: &'static str, count: i64) {
        self.letters.get_or_create(&Lettered { kind, state }).set(count);
    }

    /// Says for how many seconds the oldest letter of a kind has been waiting.
    pub fn set_oldest_letter(&self, kind: &'static str, seconds: f64) {
        self.oldest_letter.get_or_create(&LetterKind { kind }).set(seconds);
    }

    /// Counts a try to send a letter (sent, again, failed, dropped).
    pub fn posted(&self, kind: &'static str, state: &'static str) {
        self.posted.get_or_create(&Lettered { kind, state }).inc();
    }

    /// Says how many milliseconds ago this node's index last agreed with the database; -1 before
    /// the first time.
    pub fn set_index_lag(&self, millis: Option<i64>) {
        self.index_lag.set(millis.unwrap_or(-1));
    }

    /// Says whether this node's index answers for everyone now.
    pub fn set_index_whole(&self, whole: bool) {
        self.index_whole.set(whole.into());
    }

    /// Says how many choices wait for the next commit.
    pub fn set_ledger_queue(&self, waiting: usize) {
        self.ledger_queue.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// Counts something that came in by a door (mail, text), by what became of it.
    pub fn arrived(&self, door: &'static str, outcome: &'static str) {
        self.arrivals.get_or_create(&Arrived { door, outcome }).inc();
    }

    /// Says how many requests of a nature wait at an urgency (green, amber, red, overdue).
    pub fn set_open_requests(&self, nature: &'static str, urgency: &'static str, count: i64) {
        self.requests_open.get_or_create(&Waiting { nature, urgency }).set(count);
    }

    /// Counts an answer of the API, by the pattern of its route.
    pub fn answered(&self, route: &str, status: u16, seconds: f64) {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = routes.get(route) else {
            drop(routes);
            let of = || OfRoute {
                seconds: self.seconds.get_or_create_owned(&Route { route: route.to_owned() }),
                statuses: Found::default(),
            };
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            routes.entry(route.to_owned()).or_insert_with(of);
            drop(routes);
            return self.answered(route, status, seconds);
        };
        known.seconds.observe(seconds);
        if !known.statuses.count(&status, 1) {
            let labels = Answered { route: route.to_owned(), status };
            let counter = self.requests.get_or_create_owned(&labels);
            counter.inc();
            known.statuses.know(status, counter);
        }
    }

    /// Every figure as text.
    ///
    /// # Errors
    /// When a figure can't be written.
    pub fn write(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
