//! The IAB's Global Privacy Platform string for the United States (section 7, usnat, version 2).

use crate::catalogue::{Catalogue, Purpose};
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
///
/// The string tells others that they may go on, so "did not opt out" is said only where nothing
/// of it is stopped: one company that is denied makes it an opt-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsNational {
    /// Whether any of what counts as sale or sharing is stopped: the opt-out of sale. Nothing
    /// where the register has none, and so told of none.
    pub sale: Option<bool>,
    /// Whether any of that which serves advertising is stopped: the opt-outs of sharing, which is
    /// for advertising across contexts (Cal. Civ. Code 1798.140(ah)), and of targeted advertising.
    pub advertising: Option<bool>,
    /// Whether the person's browser asked for it.
    pub gpc: bool,
}

impl UsNational {
    /// What holds for a person, by what is allowed and whether their browser asked.
    #[must_use]
    pub fn of(catalogue: &Catalogue, allowed: impl Fn(&Target) -> bool, gpc: bool) -> Self {
        let sold = catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
        let sold: Vec<&Purpose> = sold.collect();
        let stopped = |purpose: &Purpose| {
            let mut recipients = purpose.recipients.iter();
            recipients.any(|known| !allowed(&Target::Share(purpose.key.clone(), known.key.clone())))
        };
        // Where the register tells none apart, any may be for advertising.
        let told_apart = sold.iter().any(|purpose| advertises(&purpose.term));
        let mut for_advertising =
            sold.iter().filter(|purpose| !told_apart || advertises(&purpose.term));
        let told = |is_stopped| (!sold.is_empty()).then_some(is_stopped);
        Self {
            sale: told(sold.iter().any(|purpose| stopped(purpose))),
            advertising: told(for_advertising.any(|purpose| stopped(purpose))),
            gpc,
        }
    }

    /// The section: its core and the segment of the signal.
    #[must_use]
    pub fn section(self) -> String {
        let notice = u8::from(self.sale.is_some());
        let opt_out = |is_stopped| match is_stopped {
            None => 0,
            Some(true) => 1,
            Some(false) => 2,
        };
        let (sale, advertising) = (opt_out(self.sale), opt_out(self.advertising));
        let mut bits = Bits::default();
        bits.push(2, 6);
        // Sharing notice; opt-out notices of sale, sharing and targeted advertising; those of
        // sensitive data do not apply. Then the opt-outs of sale, sharing and targeted advertising.
        for field in [notice, notice, notice, notice, 0, 0, sale, advertising, advertising] {
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

/// Whether a purpose of this DPV term serves advertising.
fn advertises(term: &str) -> bool {
    ["Advertising", "Marketing"].iter().any(|word| term.contains(word))
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
    use crate::catalogue::parse;

    #[test]
    fn sections_are_written_bit_by_bit() {
        let of = |sale, advertising, gpc| UsNational { sale, advertising, gpc };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(of(None, None, false).section(), "CAAAAAAAAACA.QA");
        assert_eq!(of(yes, yes, true).section(), "CVQVAAAAAACA.YA");
        assert_eq!(of(no, no, false).string(), "DBABLA~CVQqAAAAAACA.QA");
        assert_eq!(of(yes, no, false).string(), "DBABLA~CVQaAAAAAACA.QA");
    }

    /// The opt-outs of sale and of advertising when some purposes are denied.
    fn opt_outs(catalogue: &Catalogue, denied: &[&str]) -> [Option<bool>; 2] {
        let allowed = |share: &Target| {
            !denied
                .iter()
                .any(|target| target.parse::<Target>().is_ok_and(|wide| wide.covers(share)))
        };
        let national = UsNational::of(catalogue, allowed, false);
        [national.sale, national.advertising]
    }

    #[test]
    fn one_company_that_is_denied_makes_an_opt_out() {
        let example = include_str!("../../example/catalogue.toml");
        let catalogue = parse(example).expect("the example is good");
        assert_eq!(opt_outs(&catalogue, &[]), [Some(false), Some(false)]);
        assert_eq!(opt_outs(&catalogue, &["purpose:advertising"]), [Some(true), Some(true)]);
        assert_eq!(opt_outs(&catalogue, &["share:advertising/adlane"]), [Some(true), Some(true)]);
        assert_eq!(opt_outs(&catalogue, &["purpose:postal-partners"]), [Some(true), Some(false)]);
        assert_eq!(
            opt_outs(&catalogue, &["purpose:measuring"]),
            [Some(false), Some(false)],
            "not sold"
        );
        let unsaid = example.replace("dpv:PersonalisedAdvertising", "dpv:SellDataToThirdParties");
        let catalogue = parse(&unsaid).expect("it is good without the word");
        assert_eq!(opt_outs(&catalogue, &["purpose:postal-partners"]), [Some(true), Some(true)]);
    }
}
