//! QR codes (ISO/IEC 18004) as shapes, never as pixels.

use std::fmt::Write;

use domain::ShortCode;
use fast_qr::{ECL, QRBuilder, QRCode};
use url::{Position, Url};

/// Modules that stay light around a code (ISO/IEC 18004 §9.1).
pub const QUIET: usize = 4;

/// A QR code with error correction M: a fold or a coffee stain takes 15 % of it.
pub struct Qr(Box<QRCode>);

/// The text does not fit into any QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address is too long for a QR code")]
pub struct TooLong;

impl Qr {
    /// The code of a text.
    ///
    /// # Errors
    /// [`TooLong`] beyond about two thousand characters.
    pub fn of(text: &str) -> Result<Self, TooLong> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| TooLong)?;
        Ok(Self(Box::new(code)))
    }

    /// Modules on each side, without the quiet zone.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.0.size
    }

    /// Dark modules, row by row, as runs: column, row and length of each.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.size()).flat_map(move |row| {
            let modules = &self.0[row];
            let mut at = 0;
            std::iter::from_fn(move || {
                let dark = |column: &usize| modules[*column].value();
                let start = (at..self.size()).find(dark)?;
                let end = (start..self.size()).find(|column| !dark(column));
                at = end.unwrap_or(self.size());
                Some((start, row, at - start))
            })
        })
    }

    /// The code as a vector image, one path on white, with its quiet zone.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = self.size() + 2 * QUIET;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path fill=\"#000\" d=\""
        );
        for (column, row, length) in self.runs() {
            // A String takes all that is written.
            _ = write!(svg, "M{} {}h{length}v1h-{length}z", column + QUIET, row + QUIET);
        }
        svg.push_str("\"/></svg>");
        svg
    }
}

/// The address that a letter's QR code holds. In capitals wherever that means the same, for
/// capitals take half the room: schemes and hosts have no case, and neither has this page's path.
#[must_use]
pub fn address(base_url: &str, code: &ShortCode) -> String {
    let address = format!("{base_url}{}", app::routes::go(code.as_str()));
    let bare =
        Url::parse(base_url).is_ok_and(|url| matches!(&url[Position::BeforePath..], "" | "/"));
    if bare { address.to_ascii_uppercase() } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_capitals_unless_a_path_has_case() {
        let code: ShortCode = "0000-0000".parse().expect("a code");
        assert_eq!(address("https://x.example", &code), "HTTPS://X.EXAMPLE/GO/00000000");
        assert_eq!(
            address("https://x.example/Privacy", &code),
            "https://x.example/Privacy/go/00000000"
        );
        let small = Qr::of(&address("https://privacy.northwind.example", &code)).expect("a code");
        assert_eq!(small.size(), 29);
        let large = Qr::of(&format!("https://privacy.northwind.example/c/{}", "a".repeat(22)));
        assert!(large.expect("a code").size() > small.size());
        assert!(Qr::of(&"a".repeat(4_000)).is_err());
    }
}
