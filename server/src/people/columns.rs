//! The columns of a customer file.

use super::records::{Flaw, Record};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Number in the business's own books.
    CustomerNumber,
    /// What the customer is called.
    Name,
    /// Email address.
    Email,
    /// Phone number.
    Phone,
    /// BCP 47 tag.
    Language,
    /// ISO 3166-2 code or the country alone.
    Region,
    /// Year of birth.
    BirthYear,
    /// `TARGET=yes` and `TARGET=no`, with spaces between.
    Permissions,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 8] = [
        Self::CustomerNumber,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Language,
        Self::Region,
        Self::BirthYear,
        Self::Permissions,
    ];

    /// Its name in the first line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomerNumber => "customer_number",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Language => "language",
            Self::Region => "region",
            Self::BirthYear => "birth_year",
            Self::Permissions => "permissions",
        }
    }
}

/// Where each column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns([usize; Column::ALL.len()]);

/// The first line is not what it must be. Names of a line without any column that is known are
/// not told: it may be a customer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Nothing is there.
    #[error("has nothing in its first line, which must name the columns {}", every())]
    Empty,
    /// No column is known.
    #[error("does not begin with a line that names the columns {}", every())]
    None,
    /// A name that is not known.
    #[error("has an unknown column `{0}`; the columns are {list}", list = every())]
    Unknown(String),
    /// A name that stands twice.
    #[error("has the column {0} twice")]
    Twice(&'static str),
    /// A name that does not stand there.
    #[error("has no column {0}")]
    Missing(&'static str),
}

fn every() -> String {
    Column::ALL.map(Column::name).join(",")
}

impl Columns {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`HeaderError`] unless it names every column once and no other.
    pub fn read(header: &Record) -> Result<Self, HeaderError> {
        let known = |place: &usize| {
            let name = header.field(*place);
            Column::ALL.into_iter().position(|column| column.name().as_bytes() == name)
        };
        if header.is_blank() {
            return Err(HeaderError::Empty);
        }
        // Too many columns are told by the first that is not known.
        let unreadable = header.flaw().is_some_and(|flaw| flaw != Flaw::TooMany);
        if unreadable || !(0..header.len()).any(|place| known(&place).is_some()) {
            return Err(HeaderError::None);
        }
        let mut places = [None; Column::ALL.len()];
        for place in 0..header.len() {
            let Some(column) = known(&place) else {
                let name = String::from_utf8_lossy(header.field(place));
                return Err(HeaderError::Unknown(name.escape_debug().take(40).collect()));
            };
            if places[column].replace(place).is_some() {
                return Err(HeaderError::Twice(Column::ALL[column].name()));
            }
        }
        match places.iter().position(Option::is_none) {
            Some(column) => Err(HeaderError::Missing(Column::ALL[column].name())),
            None => Ok(Self(places.map(Option::unwrap_or_default))),
        }
    }

    /// The bytes of one column.
    pub fn get<'a>(&self, record: &'a Record, column: Column) -> &'a [u8] {
        record.field(self.0[column as usize])
    }
}
