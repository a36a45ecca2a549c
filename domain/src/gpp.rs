//! The IAB's Global Privacy Platform string for the United States (section 7, usnat, version 2).

use crate::catalogue::Catalogue;
use crate::preference::{Hold, Standings};
use crate::target::Target;
use crate::voice::Voice;

/// The header of a string with section 7 alone: type 3, version 1, section ids 7.
const HEADER: &str = "DBABLA";
/// Base64 for URLs (RFC 4648 §5).
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Fields of two bits each between the opt-outs and the agreement's: sixteen kinds of sensitive
/// data, three of known children's, and consent to other uses. Nothing of that is asked here.
const NOT_APPLICABLE: usize = 16 + 3 + 1;

/// Notices and opt-outs of one person. Each is 0 where it does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsNational {
    /// Whether anything that counts as sale or sharing is in the register, and so was told of.
    pub applies: bool,
    /// Whether all of it is stopped.
    pub opted_out: bool,
    /// Whether the person's browser asked for it.
    pub gpc: bool,
}

impl UsNational {
    /// What holds for a person, by what is allowed and whether their browser asked.
    #[must_use]
    pub fn of(catalogue: &Catalogue, allowed: impl Fn(&Target) -> bool, gpc: bool) -> Self {
        let sold = catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
        let mut shares = sold.flat_map(|purpose| {
            let recipients = purpose.recipients.iter();
            recipients.map(|known| Target::Share(purpose.key.clone(), known.key.clone()))
        });
        let applies = shares.clone().next().is_some();
        Self { applies, opted_out: !shares.any(|share| allowed(&share)), gpc }
    }

    /// The section: its core and the segment of the signal.
    #[must_use]
    pub fn section(self) -> String {
        let notice = u8::from(self.applies);
        let opt_out = match (self.applies, self.opted_out) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => 2,
        };
        let mut bits = Bits::default();
        bits.push(2, 6);
        // Sharing notice; opt-out notices of sale, sharing and targeted advertising; those of
        // sensitive data do not apply.
        for field in [notice, notice, notice, notice, 0, 0, opt_out, opt_out, opt_out] {
            bits.push(field, 2);
        }
        for _ in 0..NOT_APPLICABLE {
            bits.push(0, 2);
        }
        // Not a transaction covered by the MSPA: the business is no signatory, and both of its
        // modes do not apply.
        for field in [2, 0, 0] {
            bits.push(field, 2);
        }
        let mut signal = Bits::default();
        signal.push(1, 2);
        signal.push(u8::from(self.gpc), 1);
        format!("{}.{}", bits.write(), signal.write())
    }

    /// The whole string.
    #[must_use]
    pub fn string(self) -> String {
        format!("{HEADER}~{}", self.section())
    }
}

/// Whether somebody's browser asked not to sell or share (Global Privacy Control).
#[must_use]
pub fn asked_by_browser(standings: &impl Standings) -> bool {
    let by_signal =
        |hold| matches!(hold, Hold::Standing(no) if !no.granted && no.voice == Voice::Signal);
    standings.every().any(by_signal)
}

/// Bits, most significant first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn push(&mut self, number: u8, width: u32) {
        self.0.extend((0..width).rev().map(|place| number >> place & 1 == 1));
    }

    /// In whole bytes, and those in Base64 without padding.
    fn write(mut self) -> String {
        self.0.resize(self.0.len().next_multiple_of(8).next_multiple_of(6), false);
        let letter = |six: &[bool]| {
            let number = six.iter().fold(0, |so_far, bit| so_far << 1 | usize::from(*bit));
            char::from(LETTERS[number % 64])
        };
        self.0.chunks(6).map(letter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_written_bit_by_bit() {
        let of = |applies, opted_out, gpc| UsNational { applies, opted_out, gpc };
        assert_eq!(of(false, true, false).section(), "CAAAAAAAAACA.QA");
        assert_eq!(of(true, true, true).section(), "CVQVAAAAAACA.YA");
        assert_eq!(of(true, false, false).string(), "DBABLA~CVQqAAAAAACA.QA");
    }
}
