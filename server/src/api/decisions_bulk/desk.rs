//! The desk of a bulk: reads questions piece by piece, asks the gate, writes the answers.

use std::collections::HashMap;
use std::sync::Arc;

use domain::catalogue::Basis;
use domain::{Reason, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::targets::Targets;
use crate::api::Api;
use crate::api::client::Client;
use crate::api::decisions::Word;
use crate::api::json::{object, parse};
use crate::api::person::PersonRef;
use crate::api::time::Time;
use crate::gate::{HeaderError, Judge, Rows, Subject, Verdict};
use crate::index::Table;
use crate::people::records::Records;
use crate::store::StoreError;

/// Most characters of a line's own name.
const LONGEST_ID: usize = 200;

/// One question of many.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkQuestion {
    /// Whom it is about.
    #[serde(deserialize_with = "object")]
    person: PersonRef,
    /// About what, if not about the target of the query.
    #[schema(max_length = 120, example = "message:offers/email")]
    target: Option<String>,
    /// Your own name for the line, given back with its answer.
    #[schema(max_length = 200)]
    id: Option<String>,
}

/// One answer of many.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkAnswer<'a> {
    /// The line's number, from 1; blank lines count, but have no answer.
    line: u64,
    /// Your own name for the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// Allow or deny.
    decision: Word,
    /// Why; `unreadable` for a line that can't be read, `not_allowed` for a target that the key
    /// may not ask about.
    #[schema(example = "no_objection")]
    reason: &'static str,
    /// The lawful basis that the register names: consent, contract, `legal_obligation` or
    /// `legitimate_interest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "legitimate_interest")]
    basis: Option<Basis>,
    /// Number of the notice that it was decided under.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<i64>,
    /// Since when, where a choice decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
    /// The newest entry of the whole ledger that was taken into account.
    position: i64,
}

impl<'a> BulkAnswer<'a> {
    /// How a verdict about a line is told, or why it is denied unasked.
    fn of(line: &'a Line, verdict: Option<Verdict>) -> Self {
        let (number, id) = (line.number, line.id.as_deref());
        let denied = Self {
            line: number,
            id,
            decision: Word::Deny,
            reason: line.asked.as_ref().err().copied().unwrap_or("unreadable"),
            basis: None,
            notice: None,
            since: None,
            position: 0,
        };
        let (Ok(_), Some(verdict)) = (&line.asked, verdict) else { return denied };
        let decision = verdict.decision;
        Self {
            decision: if decision.allowed { Word::Allow } else { Word::Deny },
            reason: decision.reason.as_str(),
            basis: decision.basis,
            notice: Some(verdict.notice.0),
            since: decision.since.map(Time),
            position: verdict.position.0,
            ..denied
        }
    }
}

/// A line that was read, or why it is denied unasked.
struct Line {
    number: u64,
    id: Option<String>,
    asked: Result<(Subject, Arc<Target>), &'static str>,
}

/// Why no answer can be had.
pub(super) enum Broken {
    /// The table's first line can't be used.
    Header(HeaderError),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What goes on from piece to piece.
pub(super) struct Desk {
    api: Api,
    client: Client,
    home: String,
    target: Option<Arc<Target>>,
    targets: Targets,
    table: Option<Rows>,
    line: u64,
}

impl Desk {
    /// A desk for a client, where lines that name no target are about this one.
    pub fn new(api: Api, client: Client, target: Option<Target>) -> Self {
        let home = api.service.notices.current().catalogue.controller.country.clone();
        Self {
            api,
            client,
            home,
            target: target.map(Arc::new),
            targets: Targets::default(),
            table: None,
            line: 0,
        }
    }

    /// A target that the client may ask about.
    fn target(&mut self, text: Option<&str>) -> Result<Arc<Target>, &'static str> {
        let Some(text) = text else { return self.target.clone().ok_or("unreadable") };
        let target = self.targets.read(text).ok_or("unreadable")?;
        if self.client.0.covers(&target) { Ok(target) } else { Err("not_allowed") }
    }

    /// Reads the line that was come to.
    fn read(&mut self, text: &[u8]) -> Line {
        let number = self.line;
        let question = parse::<BulkQuestion>(text).ok();
        let short = |id: &String| id.chars().count() <= LONGEST_ID;
        let question = question.filter(|question| question.id.as_ref().is_none_or(short));
        let Some(question) = question else {
            return Line { number, id: None, asked: Err("unreadable") };
        };
        let asked = self.target(question.target.as_deref()).and_then(|target| {
            let subject = question.person.subject_at(&self.home).map_err(|_| "unreadable")?;
            Ok((subject, target))
        });
        Line { number, id: question.id, asked }
    }

    /// Answers a piece of whole lines.
    pub async fn answer_lines(&mut self, piece: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut lines: Vec<Line> = Vec::new();
        for text in piece.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            self.line += 1;
            if !text.is_empty() {
                lines.push(self.read(text));
            }
        }
        let asked = |line: &Line| line.asked.as_ref().ok().cloned();
        let verdicts = self.decide(lines.iter().map(asked).collect()).await?;
        let mut out = Vec::with_capacity(lines.len() * 160);
        for (line, verdict) in lines.iter().zip(verdicts) {
            if serde_json::to_writer(&mut out, &BulkAnswer::of(line, verdict)).is_ok() {
                out.push(b'\n');
            }
        }
        Ok(out)
    }

    /// Answers a piece of whole CSV records; the first brings the names of the columns.
    pub async fn answer_table(&mut self, piece: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let mut records = Records::new(piece);
        if self.table.is_none() {
            let (header, table) = Rows::read_header(&mut records).map_err(Broken::Header)?;
            let names = header.into_iter().chain([b"decision".to_vec(), b"reason".to_vec()]);
            drop(out.write_record(names));
            self.table = Some(table);
        }
        let Some(table) = self.table.take() else { return Ok(Vec::new()) };
        let mut rows = table.read(&mut records, &self.home);
        let mut asked = Vec::new();
        for row in &mut rows {
            // As long as the header, so that the answer stands below its own name.
            row.fields.resize(table.columns(), Vec::new());
        }
        for row in &rows {
            let target = self.target(row.target.as_deref());
            let subjects = row.subjects.clone().unwrap_or_default();
            asked.push(target.map(|target| (subjects, target)));
        }
        self.table = Some(table);
        let flat = asked.iter().flatten().flat_map(|(subjects, target)| {
            subjects.iter().map(|subject| Some((subject.clone(), Arc::clone(target))))
        });
        let mut verdicts = self.decide(flat.collect()).await?.into_iter().flatten();
        for (row, asked) in rows.into_iter().zip(&asked) {
            let (allowed, reason) = match asked {
                Err(reason) => (false, *reason),
                Ok((subjects, _)) if subjects.is_empty() => (false, "unreadable"),
                Ok((subjects, _)) => strictest(verdicts.by_ref().take(subjects.len())),
            };
            let word: &[u8] = if allowed { b"allow" } else { b"deny" };
            let added = [word.to_vec(), reason.as_bytes().to_vec()];
            drop(out.write_record(row.fields.into_iter().chain(added)));
        }
        out.into_inner().map_err(|_| StoreError::Unreadable("answer").into())
    }

    async fn decide(
        &self,
        asked: Vec<Option<(Subject, Arc<Target>)>>,
    ) -> Result<Vec<Option<Verdict>>, StoreError> {
        let subjects: Vec<&Subject> = asked.iter().flatten().map(|(subject, _)| subject).collect();
        let service = &self.api.service;
        let questions: Vec<(&Subject, &Target)> =
            asked.iter().flatten().map(|(subject, target)| (subject, &**target)).collect();
        let decide = |judge: &Judge<'_>, table: &Table| judge.decide_all(table, &questions);
        let mut decided = service.judge(&subjects, decide).await?.into_iter();
        let verdicts: Vec<Option<Verdict>> =
            asked.iter().map(|one| one.as_ref().and_then(|_| decided.next())).collect();
        let mut counts: HashMap<(bool, Reason), u64> = HashMap::new();
        for verdict in verdicts.iter().flatten() {
            let decision = verdict.decision;
            *counts.entry((decision.allowed, decision.reason)).or_default() += 1;
        }
        for ((allowed, reason), count) in counts {
            service.metrics.decided(allowed, reason, count);
        }
        Ok(verdicts)
    }
}

/// The first no of a row's people; their yes where there is none.
fn strictest(verdicts: impl Iterator<Item = Verdict>) -> (bool, &'static str) {
    let mut answer = (false, "unreadable");
    let mut denied = false;
    for verdict in verdicts {
        let decision = verdict.decision;
        if !denied {
            answer = (decision.allowed, decision.reason.as_str());
        }
        denied |= !decision.allowed;
    }
    answer
}
