//! The list of rows that were not taken: `row,reason`, with nothing of the row in it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use super::row::Reason;
use crate::cli::Failure;

const HEADER: &str = "row,reason";
/// More than any line of a list.
const LINE_LIMIT: u64 = 1_000;

/// A list in a file that is made with its first row.
pub struct Rejects {
    path: Option<PathBuf>,
    writer: Option<csv::Writer<File>>,
}

impl Rejects {
    /// Begins a list, or goes on with it behind row `after`; without a path nothing is written.
    ///
    /// # Errors
    /// A sentence for the person at the keyboard, such as that the file is something else.
    pub fn begin(path: Option<PathBuf>, after: u64) -> Result<Self, Failure> {
        if let Some(path) = &path {
            let told = |error| Failure::new(format!("{} can't be used: {error}", path.display()));
            match OpenOptions::new().read(true).write(true).open(path) {
                Ok(file) => {
                    let kept = cut(&file, after).map_err(told)?;
                    if kept == 0 {
                        std::fs::remove_file(path).map_err(told)?;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(told(error)),
            }
        }
        Ok(Self { path, writer: None })
    }

    /// Adds rows to the list.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn add(&mut self, rows: &[(u64, Reason)]) -> io::Result<()> {
        let (Some(path), false) = (&self.path, rows.is_empty()) else { return Ok(()) };
        if self.writer.is_none() {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            let fresh = file.metadata()?.len() == 0;
            let mut writer = csv::Writer::from_writer(file);
            if fresh {
                writer.write_record(HEADER.split(','))?;
            }
            self.writer = Some(writer);
        }
        if let Some(writer) = &mut self.writer {
            for (row, reason) in rows {
                writer.write_record([row.to_string(), reason.to_string()])?;
            }
            // A block is noted as done only after its bad rows are listed.
            writer.flush()?;
        }
        Ok(())
    }
}

/// Takes the rows behind `after` off a list: their block was not committed, so they come again.
/// Says how many rows are left.
fn cut(file: &File, after: u64) -> io::Result<u64> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut end = reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line)?;
    if end > 0 && line.trim_ascii_end() != HEADER.as_bytes() {
        return Err(io::Error::other("it is there already and no list of rejected rows"));
    }
    let mut kept = 0;
    loop {
        line.clear();
        let length = reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line)?;
        let number = line.split(|byte| *byte == b',').next().unwrap_or_default();
        let number = std::str::from_utf8(number).ok().and_then(|text| text.parse::<u64>().ok());
        if number.is_none_or(|number| number > after) {
            file.set_len(end as u64)?;
            return Ok(kept);
        }
        (end, kept) = (end + length, kept + 1);
    }
}
