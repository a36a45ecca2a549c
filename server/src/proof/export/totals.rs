//! What a business reports of a year (11 CCR 7102(a)).

use std::fmt::Write as _;

use std::collections::BTreeMap;

use domain::moment::DAY;
use serde_json::{Value, json};

use super::record::{Record, Response, Right};

/// Requests of a span by right.
#[derive(Clone, Debug, Default)]
pub struct Totals(BTreeMap<Right, Tally>);

#[derive(Clone, Debug, Default)]
struct Tally {
    received: u64,
    complied: u64,
    denied: u64,
    /// How many were answered within so many days, begun ones counted whole.
    days: BTreeMap<i64, u64>,
}

impl Totals {
    /// Counts a record, unless it asked for nothing.
    pub(super) fn count(&mut self, record: &Record) {
        if record.response == Some(Response::Nothing) {
            return;
        }
        let tally = self.0.entry(record.right).or_default();
        tally.received += 1;
        match record.response {
            // One number for both (11 CCR 7102(a)(1)).
            Some(Response::Complied | Response::Partly) => tally.complied += 1,
            Some(Response::Denied) => tally.denied += 1,
            Some(Response::Nothing) | None => {}
        }
        if let Some(responded) = record.responded {
            let took = responded.since(record.received).max(0);
            *tally
                .days
                .entry(took.unsigned_abs().div_ceil(DAY.unsigned_abs()).cast_signed())
                .or_default() += 1;
        }
    }

    /// One object a right: how many, how answered, and within how many days.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rights = self.0.iter().map(|(right, tally)| {
            json!({
                "right": right.as_str(),
                "received": tally.received,
                "complied": tally.complied,
                "denied": tally.denied,
                "median_days": tally.median(),
                "mean_days": tally.mean_hundredths().map(text_of),
            })
        });
        Value::Array(rights.collect())
    }

    /// The same as CSV.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from("right,received,complied,denied,median_days,mean_days\n");
        for (right, tally) in &self.0 {
            let Tally { received, complied, denied, .. } = tally;
            let median = tally.median().map(|days| days.to_string()).unwrap_or_default();
            let mean = tally.mean_hundredths().map(text_of).unwrap_or_default();
            let right = right.as_str();
            let fields = format_args!("{right},{received},{complied},{denied},{median},{mean}");
            // Writing into a text does not fail.
            let _ = writeln!(text, "{fields}");
        }
        text
    }
}

/// A number of hundredths with its point.
fn text_of(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl Tally {
    /// Days within which half were answered.
    fn median(&self) -> Option<i64> {
        let answered: u64 = self.days.values().sum();
        let mut seen = 0;
        self.days.iter().find_map(|(days, count)| {
            seen += count;
            (seen * 2 >= answered).then_some(*days)
        })
    }

    fn mean_hundredths(&self) -> Option<i64> {
        let answered: i64 = self.days.values().map(|count| count.cast_signed()).sum();
        let days: i64 = self.days.iter().map(|(days, count)| days * count.cast_signed()).sum();
        (answered > 0).then(|| (days * 100 + answered / 2) / answered)
    }
}
