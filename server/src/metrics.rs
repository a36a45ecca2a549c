//! Figures for whoever watches the program (Prometheus, OpenMetrics 1.0).
//!
//! Labels are words of this program and keys of the register: never anything of a person.

use std::sync::atomic::AtomicU64;

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
struct Typed {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivered {
    system: String,
    state: String,
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

type Timed = Family<Route, Histogram, fn() -> Histogram>;

/// The figures of one installation.
pub struct Metrics {
    registry: Registry,
    decisions: Family<Decided, Counter>,
    choices: Family<Saved, Counter>,
    short_codes: Family<Typed, Counter>,
    deliveries: Family<Delivered, Gauge>,
    oldest: Family<System, Gauge<f64, AtomicU64>>,
    index_lag: Gauge,
    ledger_queue: Gauge,
    requests: Family<Answered, Counter>,
    seconds: Timed,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sayso");
        let decisions = Family::default();
        registry.register("decisions", "Decisions, by result and reason", decisions.clone());
        let choices = Family::default();
        registry.register("choices", "Ledger entries written, by source", choices.clone());
        let short_codes = Family::default();
        let help = "Codes from letters that were typed or scanned, by result";
        registry.register("short_codes", help, short_codes.clone());
        let deliveries = Family::default();
        let help = "Deliveries, by system and state";
        registry.register("deliveries", help, deliveries.clone());
        let oldest = Family::default();
        let help = "Seconds since the oldest delivery that waits was made, by system";
        registry.register("delivery_oldest_seconds", help, oldest.clone());
        let index_lag = Gauge::default();
        let help =
            "Milliseconds since the index of this node last agreed with the database; -1 before";
        registry.register("index_lag_milliseconds", help, index_lag.clone());
        let ledger_queue = Gauge::default();
        let help = "Choices that wait for the next commit";
        registry.register("ledger_queue", help, ledger_queue.clone());
        let requests = Family::default();
        registry.register("api_requests", "Requests of the API answered", requests.clone());
        let seconds: Timed = Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("api_seconds", "Time to the answer's head, by route", seconds.clone());
        Self {
            registry,
            decisions,
            choices,
            short_codes,
            deliveries,
            oldest,
            index_lag,
            ledger_queue,
            requests,
            seconds,
        }
    }
}

impl Metrics {
    /// Counts decisions of one kind; many at a time in a bulk.
    pub fn decided(&self, allowed: bool, reason: Reason, count: u64) {
        let result = if allowed { "allow" } else { "deny" };
        let labels = Decided { result, reason: reason.as_str() };
        self.decisions.get_or_create(&labels).inc_by(count);
    }

    /// Counts ledger entries that were written.
    pub fn saved(&self, source: Source, count: usize) {
        let labels = Saved { source: source.as_str() };
        self.choices.get_or_create(&labels).inc_by(count as u64);
    }

    /// Counts a code from a letter that was looked up (opened, veiled, unknown, limited).
    pub fn typed(&self, result: &'static str) {
        self.short_codes.get_or_create(&Typed { result }).inc();
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

    /// Says how many milliseconds ago this node's index last agreed with the database; -1 before
    /// the first time.
    pub fn set_index_lag(&self, millis: Option<i64>) {
        self.index_lag.set(millis.unwrap_or(-1));
    }

    /// Says how many choices wait for the next commit.
    pub fn set_ledger_queue(&self, waiting: usize) {
        self.ledger_queue.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// Counts an answer of the API, by the pattern of its route.
    pub fn answered(&self, route: &str, status: u16, seconds: f64) {
        let labels = Answered { route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(seconds);
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
