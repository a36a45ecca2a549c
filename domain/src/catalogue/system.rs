//! Systems that must obey choices.

use std::fmt::Display;

use toml::de::DeValue;

use super::problem::{Notes, quote};
use super::reader::{Fields, Seen};
use super::values::{self, Taken};
use super::{Catalogue, System, Tell};
use crate::contact::IdentifierKind;
use crate::key::Key;
use crate::target::Target;

/// A system whose targets were not yet looked up, with their places in the file.
pub(super) struct Draft {
    system: System,
    places: Vec<usize>,
}

/// Reads a system.
pub(super) fn draft(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Draft> {
    let key = fields.name::<Key>("key", seen);
    let label = fields.label();
    let serves = fields.list("serves", str::parse::<Target>);
    let tell = fields.table("tell").and_then(tell);
    let lead_business_days = fields.days("lead_business_days", 0..=60);
    let escalation = fields.plain("escalation");
    let clear = if fields.has("clear") { fields.list("clear", identifier) } else { None };
    fields.close();
    let (places, serves) = serves?.into_iter().unzip();
    let mut clear: Vec<_> = clear.into_iter().flatten().map(|(_, kind)| kind).collect();
    clear.sort_unstable();
    clear.dedup();
    let system = System {
        key: key?,
        label: label?,
        serves,
        tell: tell?,
        lead_business_days: lead_business_days?,
        escalation: escalation?,
        clear,
    };
    Some(Draft { system, places })
}

fn tell(mut fields: Fields<'_>) -> Option<Tell> {
    let given = ["webhook", "file", "feed"].into_iter().filter(|way| fields.has(way));
    let way = match given.collect::<Vec<_>>()[..] {
        ["webhook"] => fields.parsed("webhook", values::webhook).map(Tell::Webhook),
        ["file"] => fields.parsed("file", str::parse::<Key>).map(Tell::File),
        ["feed"] => match fields.take("feed")? {
            (_, DeValue::Boolean(true)) => Some(Tell::Feed),
            (at, _) => fields.mistyped(at, "feed", "true; without a feed, leave it out"),
        },
        _ => {
            fields.needs("exactly one of webhook = \"https://…\", file = \"name\", feed = true");
            None
        }
    };
    fields.close();
    way
}

fn identifier(text: &str) -> Taken<IdentifierKind> {
    match text {
        "email" => Ok(IdentifierKind::Email),
        "phone" => Ok(IdentifierKind::Phone),
        "customer" => Ok(IdentifierKind::Customer),
        "browser" => Ok(IdentifierKind::Browser),
        _ => Err("an identifier is email, phone, customer or browser"),
    }
}

/// Takes the systems that serve something of the register and notes what the others lack.
pub(super) fn settle(drafts: Vec<Draft>, catalogue: &Catalogue, notes: &Notes) -> Vec<System> {
    for Draft { system, places } in &drafts {
        for (target, at) in system.serves.iter().zip(places) {
            if matches!(target, Target::Exception(_)) {
                let reason = format!("“serves” lists “{target}”, which nobody can turn off.");
                notes.value(*at, reason);
            } else if !catalogue.knows(target) {
                let reason = format!("“serves” lists “{target}”, which this catalogue has not.");
                notes.value(*at, reason);
            }
        }
    }
    drafts.into_iter().map(|draft| draft.system).collect()
}

impl Fields<'_> {
    /// A list of texts that `check` makes something of, each with its place.
    pub(super) fn list<T, E: Display>(
        &mut self,
        field: &str,
        check: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<(usize, T)>> {
        let right = "a list of texts such as [\"one\", \"two\"]";
        let (at, list) = match self.take(field)? {
            (at, DeValue::Array(list)) => (at, list),
            (at, _) => return self.mistyped(at, field, right),
        };
        if list.is_empty() {
            self.wrong(at, format!("“{field}” must list at least one."));
        }
        let mut found = Vec::with_capacity(list.len());
        for entry in list {
            let at = entry.span().start;
            let DeValue::String(text) = entry.into_inner() else {
                return self.mistyped(at, field, right);
            };
            match check(&text) {
                Ok(value) => found.push((at, value)),
                Err(right) => {
                    self.wrong(at, format!("“{field}” lists {}; {right}.", quote(&text)));
                }
            }
        }
        Some(found)
    }
}
