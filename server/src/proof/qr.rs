//! QR codes as SVG.

use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

/// A QR code as an SVG element, black on white also where the page is dark; nothing for a text that
/// is too long for one. Paper bears scratches worse than the code's size: level M.
#[must_use]
pub fn qr_svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let svg =
        code.render::<Color<'_>>().dark_color(Color("#000")).light_color(Color("#fff")).build();
    // Within a page it needs no declaration.
    svg.find("<svg").map(|start| svg[start..].to_owned())
}
