//! Splitting a file into records (RFC 4180), in bounded memory.
//!
//! The csv crate's reader holds a whole record, so one quote that never closes would take the
//! rest of a file of any size into memory. Here a field is cut off where it gets too long.

use std::io::{self, BufRead};

/// Longest field that is kept, in bytes.
pub const FIELD_LIMIT: usize = 10_000;
/// Most fields of a record; more are only counted.
pub const FIELDS_LIMIT: usize = 1_000;

/// The byte order mark that spreadsheets put first.
pub const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What is wrong with a record as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A field is longer than [`FIELD_LIMIT`].
    TooLong,
    /// It has more than [`FIELDS_LIMIT`] fields, and those behind them are lost.
    TooMany,
    /// Text follows a closing quote.
    Quote,
}

/// One record.
#[derive(Debug, Default)]
pub struct Record {
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    quoted: bool,
    flaw: Option<Flaw>,
}

impl Record {
    /// How many fields it has.
    pub const fn len(&self) -> usize {
        self.fields
    }

    /// A field's bytes; nothing where there is none.
    pub fn field(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let end = self.ends.get(place).copied().unwrap_or(0);
        self.text.get(start.unwrap_or(0)..end).unwrap_or_default()
    }

    /// What is wrong with it, if anything; before all else that fields are lost.
    pub const fn flaw(&self) -> Option<Flaw> {
        if self.is_too_wide() { Some(Flaw::TooMany) } else { self.flaw }
    }

    /// Whether it has more fields than are kept.
    pub const fn is_too_wide(&self) -> bool {
        self.fields > FIELDS_LIMIT
    }

    /// Whether it is a line with nothing on it.
    pub fn is_blank(&self) -> bool {
        self.fields <= 1 && self.text.is_empty() && !self.quoted
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        (self.fields, self.quoted, self.flaw) = (0, false, None);
    }

    fn push(&mut self, byte: u8) {
        if self.fields >= FIELDS_LIMIT {
            return;
        }
        let start = self.ends.last().copied().unwrap_or(0);
        if self.text.len() - start < FIELD_LIMIT {
            self.text.push(byte);
        } else {
            self.flaw = Some(Flaw::TooLong);
        }
    }

    fn end_field(&mut self) {
        if self.fields < FIELDS_LIMIT {
            self.ends.push(self.text.len());
        }
        self.fields = self.fields.saturating_add(1);
    }
}

/// How the end of the file was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is a record.
    Record,
    /// The file has ended.
    End,
    /// The file ended inside a quoted field.
    Unclosed,
}

/// Where in a record the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// At the start of a field.
    #[default]
    Start,
    /// In a field without quotes, where a quote is like any other byte.
    Plain,
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: it closed them unless another follows.
    Closed,
}

impl State {
    /// Where the byte behind this one stands.
    pub const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, _) | (Self::Start | Self::Closed, b'"') => Self::Quoted,
            (_, b',' | b'\n' | b'\r') => Self::Start,
            _ => Self::Plain,
        }
    }
}

/// The records of a file, one after the other.
#[derive(Debug)]
pub struct Records<R> {
    reader: R,
    splitter: Splitter,
    bytes: u64,
}

#[derive(Debug, Default)]
struct Splitter {
    state: State,
    after_return: bool,
    record: Record,
}

impl<R: BufRead> Records<R> {
    /// Begins at the start of a reader.
    pub fn new(reader: R) -> Self {
        Self { reader, splitter: Splitter::default(), bytes: 0 }
    }

    /// Bytes read so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The record that was read last.
    pub const fn record(&self) -> &Record {
        &self.splitter.record
    }

    /// Reads the next record.
    pub fn advance(&mut self) -> io::Result<Step> {
        let Self { reader, splitter, bytes } = self;
        splitter.record.clear();
        splitter.state = State::Start;
        loop {
            let buffer = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if buffer.is_empty() {
                return Ok(splitter.finish());
            }
            if *bytes == 0 && buffer.starts_with(MARK) {
                reader.consume(MARK.len());
                *bytes += MARK.len() as u64;
                continue;
            }
            let end = buffer.iter().position(|byte| splitter.take(*byte));
            let used = end.map_or(buffer.len(), |place| place + 1);
            reader.consume(used);
            *bytes += used as u64;
            if end.is_some() {
                return Ok(Step::Record);
            }
        }
    }
}

impl Splitter {
    /// Takes a byte; true when it ends the record.
    fn take(&mut self, byte: u8) -> bool {
        let after_return = std::mem::take(&mut self.after_return);
        let record = &mut self.record;
        let state = self.state;
        self.state = state.after(byte);
        match (state, byte) {
            (State::Start, b'\n') if after_return => {}
            (State::Quoted, b'"') => {}
            (State::Quoted, _) | (State::Closed, b'"') => record.push(byte),
            (_, b',') => record.end_field(),
            (_, b'\n' | b'\r') => {
                record.end_field();
                self.after_return = byte == b'\r';
                return true;
            }
            (State::Start, b'"') => record.quoted = true,
            (State::Closed, _) => record.flaw = Some(Flaw::Quote),
            (State::Start | State::Plain, _) => record.push(byte),
        }
        false
    }

    fn finish(&mut self) -> Step {
        match self.state {
            State::Quoted => Step::Unclosed,
            State::Start if self.record.fields == 0 => Step::End,
            _ => {
                self.record.end_field();
                Step::Record
            }
        }
    }
}
