//! What an export writes for letters: codes in the file's columns, an image for each, sheets.
//!
//! Whatever it holds at once is one sheet file of at most ten thousand labels: memory stays the
//! same for a million people.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use domain::{Key, ShortCode};
use uuid::Uuid;

use super::sheet::{Label, Paper, Sheet};
use super::{address, mint};
use crate::cli::Premises;
use crate::people::Export;
use crate::qr::{Qr, TooLong};
use crate::store::StoreError;

/// Labels in one file of sheets; what comes after stands in the next.
const IN_ONE: u64 = 10_000;
/// Images in one folder.
const IN_FOLDER: u64 = 1_000;

/// What is made for a mailing on paper.
#[derive(Clone, Debug)]
pub struct Letters {
    /// The mailing's name; each has codes of its own.
    pub mailing: Key,
    /// A new folder that takes an image of each QR code.
    pub images: Option<PathBuf>,
    /// A PDF file with labels.
    pub sheet: Option<PathBuf>,
    /// What the labels are printed on.
    pub paper: Paper,
}

/// Letters can't be made.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file can't be written.
    #[error("{0} can't be written: {1}")]
    File(String, io::Error),
    /// A file or folder is in the way.
    #[error("{0} is there already")]
    InTheWay(String),
    /// The portal's address fits into no QR code.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> PressError + '_ {
    move |error| match error.kind() {
        io::ErrorKind::AlreadyExists => PressError::InTheWay(path.display().to_string()),
        _ => PressError::File(path.display().to_string(), error),
    }
}

impl Letters {
    /// Makes room for what will be written.
    ///
    /// # Errors
    /// [`PressError`] when a folder or file is in the way.
    pub(crate) fn begin(&self, export: &Export) -> Result<Press, PressError> {
        let press = Press {
            letters: self.clone(),
            base_url: export.base_url.clone(),
            force: export.force,
            sheet: None,
            files: Vec::new(),
            printed: 0,
            unprintable: 0,
        };
        if let Some(folder) = &self.images {
            std::fs::create_dir(folder).map_err(refused(folder))?;
        }
        Ok(press)
    }
}

/// A mailing being made.
pub(crate) struct Press {
    letters: Letters,
    base_url: String,
    force: bool,
    sheet: Option<Sheet>,
    /// Sheet files written so far.
    files: Vec<PathBuf>,
    printed: u64,
    unprintable: u64,
}

impl Press {
    /// The columns that it adds.
    pub const fn columns(&self) -> &'static [&'static str] {
        match &self.letters.images {
            Some(_) => &["short_code", "short_link", "image"],
            None => &["short_code", "short_link"],
        }
    }

    /// A new code for each of these people.
    pub async fn mint(
        &self,
        premises: &Premises,
        people: &[Uuid],
    ) -> Result<Vec<ShortCode>, StoreError> {
        mint(premises, people, self.letters.mailing.as_str()).await
    }

    /// Prints one person's code; gives the cells of the added columns.
    pub fn print(
        &mut self,
        number: &str,
        code: ShortCode,
    ) -> Result<impl Iterator<Item = String> + use<>, PressError> {
        let link = address(&self.base_url, &code);
        let mut image = None;
        if self.letters.images.is_some() || self.letters.sheet.is_some() {
            let qr = Qr::of(&link)?;
            if let Some(folder) = self.letters.images.clone() {
                image = Some(self.draw(&folder, number, &qr)?);
            }
            self.label(number, code, &qr)?;
        }
        self.printed += 1;
        Ok([code.to_string(), link].into_iter().chain(image))
    }

    /// Writes an image, a thousand in a folder; gives its name as the file's line has it.
    fn draw(&self, folder: &Path, number: &str, qr: &Qr) -> Result<String, PressError> {
        let part = format!("{:04}", self.printed / IN_FOLDER);
        if self.printed.is_multiple_of(IN_FOLDER) {
            let path = folder.join(&part);
            std::fs::create_dir(&path).map_err(refused(&path))?;
        }
        // A digit before it keeps two numbers apart that differ in case alone, where that counts
        // for nothing.
        let name = format!("{part}/{:03}-{}.svg", self.printed % IN_FOLDER, plain(number));
        let path = folder.join(&name);
        let write = || create(&path)?.write_all(qr.svg().as_bytes());
        write().map_err(refused(&path))?;
        Ok(name)
    }

    /// Puts a label on the sheet that is open.
    fn label(&mut self, number: &str, code: ShortCode, qr: &Qr) -> Result<(), PressError> {
        if self.letters.sheet.is_none() {
            return Ok(());
        }
        let url = format!("{}{}", self.base_url, app::routes::GO);
        let url = url.split_once("://").map_or(&*url, |(_, rest)| rest);
        let (paper, code) = (self.letters.paper, code.to_string());
        let sheet = self.sheet.get_or_insert_with(|| Sheet::new(paper));
        let whole = sheet.add(&Label { number, code: &code, url, qr });
        self.unprintable += u64::from(!whole);
        if sheet.labels() == IN_ONE { self.put_away() } else { Ok(()) }
    }

    /// Writes the sheet that is open into its file.
    fn put_away(&mut self) -> Result<(), PressError> {
        let (Some(sheet), Some(first)) = (self.sheet.take(), &self.letters.sheet) else {
            return Ok(());
        };
        let path = numbered(first, self.files.len() + 1);
        if self.force
            && let Err(error) = std::fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(refused(&path)(error));
        }
        let mut file = create(&path).map_err(refused(&path))?;
        self.files.push(path.clone());
        let written = file.write_all(&sheet.finish()).and_then(|()| file.sync_all());
        written.map_err(refused(&path))
    }

    /// Ends the mailing; gives the sheet files written and the labels without a number.
    pub fn finish(&mut self) -> Result<(u64, u64), PressError> {
        self.put_away()?;
        Ok((self.files.len() as u64, self.unprintable))
    }

    /// Takes away what was written.
    pub fn discard(&self) {
        if let Some(folder) = &self.letters.images {
            drop(std::fs::remove_dir_all(folder));
        }
        self.files.iter().for_each(|file| drop(std::fs::remove_file(file)));
    }
}

/// A new file that only its owner can read: each code opens somebody's choices.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The name of a file of sheets: the second of `labels.pdf` is `labels-2.pdf`.
fn numbered(first: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return first.to_owned();
    }
    let stem = first.file_stem().unwrap_or_default().to_string_lossy();
    let ending = first.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    first.with_file_name(format!("{stem}-{number}{}", ending.unwrap_or_default()))
}

/// A customer number as part of a file's name, at most 60 characters.
fn plain(number: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    number.chars().take(60).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_files_are_numbered_and_names_are_harmless() {
        assert_eq!(numbered(Path::new("a/labels.pdf"), 1), Path::new("a/labels.pdf"));
        assert_eq!(numbered(Path::new("a/labels.pdf"), 2), Path::new("a/labels-2.pdf"));
        assert_eq!(numbered(Path::new("labels"), 3), Path::new("labels-3"));
        assert_eq!(plain("../../etc/passwd"), "______etc_passwd");
        assert_eq!(plain("客户-7"), "__-7");
    }
}
