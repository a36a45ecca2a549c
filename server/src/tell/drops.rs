//! Files for systems that take a list: written whole or not at all, confirmed by being moved.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use domain::Moment;
use domain::catalogue::{System, Tell};
use domain::moment::HOUR;
use uuid::Uuid;

use super::Teller;
use super::content::{Content, rfc3339};
use crate::store::{DeliveryFilter, Due, StoreError, Told};

/// How long taken deliveries stay with whoever writes the file.
const LEASE: i64 = HOUR;
/// Deliveries taken at a time.
const BATCH: i64 = 500;
/// Folder of a system into which it moves the files that it has worked off.
const DONE: &str = "done";
/// Folder into which they go once that is noted.
const CONFIRMED: &str = "confirmed";

const COLUMNS: [&str; 12] = [
    "delivery",
    "position",
    "as_of",
    "chosen_at",
    "switch",
    "allowed",
    "email_hash",
    "phone_hash",
    "customer_hash",
    "email",
    "phone",
    "customer",
];

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Where it is.
    pub path: PathBuf,
    /// How many deliveries it holds.
    pub deliveries: usize,
}

impl Teller {
    /// Writes a system's waiting deliveries up to a moment into one file; nothing if none waits
    /// or the system takes no files.
    ///
    /// # Errors
    /// [`StoreError`] when the database or the disk fails; the deliveries then come again later.
    pub async fn drop_file(
        &self,
        system: &System,
        before: Moment,
    ) -> Result<Option<Dropped>, StoreError> {
        let Tell::File(name) = &system.tell else { return Ok(None) };
        let (store, key) = (&self.service.store, system.key.as_str());
        if !store.has_due_delivery(key, before.0).await? {
            return Ok(None);
        }
        let now = self.service.clock.now();
        let folder = self.drops.join(key);
        let stamp = rfc3339(now).replace([':', '.'], "-");
        let path = folder.join(format!("{name}-{stamp}.csv"));
        let part = path.with_extension("part");
        let until = now.plus(LEASE).0;
        let mut due = store.take_deliveries(key, before.0, until, BATCH).await?;
        if due.is_empty() {
            // Another node was quicker.
            return Ok(None);
        }
        let mut rows = begin(&part).map_err(failed)?;
        let mut told = Vec::new();
        while !due.is_empty() {
            for due in &due {
                let content = Content::of(&self.service, system, due).await?;
                write_rows(&mut rows, due, &content).map_err(failed)?;
                told.push((due.id, Told::Taken { acknowledged: false }));
            }
            due = store.take_deliveries(key, before.0, until, BATCH).await?;
        }
        finish(rows, &part, &path).map_err(failed)?;
        for part in told.chunks(500) {
            store.record_told(part, self.service.clock.now().0).await?;
        }
        Ok(Some(Dropped { path, deliveries: told.len() }))
    }

    /// Notes as confirmed what stands in the files that a system moved into its folder `done`. A
    /// file that can't be worked off stays there and holds up no other.
    ///
    /// # Errors
    /// [`StoreError`] when the database or the disk fails; the last of several.
    pub async fn confirm_files(&self, system: &System) -> Result<u64, StoreError> {
        let folder = self.drops.join(system.key.as_str());
        let files = match fs::read_dir(folder.join(DONE)) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(failed(error)),
        };
        let (mut confirmed, mut failure) = (0, None);
        for file in files {
            let path = file.map_err(failed)?.path();
            if path.extension().is_none_or(|extension| extension != "csv") {
                continue;
            }
            match self.confirm_file(system, &path, &folder.join(CONFIRMED)).await {
                Ok(count) => confirmed += count,
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(confirmed), Err)
    }

    /// Notes as confirmed what stands in a file, and moves it.
    async fn confirm_file(
        &self,
        system: &System,
        path: &Path,
        kept: &Path,
    ) -> Result<u64, StoreError> {
        let mut confirmed = 0;
        for part in read_ids(path).map_err(failed)?.chunks(500) {
            let filter = DeliveryFilter {
                ids: Some(part.to_vec()),
                system: Some(system.key.to_string()),
                ..DeliveryFilter::default()
            };
            let now = self.service.clock.now().0;
            confirmed += self.service.store.record_acknowledged(&filter, now).await?;
        }
        fs::create_dir_all(kept).map_err(failed)?;
        fs::rename(path, kept.join(path.file_name().unwrap_or_default())).map_err(failed)?;
        Ok(confirmed)
    }
}

fn failed(error: impl Into<io::Error>) -> StoreError {
    StoreError::File(error.into().kind())
}

/// Opens a file that only its owner can read.
fn begin(part: &Path) -> io::Result<csv::Writer<BufWriter<File>>> {
    if let Some(folder) = part.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut rows = csv::Writer::from_writer(BufWriter::new(options.open(part)?));
    rows.write_record(COLUMNS)?;
    Ok(rows)
}

/// One row for each switch that the choice concerns.
fn write_rows(
    rows: &mut csv::Writer<BufWriter<File>>,
    due: &Due,
    content: &Content,
) -> Result<(), csv::Error> {
    let (hashes, clear) = (&content.person.hashes, &content.person.clear);
    let all = |of: &std::collections::BTreeMap<&'static str, Vec<String>>, kind: &str| {
        neutral(&of.get(kind).map(|known| known.join(" ")).unwrap_or_default())
    };
    for (switch, allowed) in &content.switches {
        rows.write_record([
            content.delivery.to_string(),
            content.position.to_string(),
            content.as_of.to_string(),
            rfc3339(due.choice.entry.at),
            switch.clone(),
            if *allowed { "yes" } else { "no" }.to_owned(),
            all(hashes, "email"),
            all(hashes, "phone"),
            all(hashes, "customer"),
            all(clear, "email"),
            all(clear, "phone"),
            all(clear, "customer"),
        ])?;
    }
    Ok(())
}

/// A cell that no spreadsheet takes for a formula (ASVS 5.0 1.2.10): an apostrophe goes before
/// what begins like one, a phone number's plus sign too.
#[must_use]
pub fn neutral(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Gives the file its name once every byte is on disk.
fn finish(rows: csv::Writer<BufWriter<File>>, part: &Path, path: &Path) -> io::Result<()> {
    let mut file = rows.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    file.flush()?;
    file.get_ref().sync_all()?;
    fs::rename(part, path)
}

fn read_ids(path: &Path) -> io::Result<Vec<Uuid>> {
    let mut rows = csv::Reader::from_path(path)?;
    let mut ids: Vec<Uuid> = Vec::new();
    for row in rows.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) if error.is_io_error() => return Err(error.into()),
            Err(error) => {
                let line = error.position().map(csv::Position::line);
                tracing::warn!(file = %path.display(), line, "a row can't be read: it confirms nothing");
                continue;
            }
        };
        // Somebody may have saved it with a spreadsheet: what is no id confirms nothing.
        let id = row.get(0).and_then(|cell| cell.trim().parse().ok());
        ids.extend(id.filter(|id| ids.last() != Some(id)));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::neutral;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+44 20", "'+44 20"),
            ("-1", "'-1"),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("N-100001", "N-100001"),
            ("", ""),
        ] {
            assert_eq!(neutral(cell), expected);
        }
    }
}
