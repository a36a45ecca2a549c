//! Everybody's link in a file, for a mail merge.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use domain::contact::IdentifierKind;
use uuid::Uuid;

use super::fit::check_keys;
use super::links::forge;
use super::progress::bar;
use super::reach::Reach;
use crate::cli::{Failure, Premises};
use crate::letters::press::{Letters, Press, PressError};
use crate::notices::NoticeError;
use crate::store::{IdentifierRow, PersonRow, StoreError};

/// People in a part of an export.
const PART: i64 = 1_000;

/// Where links of everybody go.
#[derive(Clone, Debug)]
pub struct Export {
    /// The CSV file.
    pub out: PathBuf,
    /// What links begin with, without a slash at the end.
    pub base_url: String,
    /// Replace a file that is there.
    pub force: bool,
    /// Leave out whoever no marketing may be sent to by email.
    pub only_may_email: bool,
    /// Show a progress bar.
    pub progress: bool,
    /// Codes for letters beside the links.
    pub letters: Option<Letters>,
}

/// What an export did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Links written.
    pub links: u64,
    /// Customers left out because no key opens their customer number.
    pub unreadable: u64,
    /// Sheets of labels written, in files of their own.
    pub sheets: u64,
    /// Labels without their customer number, for it has letters that a label's font lacks.
    pub unprintable: u64,
}

/// Writes the link of everybody who has a customer number into a file that only its owner can
/// read. When it fails, no part of the file is left.
///
/// # Errors
/// A sentence for the person at the keyboard.
pub async fn export(premises: &Premises, export: &Export) -> Result<Exported, Failure> {
    check_keys(premises).await?;
    let told = |error: io::Error| {
        Failure::new(format!("{} can't be written: {error}", export.out.display()))
    };
    if export.force
        && let Err(error) = std::fs::remove_file(&export.out)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(told(error));
    }
    let file = create(&export.out).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::new(format!("{} is there already; --force replaces it", export.out.display()))
        }
        _ => told(error),
    })?;
    let mut press = match export.letters.as_ref().map(|letters| letters.begin(export)) {
        None => None,
        Some(Ok(press)) => Some(press),
        Some(Err(error)) => {
            drop(std::fs::remove_file(&export.out));
            return Err(Failure::new(error));
        }
    };
    let done = write(premises, export, file, press.as_mut()).await;
    if done.is_err() {
        drop(std::fs::remove_file(&export.out));
        press.iter().for_each(Press::discard);
    }
    done.map_err(|error| match error {
        ExportError::Store(error) => Failure::new(error),
        ExportError::Notice(error) => Failure::new(error),
        ExportError::File(error) => told(error),
        ExportError::Press(error) => Failure::new(error),
    })
}

#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Notice(#[from] NoticeError),
    #[error(transparent)]
    File(#[from] io::Error),
    #[error(transparent)]
    Press(#[from] PressError),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::File(error.into())
    }
}

/// A new file that only its owner can read: each line opens somebody's choices.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What a line of the file begins with.
const COLUMNS: [&str; 5] = ["customer_number", "email", "may_email", "language", "link"];

async fn write(
    premises: &Premises,
    export: &Export,
    file: File,
    mut press: Option<&mut Press>,
) -> Result<Exported, ExportError> {
    let store = &premises.store;
    let reach = Reach::of(premises).await?;
    let total = u64::try_from(store.count_people().await?).unwrap_or(0);
    let bar = bar(export.progress, total, "{bar:40} {pos} of {len} people, {eta} to go");
    let mut writer = csv::Writer::from_writer(file);
    let more = press.as_ref().map_or(&[][..], |press| press.columns());
    writer.write_record(COLUMNS.iter().chain(more))?;
    let (mut done, mut after) = (Exported::default(), Uuid::nil());
    loop {
        let people = store.list_people(after, PART).await?;
        let Some(last) = people.last() else { break };
        after = last.id;
        let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
        let mut known = open(premises, &store.list_identifiers(&ids).await?);
        let mut lines = Vec::with_capacity(people.len());
        for person in &people {
            let opened = known.remove(&person.id).unwrap_or_default();
            done.unreadable += u64::from(opened.number.is_none() && opened.sealed);
            if let Opened { number: Some(number), email, bounces, .. } = opened {
                let (email, may_email) = (email.unwrap_or_default(), !bounces);
                lines.push(Line { person, number, email, may_email });
            }
        }
        let addresses: Vec<&str> = lines.iter().map(|line| line.email.as_str()).collect();
        let allowed = reach.allows(&addresses).await?;
        lines.iter_mut().zip(allowed).for_each(|(line, allowed)| line.may_email &= allowed);
        lines.retain(|line| line.may_email || !export.only_may_email);
        let to: Vec<Uuid> = lines.iter().map(|line| line.person.id).collect();
        let codes = match &press {
            Some(press) => press.mint(premises, &to).await?,
            None => Vec::new(),
        };
        let mut rows = Vec::with_capacity(lines.len());
        for (at, Line { person, number, email, may_email }) in lines.iter().enumerate() {
            let (link, row) = forge(premises, person, &export.base_url);
            let language = person.language.as_deref().unwrap_or_default();
            // Their address leaves for no list of any kind (15 U.S.C. 7704(a)(4)(A)(iv)).
            let (email, may) = if *may_email { (email.as_str(), "yes") } else { ("", "no") };
            let mut cells: Vec<Cow<'_, str>> =
                vec![number.into(), email.into(), may.into(), language.into(), link.into()];
            if let (Some(press), Some(code)) = (&mut press, codes.get(at)) {
                cells.extend(press.print(number, *code)?.map(Cow::from));
            }
            writer.write_record(cells.iter().map(|cell| harmless(cell)))?;
            rows.push(row);
        }
        store.insert_links(&rows).await?;
        done.links += rows.len() as u64;
        bar.inc(people.len() as u64);
    }
    let file = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    file.sync_all()?;
    if let Some(press) = press {
        (done.sheets, done.unprintable) = press.finish()?;
    }
    bar.finish_and_clear();
    Ok(done)
}

/// What a line tells of a person.
struct Line<'a> {
    person: &'a PersonRow,
    number: String,
    email: String,
    may_email: bool,
}

/// What could be opened of a person.
#[derive(Default)]
struct Opened {
    number: Option<String>,
    email: Option<String>,
    /// Whether mail to that address comes back.
    bounces: bool,
    sealed: bool,
}

/// Opens customer numbers and the newest email address of each person.
fn open(premises: &Premises, rows: &[IdentifierRow]) -> HashMap<Uuid, Opened> {
    let mut people: HashMap<Uuid, Opened> = HashMap::new();
    for row in rows {
        let number = row.kind == IdentifierKind::Customer.as_str();
        if !number && row.kind != IdentifierKind::Email.as_str() {
            continue;
        }
        let opened = row.cipher.as_deref().and_then(|seal| premises.vault.open(&row.kind, seal));
        let person = people.entry(row.person_id).or_default();
        person.sealed |= number && opened.is_none();
        // Rows come oldest first, so that the newest stays.
        if opened.is_none() {
            continue;
        }
        if number {
            person.number = opened;
        } else {
            (person.email, person.bounces) = (opened, row.bounces);
        }
    }
    people
}

/// A cell that no spreadsheet takes for a formula (ASVS 5.0 1.2.10).
pub fn harmless(cell: &str) -> Cow<'_, [u8]> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠']) {
        format!("'{cell}").into_bytes().into()
    } else {
        cell.as_bytes().into()
    }
}
