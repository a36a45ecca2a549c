//! Reads TOML tables while keeping count of every problem and its line.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::problem::{Notes, quote};
use super::{lint, values};
use crate::language::Language;
use crate::moment::Moment;

/// Names that stand in one list, to find those that stand there twice.
pub(super) type Seen = BTreeSet<String>;

/// A table whose fields are taken one by one; what is left at the end is unknown. Where a field
/// gives nothing, the reason has been noted.
pub(super) struct Fields<'a> {
    table: DeTable<'a>,
    at: usize,
    what: &'static str,
    /// The languages that every text must have; none as long as they are unknown.
    pub(super) languages: Rc<[Language]>,
    notes: &'a Notes,
}

impl<'a> Fields<'a> {
    /// The outermost table of a file.
    pub(super) fn root(table: DeTable<'a>, notes: &'a Notes) -> Self {
        Self { table, at: 0, what: "catalogue", languages: Rc::default(), notes }
    }

    fn inner(&self, table: DeTable<'a>, at: usize, what: &'static str) -> Self {
        Self { table, at, what, languages: Rc::clone(&self.languages), notes: self.notes }
    }

    /// Ends the reading: every field left over is unknown.
    pub(super) fn close(self) {
        for key in self.table.keys() {
            let reason = format!("This {} has no field {}.", self.what, quote(key.get_ref()));
            self.notes.shape(key.span().start, reason);
        }
    }

    /// Notes that the table needs something.
    pub(super) fn needs(&self, what: &str) {
        self.notes.shape(self.at, format!("This {} needs {what}.", self.what));
    }

    /// Notes that something is missing or out of place.
    pub(super) fn astray(&self, at: usize, reason: String) {
        self.notes.shape(at, reason);
    }

    /// Notes that the value at a place is not right.
    pub(super) fn wrong(&self, at: usize, reason: String) {
        self.notes.value(at, reason);
    }

    /// Notes a value of another type.
    pub(super) fn mistyped<T>(&self, at: usize, field: &str, right: &str) -> Option<T> {
        self.notes.shape(at, format!("“{field}” must be {right}."));
        None
    }

    /// A field that must be there, with its place.
    pub(super) fn take(&mut self, field: &str) -> Option<(usize, DeValue<'a>)> {
        let Some(value) = self.table.remove(field) else {
            self.needs(&format!("the field “{field}”"));
            return None;
        };
        Some((value.span().start, value.into_inner()))
    }

    fn string(&mut self, field: &str) -> Option<(usize, String)> {
        match self.take(field)? {
            (at, DeValue::String(text)) => Some((at, text.into_owned())),
            (at, _) => self.mistyped(at, field, "text in quotation marks"),
        }
    }

    /// What `check` makes of a text; its error says what would be right.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        field: &str,
        check: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.parsed_at(field, check).map(|(_, value)| value)
    }

    /// Like [`Self::parsed`], with the place of the text.
    pub(super) fn parsed_at<T, E: Display>(
        &mut self,
        field: &str,
        check: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<(usize, T)> {
        let (at, text) = self.string(field)?;
        match check(&text) {
            Ok(value) => Some((at, value)),
            Err(right) => {
                self.wrong(at, format!("“{field}” is {}; {right}.", quote(&text)));
                None
            }
        }
    }

    /// What an entry is called; no two of one list may share it.
    pub(super) fn name<T>(&mut self, field: &str, seen: &mut Seen) -> Option<T>
    where
        T: FromStr<Err: Display> + Display,
    {
        let (at, value) = self.parsed_at(field, str::parse::<T>)?;
        if !seen.insert(value.to_string()) {
            let reason =
                format!("Another {} above has this {field}; each needs its own.", self.what);
            self.wrong(at, reason);
        }
        Some(value)
    }

    /// A text that is the same in every language.
    pub(super) fn plain(&mut self, field: &str) -> Option<String> {
        let (at, text) = self.string(field)?;
        self.tidy(at, &format!("“{field}”"), &text)
    }

    /// A text as pages show it, or what is wrong with it.
    pub(super) fn tidy(&self, at: usize, whose: &str, text: &str) -> Option<String> {
        let (text, flaws) = lint::tidy(text);
        for flaw in &flaws {
            self.wrong(at, format!("{whose} {flaw}."));
        }
        flaws.is_empty().then_some(text)
    }

    /// `true` or `false`.
    pub(super) fn truth(&mut self, field: &str) -> Option<bool> {
        match self.take(field)? {
            (_, DeValue::Boolean(on)) => Some(on),
            (at, _) => self.mistyped(at, field, "true or false, without quotation marks"),
        }
    }

    /// A number of days within a range.
    pub(super) fn days(&mut self, field: &str, range: RangeInclusive<u16>) -> Option<u16> {
        let right = format!("a whole number of days from {} to {}", range.start(), range.end());
        let (at, number) = match self.take(field)? {
            (at, DeValue::Integer(number)) => (at, number),
            (at, _) => return self.mistyped(at, field, &right),
        };
        let days = u16::from_str_radix(number.as_str(), number.radix()).ok();
        let days = days.filter(|days| range.contains(days));
        if days.is_none() {
            self.wrong(at, format!("“{field}” must be {right}."));
        }
        days
    }

    /// Like [`Self::days`], for a field that may be left out.
    pub(super) fn days_if_given(&mut self, field: &str, range: RangeInclusive<u16>) -> Option<u16> {
        if self.table.contains_key(field) { self.days(field, range) } else { None }
    }

    /// The start of a day in UTC.
    pub(super) fn day(&mut self, field: &str) -> Option<Moment> {
        let right = "a day such as 2027-06-30, without quotation marks, time or offset";
        match self.take(field)? {
            (_, DeValue::Datetime(Datetime { date: Some(date), time: None, .. })) => {
                Some(values::midnight(date))
            }
            (at, _) => self.mistyped(at, field, right),
        }
    }

    /// Whether a field is there.
    pub(super) fn has(&self, field: &str) -> bool {
        self.table.contains_key(field)
    }

    /// A table that must be there once.
    pub(super) fn table(&mut self, field: &'static str) -> Option<Self> {
        match self.take(field)? {
            (at, DeValue::Table(table)) => Some(self.inner(table, at, field)),
            (at, _) => {
                self.mistyped(at, field, "one table, written with single brackets or braces")
            }
        }
    }

    /// A table that may be left out, with its place.
    pub(super) fn table_if_given(&mut self, field: &'static str) -> Option<(usize, Self)> {
        let at = self.table.get(field)?.span().start;
        self.table(field).map(|table| (at, table))
    }

    /// The tables of a list that must have at least one.
    pub(super) fn each_of_some<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(Self, &mut Seen) -> Option<T>,
    ) -> Vec<T> {
        let given = self.table.get(field).map(Spanned::get_ref);
        if given.is_none_or(|list| list.as_array().is_some_and(|list| list.is_empty())) {
            self.needs(&format!("at least one {field}"));
        }
        self.each(field, read)
    }

    /// The tables of a list that may be left out.
    pub(super) fn each<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(Self, &mut Seen) -> Option<T>,
    ) -> Vec<T> {
        let right = "a list of tables, each headed by its name in double brackets";
        let Some(list) = self.table.remove(field) else { return Vec::new() };
        let at = list.span().start;
        let DeValue::Array(list) = list.into_inner() else {
            return self.mistyped(at, field, right).unwrap_or_default();
        };
        let mut seen = Seen::new();
        let entry = |entry: Spanned<DeValue<'a>>| match (entry.span().start, entry.into_inner()) {
            (at, DeValue::Table(table)) => read(self.inner(table, at, field), &mut seen),
            (at, _) => self.mistyped(at, field, right),
        };
        list.into_iter().filter_map(entry).collect()
    }
}
