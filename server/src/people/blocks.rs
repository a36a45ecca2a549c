//! A customer file in blocks: parsed, hashed and sealed, ready for the store.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use app::portal::Notice;
use domain::Language;
use domain::Moment;
use domain::contact::IdentifierKind;

use super::columns::Columns;
use super::records::{Records, Step};
use super::row::{Permissions, Reason, Row, Rules};
use crate::cli::{Failure, Premises};
use crate::ports::Random;
use crate::vault::{LookupDigest, Vault};

/// Rows in a block, which is one transaction.
const BLOCK: usize = 1_000;
/// Rows prepared before whoever writes the block before may go on.
const TURN: usize = 8;

/// Something that a row names its customer by.
#[derive(Debug)]
pub struct Handle {
    /// Email, phone or customer number.
    pub kind: IdentifierKind,
    /// Its hashes, the current one first.
    pub digests: Vec<LookupDigest>,
    /// Its sealed normal form.
    pub cipher: Vec<u8>,
}

/// A name, plain to compare and sealed to store.
#[derive(Debug)]
pub struct Name {
    /// As in the file.
    pub plain: String,
    /// Sealed.
    pub sealed: Vec<u8>,
}

/// A row ready for the store.
#[derive(Debug)]
pub struct Customer {
    /// The customer number.
    pub number: Handle,
    /// Email address and phone number.
    pub contacts: Vec<Handle>,
    /// What the customer is called.
    pub name: Option<Name>,
    /// Language the business writes in.
    pub language: Option<Language>,
    /// ISO 3166-2 code.
    pub region: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// What the customer said.
    pub permissions: Permissions,
}

impl Customer {
    /// What a row says, hashed and sealed.
    pub fn new(row: Row, vault: &Vault, random: &dyn Random) -> Self {
        let handle = |kind: IdentifierKind, normal: &str| Handle {
            kind,
            digests: vault.lookup(kind, normal),
            cipher: vault.seal(kind.as_str(), normal, random),
        };
        let email = row.email.as_ref().map(|email| handle(IdentifierKind::Email, email.as_str()));
        let phone = row.phone.as_ref().map(|phone| handle(IdentifierKind::Phone, phone.as_str()));
        let name = row.name.map(|plain| Name { sealed: vault.seal("name", &plain, random), plain });
        Self {
            number: handle(IdentifierKind::Customer, &row.customer),
            contacts: email.into_iter().chain(phone).collect(),
            name,
            language: row.language,
            region: row.region,
            birth_year: row.birth_year,
            permissions: row.permissions,
        }
    }

    /// Everything that the row names its customer by.
    pub fn handles(&self) -> impl Iterator<Item = &Handle> {
        [&self.number].into_iter().chain(&self.contacts)
    }
}

/// How a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// More rows follow.
    More,
    /// It is the last.
    Finished,
    /// A quote is never closed; what follows it can't be told apart.
    Unclosed,
}

/// Some rows of a file. Rows are counted as a spreadsheet shows them: the names of the columns
/// are row 1, a blank line is a row too, a line break inside a field is not.
#[derive(Debug)]
pub struct Block {
    /// Good rows.
    pub customers: Vec<Customer>,
    /// Bad rows by their number.
    pub rejects: Vec<(u64, Reason)>,
    /// The last row in it.
    pub last: u64,
    /// Bytes of the file up to here.
    pub bytes: u64,
    /// What comes after it.
    pub end: End,
}

/// The blocks of a file.
#[derive(Debug)]
pub struct Blocks {
    records: Records<BufReader<File>>,
    rules: Rules,
    row: u64,
}

impl Blocks {
    /// Opens a file and reads its first line.
    ///
    /// # Errors
    /// A sentence for the person at the keyboard.
    pub fn open(file: &Path, notice: &Arc<Notice>, now: Moment) -> Result<Self, Failure> {
        let unreadable =
            |error: io::Error| Failure::new(format!("{} can't be read: {error}", file.display()));
        let reader = BufReader::with_capacity(1 << 17, File::open(file).map_err(unreadable)?);
        let mut records = Records::new(reader);
        records.advance().map_err(unreadable)?;
        let columns = Columns::read(records.record())
            .map_err(|error| Failure::usage(format!("{} {error}", file.display())))?;
        Ok(Self { records, rules: Rules::new(columns, notice, now), row: 1 })
    }

    /// Passes over rows that were taken before.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn skip_to(&mut self, row: u64) -> io::Result<()> {
        while self.row < row && self.records.advance()? == Step::Record {
            self.row += 1;
        }
        Ok(())
    }

    /// The next block. Gives way every few rows, so that the store works meanwhile.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn next(&mut self, premises: &Premises) -> io::Result<Block> {
        let mut block = Block {
            customers: Vec::with_capacity(BLOCK),
            rejects: Vec::new(),
            last: self.row,
            bytes: 0,
            end: End::More,
        };
        for turn in 1..=BLOCK {
            let Some(read) = self.read_row()? else { continue };
            match read {
                Ok(Ok(row)) => {
                    let (vault, random) = (&premises.vault, premises.random.as_ref());
                    block.customers.push(Customer::new(row, vault, random));
                }
                Ok(Err(reason)) => block.rejects.push((self.row, reason)),
                Err(end) => {
                    block.end = end;
                    break;
                }
            }
            if turn.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
        }
        (block.last, block.bytes) = (self.row, self.records.bytes());
        Ok(block)
    }

    /// Reads one row; nothing for a blank line.
    fn read_row(&mut self) -> io::Result<Option<Result<Result<Row, Reason>, End>>> {
        match self.records.advance()? {
            Step::Record => self.row += 1,
            Step::End => return Ok(Some(Err(End::Finished))),
            Step::Unclosed => return Ok(Some(Err(End::Unclosed))),
        }
        let record = self.records.record();
        Ok((!record.is_blank()).then(|| Ok(self.rules.read(record))))
    }
}

/// What a file names more than once, so that a dry run knows what it has to remember.
#[derive(Debug, Default)]
pub struct Repeats(HashSet<u64>);

impl Repeats {
    /// Walks a file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn find(mut blocks: Blocks, vault: &Vault) -> io::Result<Self> {
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        for turn in 0_usize.. {
            let read = match blocks.read_row()? {
                None => continue,
                Some(Err(_)) => break,
                Some(Ok(read)) => read,
            };
            if turn.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
            let Ok(row) = read else { continue };
            let named = [
                Some((IdentifierKind::Customer, row.customer.as_str())),
                row.email.as_ref().map(|email| (IdentifierKind::Email, email.as_str())),
                row.phone.as_ref().map(|phone| (IdentifierKind::Phone, phone.as_str())),
            ];
            for (kind, normal) in named.into_iter().flatten() {
                let short = vault.lookup(kind, normal).first().map(|found| short(&found.digest));
                twice.extend(short.filter(|short| !seen.insert(*short)));
            }
        }
        Ok(Self(twice))
    }

    /// Whether a digest stands for something that the file names more than once.
    pub fn has(&self, digest: &[u8]) -> bool {
        self.0.contains(&short(digest))
    }
}

/// Eight bytes tell digests apart well enough: a mistake only remembers somebody too many.
fn short(digest: &[u8]) -> u64 {
    digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
