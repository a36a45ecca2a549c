//! One row of a customer file, parsed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use app::portal::Notice;
use domain::contact::{Email, Malformed, Phone};
use domain::{Language, Moment, Target};

use super::columns::{Column, Columns};
use super::fields::{Fields, year_of};
use super::records::{Flaw, Record};

/// Why a row was not taken. Never holds anything of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More or fewer fields than columns.
    #[error("the row has not as many fields as there are columns")]
    Fields,
    /// A field that nobody fills by hand.
    #[error("a field is longer than 10000 bytes")]
    TooLong,
    /// A quote in the wrong place.
    #[error("text follows the closing quote of a field")]
    Quote,
    /// Bytes that are no text.
    #[error("the row is not UTF-8 text")]
    NotText,
    /// A field that is not of its form.
    #[error("{}: {why}", column.name())]
    Field {
        /// Which.
        column: Column,
        /// Why.
        why: Malformed,
    },
    /// A language that the portal does not speak.
    #[error("language: it is none of those that the portal speaks")]
    Language,
    /// A region of another form.
    #[error("region: it is not of the form GB or GB-ENG")]
    Region,
    /// A year that can't be.
    #[error("birth_year: it is not a year from 1900 until now")]
    BirthYear,
    /// A permission of another form.
    #[error("permissions: one is not of the form TARGET=yes or TARGET=no")]
    Permission,
    /// A target that the catalogue does not have.
    #[error("permissions: one names a target that is not in the catalogue")]
    Target,
    /// A yes to many things at once.
    #[error("permissions: a yes covers one switch at a time")]
    WideYes,
    /// Sharing that a law requires.
    #[error("permissions: nobody can turn off what a law requires")]
    Exception,
}

/// What a file says of one customer.
#[derive(Debug)]
pub struct Row {
    /// Number in the business's own books, trimmed.
    pub customer: String,
    /// What the customer is called.
    pub name: Option<String>,
    /// Email address.
    pub email: Option<Email>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// Language the business writes in.
    pub language: Option<Language>,
    /// ISO 3166-2 code.
    pub region: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// What the customer said.
    pub permissions: Permissions,
}

/// What the customer said, by the file. A target that stands in both is a no.
#[derive(Debug, Default)]
pub struct Permissions {
    /// Every no.
    pub refused: BTreeSet<Target>,
    /// Every yes.
    pub given: BTreeSet<Target>,
}

/// What rows are read by.
#[derive(Debug)]
pub struct Rules {
    columns: Columns,
    home: String,
    year: i64,
    targets: HashMap<String, Target>,
}

impl Rules {
    /// The rules of a file under a notice.
    pub fn new(columns: Columns, notice: &Arc<Notice>, now: Moment) -> Self {
        let catalogue = &notice.catalogue;
        let wide = [Target::Everything, Target::Marketing, Target::Sharing];
        let targets = catalogue.leaves().flat_map(|leaf| leaf.lineage()).chain(wide);
        Self {
            columns,
            home: catalogue.controller.country.clone(),
            year: year_of(now),
            targets: targets.map(|target| (target.to_string(), target)).collect(),
        }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// The first [`Reason`] not to take it.
    pub fn read(&self, record: &Record) -> Result<Row, Reason> {
        match record.flaw() {
            Some(Flaw::TooLong) => return Err(Reason::TooLong),
            Some(Flaw::Quote) => return Err(Reason::Quote),
            Some(Flaw::TooMany) => return Err(Reason::Fields),
            None if record.len() != Column::ALL.len() => return Err(Reason::Fields),
            None => {}
        }
        let text = |column| {
            std::str::from_utf8(self.columns.get(record, column))
                .map(str::trim)
                .map_err(|_| Reason::NotText)
        };
        let fields = Fields {
            customer: text(Column::CustomerNumber)?,
            name: text(Column::Name)?,
            email: text(Column::Email)?,
            phone: text(Column::Phone)?,
            language: text(Column::Language)?,
            region: text(Column::Region)?,
            birth_year: text(Column::BirthYear)?,
        };
        let row = fields.read(&self.home, self.year)?;
        Ok(Row { permissions: self.permissions(text(Column::Permissions)?)?, ..row })
    }

    fn permissions(&self, text: &str) -> Result<Permissions, Reason> {
        let mut permissions = Permissions::default();
        for part in text.split_ascii_whitespace() {
            let (name, answer) = part.split_once('=').ok_or(Reason::Permission)?;
            let Some(target) = self.targets.get(name) else {
                let exception = name.starts_with("exception:");
                return Err(if exception { Reason::Exception } else { Reason::Target });
            };
            match answer {
                "no" => permissions.refused.insert(target.clone()),
                "yes" if target.is_leaf() => permissions.given.insert(target.clone()),
                "yes" => return Err(Reason::WideYes),
                _ => return Err(Reason::Permission),
            };
        }
        permissions.given.retain(|target| !permissions.refused.contains(target));
        Ok(permissions)
    }
}
