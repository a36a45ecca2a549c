//! Cutting a stream into pieces of whole records, in bounded memory.

use crate::people::records::{MARK, State};

/// Most bytes of one record.
pub(super) const RECORD_LIMIT: usize = 64 * 1024;

/// A record is longer than [`RECORD_LIMIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record is longer than 65536 bytes")]
pub(super) struct TooLong;

/// Cuts after line ends; where quotes count, only after those that stand outside of them, as
/// [`crate::people::records::Records`] tells records apart.
#[derive(Debug)]
pub(super) struct Cutter {
    kept: Vec<u8>,
    quotes: bool,
    state: State,
    /// Bytes of a byte order mark that came; all of them where none can come any more.
    mark: usize,
}

impl Cutter {
    /// A cutter of lines, or of CSV records, whose fields may hold line ends in quotes.
    pub const fn new(quotes: bool) -> Self {
        Self { kept: Vec::new(), quotes, state: State::Start, mark: 0 }
    }

    /// Takes the next bytes and gives back as many whole records as there are.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, TooLong> {
        let mut end = None;
        for (place, byte) in bytes.iter().enumerate() {
            if self.quotes {
                self.step(*byte);
            }
            if *byte == b'\n' && self.state == State::Start {
                end = Some(place + 1);
            }
        }
        let Some(end) = end else {
            self.kept.extend_from_slice(bytes);
            return if self.kept.len() > RECORD_LIMIT { Err(TooLong) } else { Ok(Vec::new()) };
        };
        let mut whole = std::mem::take(&mut self.kept);
        whole.extend_from_slice(&bytes[..end]);
        self.kept.extend_from_slice(&bytes[end..]);
        if self.kept.len() > RECORD_LIMIT { Err(TooLong) } else { Ok(whole) }
    }

    fn step(&mut self, byte: u8) {
        if MARK.get(self.mark) == Some(&byte) {
            self.mark += 1;
        } else {
            (self.mark, self.state) = (MARK.len(), self.state.after(byte));
        }
    }

    /// What is left when there is no more.
    pub fn finish(self) -> Vec<u8> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::people::records::{Records, Step};

    proptest! {
        #[test]
        fn pieces_are_the_whole_and_end_with_a_record(text in "[a\"\\n,]{0,80}", sizes in proptest::collection::vec(1_usize..9, 1..60)) {
            let mut cutter = Cutter::new(false);
            let (mut rest, mut pieces) = (text.as_bytes(), Vec::new());
            for size in sizes.into_iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at(size.min(rest.len()));
                let piece = cutter.push(now).unwrap();
                prop_assert!(piece.is_empty() || piece.ends_with(b"\n"));
                pieces.extend(piece);
                rest = later;
            }
            pieces.extend(cutter.finish());
            prop_assert_eq!(pieces, text.into_bytes());
        }
    }

    /// The records of some pieces; the last is empty where a quote never closes.
    fn records(pieces: &[Vec<u8>]) -> Vec<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        for piece in pieces {
            let mut records = Records::new(piece.as_slice());
            loop {
                match records.advance().unwrap() {
                    Step::Record => {
                        let record = records.record();
                        all.push((0..record.len()).map(|at| record.field(at).to_vec()).collect());
                    }
                    Step::End => break,
                    Step::Unclosed => {
                        all.push(Vec::new());
                        break;
                    }
                }
            }
        }
        all
    }

    proptest! {
        #[test]
        fn what_is_cut_holds_the_records_of_the_whole(mark in any::<bool>(), text in "[a\"\n\r,]{0,80}", size in 1_usize..9) {
            let text = [if mark { MARK } else { b"" }, text.as_bytes()].concat();
            let mut cutter = Cutter::new(true);
            let mut pieces: Vec<_> =
                text.chunks(size).map(|part| cutter.push(part).unwrap()).collect();
            pieces.push(cutter.finish());
            prop_assert_eq!(records(&pieces), records(&[text]));
        }
    }

    #[test]
    fn a_quote_inside_a_field_opens_nothing() {
        let mut cutter = Cutter::new(true);
        assert_eq!(cutter.push(b"5\" disk,a\nb").unwrap(), b"5\" disk,a\n");
        assert_eq!(cutter.push(b",\"c\"\"\nd\"e\nf\n").unwrap(), b"b,\"c\"\"\nd\"e\nf\n");
    }

    #[test]
    fn a_line_end_in_quotes_ends_no_record() {
        let mut cutter = Cutter::new(true);
        assert_eq!(cutter.push(b"a,\"b\nc").unwrap(), b"");
        assert_eq!(cutter.push(b"\",d\ne").unwrap(), b"a,\"b\nc\",d\n");
        assert_eq!(cutter.finish(), b"e");
    }

    #[test]
    fn what_never_ends_is_refused_before_it_fills_the_memory() {
        let mut cutter = Cutter::new(true);
        let outcome = std::iter::repeat_with(|| cutter.push(&[b'x'; 4096])).find(Result::is_err);
        assert_eq!(outcome, Some(Err(TooLong)));
        assert!(cutter.finish().len() <= RECORD_LIMIT + 4096);
    }
}
