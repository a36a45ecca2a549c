//! What is wrong in a catalogue file, line by line.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::de::Error;

use crate::contact::disguises;

/// One thing to mend in a catalogue file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Problem {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// Where a problem comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// The file is not TOML here.
    Syntax,
    /// Something is missing, unknown or of another type.
    Shape,
    /// A value is not one that its field takes.
    Value,
}

/// How the TOML parser begins to speak of a text without quotation marks: it takes what begins
/// with an "N", for one, for the number `nan`.
const NO_VALUE: [&str; 5] = [
    "string values must be quoted",
    "missing value",
    "invalid boolean",
    "invalid float",
    "invalid integer",
];

/// The problems of one file and the places where its lines begin.
pub(super) struct Notes {
    starts: Vec<usize>,
    length: usize,
    found: RefCell<Vec<(Problem, Sort)>>,
}

impl Notes {
    /// No problems yet.
    pub(super) fn new(text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(starts).collect(),
            length: text.len(),
            found: RefCell::default(),
        }
    }

    fn note(&self, at: usize, reason: String, sort: Sort) {
        // An unclosed table is found at the very end, where no line begins any more.
        let at = at.min(self.length.saturating_sub(1));
        let line = self.starts.partition_point(|start| *start <= at);
        self.found.borrow_mut().push((Problem { line, reason }, sort));
    }

    /// Notes what the TOML parser found.
    pub(super) fn syntax(&self, error: &Error) {
        let message = error.message();
        let starts = |words: &[&str]| words.iter().any(|word| message.starts_with(word));
        let reason = if message == "duplicate key" {
            "This field or table stands here for the second time; keep one of them.".into()
        } else if starts(&["invalid date", "invalid time"]) {
            format!("This is no real day ({message}); write one such as 2027-06-30.")
        } else if starts(&NO_VALUE) {
            "A value is missing here, or text stands without quotation marks.".into()
        } else {
            format!("This is not TOML: {message}.")
        };
        self.note(error.span().map_or(0, |span| span.start), reason, Sort::Syntax);
    }

    /// Notes a value that its field does not take; `at` is its place in bytes.
    pub(super) fn value(&self, at: usize, reason: String) {
        self.note(at, reason, Sort::Value);
    }

    /// Notes what is missing, unknown or of another type; `at` is its place in bytes.
    pub(super) fn shape(&self, at: usize, reason: String) {
        self.note(at, reason, Sort::Shape);
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// The problems by line. In a file that is not TOML throughout, what seems missing or out of
    /// place may only follow from that, so it waits for the next reading.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        let broken: BTreeSet<usize> = found
            .iter()
            .filter(|(_, sort)| *sort == Sort::Syntax)
            .map(|(problem, _)| problem.line)
            .collect();
        found.retain(|(problem, sort)| match sort {
            Sort::Syntax => true,
            Sort::Shape => broken.is_empty(),
            Sort::Value => !broken.contains(&problem.line),
        });
        let mut problems: Vec<Problem> = found.into_iter().map(|(problem, _)| problem).collect();
        problems.sort_by(|a, b| (a.line, &a.reason).cmp(&(b.line, &b.reason)));
        problems.dedup();
        problems
    }
}

/// What someone wrote, cut to a length that a message bears and without what could disguise it.
pub(super) fn quote(text: &str) -> String {
    let shown: String = text
        .chars()
        .take(40)
        .map(|c| if disguises(c.encode_utf8(&mut [0; 4])) { '�' } else { c })
        .collect();
    let more = if text.chars().nth(40).is_some() { "…" } else { "" };
    format!("“{shown}{more}”")
}
