//! Rows of a list, and those whom they name.

use std::io::BufRead;

use domain::contact::IdentifierKind;

use super::Subject;
use crate::people::records::{FIELDS_LIMIT, Record, Records, Step};

/// The columns that name people.
const COLUMNS: [(&str, IdentifierKind); 3] = [
    ("customer_number", IdentifierKind::Customer),
    ("email", IdentifierKind::Email),
    ("phone", IdentifierKind::Phone),
];

/// The column that names a target.
const TARGET: &str = "target";

/// The first line of a list can't be used. Says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// None of its columns names people.
    Nobody,
    /// It has more columns than are kept of a row.
    TooWide,
}

/// A row with those it names; nobody where one of them can't be read, or fields are lost or have no
/// name.
#[derive(Debug)]
pub struct Row {
    /// Its fields, as they came; the first 1000 where there are more.
    pub fields: Vec<Vec<u8>>,
    /// Those it names, at least one.
    pub subjects: Option<Vec<Subject>>,
    /// What it says of a target; none where it has no such column or nothing in it.
    pub target: Option<String>,
}

/// How the rows of a list are read.
#[derive(Debug)]
pub struct Rows {
    people: Vec<(usize, IdentifierKind)>,
    target: Option<usize>,
    columns: usize,
}

impl Rows {
    /// Reads the names of the columns.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn named_by(header: &Record) -> Result<Self, HeaderError> {
        if header.is_too_wide() {
            return Err(HeaderError::TooWide);
        }
        let name = |place| String::from_utf8_lossy(header.field(place)).trim().to_ascii_lowercase();
        let known = |place: usize| {
            let name = name(place);
            COLUMNS.iter().find(|(known, _)| *known == name).map(|(_, kind)| (place, *kind))
        };
        let people: Vec<_> = (0..header.len()).filter_map(known).collect();
        let target = (0..header.len()).find(|place| name(*place) == TARGET);
        let columns = header.len();
        if people.is_empty() {
            return Err(HeaderError::Nobody);
        }
        Ok(Self { people, target, columns })
    }

    /// How many columns have a name.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The first record of a list, and how the others are read.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn read_header<R: BufRead>(
        records: &mut Records<R>,
    ) -> Result<(Vec<Vec<u8>>, Self), HeaderError> {
        match records.advance() {
            Ok(Step::Record) => Ok((fields(records.record()), Self::named_by(records.record())?)),
            _ => Err(HeaderError::Nobody),
        }
    }

    /// The rest of a list that is in memory. What a quote swallowed that never closes is one row
    /// that names nobody.
    pub fn read<R: BufRead>(&self, records: &mut Records<R>, home: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        loop {
            match records.advance() {
                Ok(Step::Record) if records.record().is_blank() => {}
                Ok(Step::Record) => rows.push(self.row(records.record(), home)),
                Ok(Step::Unclosed) => {
                    rows.push(Row { fields: Vec::new(), subjects: None, target: None });
                    return rows;
                }
                Ok(Step::End) | Err(_) => return rows,
            }
        }
    }

    /// One row.
    #[must_use]
    pub fn row(&self, record: &Record, home: &str) -> Row {
        let mut subjects = Some(Vec::new());
        for (place, kind) in &self.people {
            let field = record.field(*place).trim_ascii();
            if field.is_empty() {
                continue;
            }
            let read = std::str::from_utf8(field).ok();
            let read = read.and_then(|text| Subject::read(*kind, text, home).ok());
            match (&mut subjects, read) {
                (Some(subjects), Some(subject)) => subjects.push(subject),
                _ => subjects = None,
            }
        }
        // One that has more to say than there are names was taken apart wrongly, and so was whom
        // it names.
        let mut nameless = (self.columns..record.len()).map(|place| record.field(place));
        let flawed = record.flaw().is_some() || nameless.any(|field| !field.is_empty());
        let target = self.target.map(|place| record.field(place).trim_ascii());
        let target = target.filter(|text| !text.is_empty());
        Row {
            fields: fields(record),
            subjects: subjects.filter(|subjects| !flawed && !subjects.is_empty()),
            target: target.map(|text| String::from_utf8_lossy(text).into_owned()),
        }
    }
}

/// The fields of a record, as they came; the first [`FIELDS_LIMIT`] where there are more.
pub fn fields(record: &Record) -> Vec<Vec<u8>> {
    (0..record.len().min(FIELDS_LIMIT)).map(|place| record.field(place).to_vec()).collect()
}
