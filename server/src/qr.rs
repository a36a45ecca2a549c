//! QR codes (ISO/IEC 18004) as shapes, never as pixels.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules that stay light around a code (ISO/IEC 18004 §9.1).
pub const QUIET: usize = 4;

/// A QR code with error correction M: a fold or a coffee stain takes 15 % of it.
pub struct Qr(QrCode);

/// The text does not fit into any QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct TooLong;

impl Qr {
    /// The code of a text.
    ///
    /// # Errors
    /// [`TooLong`] beyond about two thousand characters.
    pub fn of(text: &str) -> Result<Self, TooLong> {
        QrCode::with_error_correction_level(text, EcLevel::M).map(Self).map_err(|_| TooLong)
    }

    /// Modules on each side, without the quiet zone.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.width()
    }

    /// Dark modules, row by row, as runs: column, row and length of each.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.size()).flat_map(move |row| {
            let dark = move |column: &usize| self.0[(*column, row)] == Color::Dark;
            let mut at = 0;
            std::iter::from_fn(move || {
                let start = (at..self.size()).find(dark)?;
                at = (start..self.size()).find(|column| !dark(column)).unwrap_or(self.size());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_take_less_room_and_what_is_too_long_is_refused() {
        let size = |text: &str| Qr::of(text).expect("a code").size();
        let capitals = size("HTTPS://PRIVACY.NORTHWIND.EXAMPLE/GO/00000000");
        assert_eq!(capitals, 29);
        assert!(
            size(&format!("https://privacy.northwind.example/c/{}", "a".repeat(22))) > capitals
        );
        assert!(Qr::of(&"a".repeat(4_000)).is_err());
    }
}
