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
use crate::cli::{Failure, Premises};
use crate::store::{IdentifierRow, StoreError};

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
    /// Show a progress bar.
    pub progress: bool,
}

/// What an export did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Links written.
    pub links: u64,
    /// Customers left out because no key opens their customer number.
    pub unreadable: u64,
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
    let done = write(premises, export, file).await;
    if done.is_err() {
        drop(std::fs::remove_file(&export.out));
    }
    done.map_err(|error| match error {
        ExportError::Store(error) => Failure::new(error),
        ExportError::File(error) => told(error),
    })
}

#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] io::Error),
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

async fn write(premises: &Premises, export: &Export, file: File) -> Result<Exported, ExportError> {
    let store = &premises.store;
    let total = u64::try_from(store.count_people().await?).unwrap_or(0);
    let bar = bar(export.progress, total, "{bar:40} {pos} of {len} people, {eta} to go");
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["customer_number", "email", "language", "link"])?;
    let (mut done, mut after) = (Exported::default(), Uuid::nil());
    loop {
        let people = store.list_people(after, PART).await?;
        let Some(last) = people.last() else { break };
        after = last.id;
        let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
        let mut known = open(premises, &store.list_identifiers(&ids).await?);
        let mut rows = Vec::with_capacity(people.len());
        for person in &people {
            let Opened { number, email, sealed } = known.remove(&person.id).unwrap_or_default();
            done.unreadable += u64::from(number.is_none() && sealed);
            let Some(number) = number else { continue };
            let (link, row) = forge(premises, person, &export.base_url);
            let (email, language) = (email.as_deref(), person.language.as_deref());
            let cells = [&number, email.unwrap_or_default(), language.unwrap_or_default(), &link];
            writer.write_record(cells.map(harmless))?;
            rows.push(row);
        }
        store.insert_links(&rows).await?;
        done.links += rows.len() as u64;
        bar.inc(people.len() as u64);
    }
    let file = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    file.sync_all()?;
    bar.finish_and_clear();
    Ok(done)
}

/// What a line tells of a person.
#[derive(Default)]
struct Opened {
    number: Option<String>,
    email: Option<String>,
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
        let place = if number { &mut person.number } else { &mut person.email };
        // Rows come oldest first, so that the newest stays.
        *place = opened.or(place.take());
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
