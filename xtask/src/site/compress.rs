//! The two compressed forms that browsers ask for, at their best settings: paid once, at build.

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// Brotli at quality 11.
pub fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters =
        BrotliEncoderParams { quality: 11, size_hint: content.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

/// Gzip at its best level.
pub fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_forms_give_the_content_back() {
        let content = "a page that says the same ".repeat(50).into_bytes();
        let (mut from_brotli, mut from_gzip) = (Vec::new(), Vec::new());
        let small = brotli(&content).expect("compresses");
        brotli::BrotliDecompress(&mut &small[..], &mut from_brotli).expect("decompresses");
        let small = gzip(&content).expect("compresses");
        flate2::read::GzDecoder::new(&small[..]).read_to_end(&mut from_gzip).expect("decompresses");
        assert_eq!((&from_brotli, &from_gzip), (&content, &content));
        assert!(small.len() < content.len());
    }
}
