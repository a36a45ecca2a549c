//! Global Privacy Control: the browser's own standing request not to sell or share
//! (W3C GPC Editor's Draft, April 2026).

use crate::moment::Moment;

/// Whether header fields `Sec-GPC` ask not to sell or share. Only the value `1` does; of several
/// fields one is enough, and so is one part of a list into which a proxy has joined them, which
/// the draft leaves open and which protects.
#[must_use]
pub fn asks<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let is_one = |part: &[u8]| part.trim_ascii() == b"1";
    fields.into_iter().any(|field| field.split(|byte| *byte == b',').any(is_one))
}

/// A place whose law requires that a universal opt-out signal is honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jurisdiction {
    /// ISO 3166-2 code.
    pub region: &'static str,
    /// Start of the day (UTC) from which it does.
    pub since: Moment,
}

const fn place(region: &'static str, since: i64) -> Jurisdiction {
    Jurisdiction { region, since: Moment(since) }
}

/// Where law requires it, as known in July 2026. Sources differ by some months for Montana,
/// Nebraska, New Hampshire, New Jersey, Texas and Minnesota: the earliest day stands here.
pub const JURISDICTIONS: [Jurisdiction; 12] = [
    place("US-CA", 1_680_048_000_000),
    place("US-CO", 1_719_792_000_000),
    place("US-CT", 1_735_689_600_000),
    place("US-DE", 1_767_225_600_000),
    place("US-MD", 1_759_276_800_000),
    place("US-MN", 1_753_920_000_000),
    place("US-MT", 1_735_689_600_000),
    place("US-NE", 1_735_689_600_000),
    place("US-NH", 1_735_689_600_000),
    place("US-NJ", 1_752_537_600_000),
    place("US-OR", 1_767_225_600_000),
    place("US-TX", 1_735_689_600_000),
];

/// For whom the business honours the signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// For everyone, wherever they are.
    #[default]
    Everyone,
    /// Where law requires it, and where a region is not known.
    Required,
    /// For nobody; the portal then says so (`/.well-known/gpc.json`).
    Nobody,
}

impl Policy {
    /// Whether it is honoured for somebody of a region (ISO 3166-2), as far as that is known.
    #[must_use]
    pub fn honours(self, region: Option<&str>, now: Moment) -> bool {
        match (self, region) {
            (Self::Everyone, _) | (Self::Required, None) => true,
            (Self::Required, Some(region)) => JURISDICTIONS
                .iter()
                .any(|known| known.region.eq_ignore_ascii_case(region) && known.since <= now),
            (Self::Nobody, _) => false,
        }
    }
}
