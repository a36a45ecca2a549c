//! File names that change with their content, so that browsers may keep the files for ever.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// `name.<16 hexadecimal digits>.ext`.
pub fn hashed(name: &str, extension: &str, content: &[u8]) -> String {
    format!("{name}.{}.{extension}", &digest(&[content])[..16])
}

/// The SHA-256 of several parts in hexadecimal; where one part ends counts too.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_sixteen_digits_of_its_content() {
        let name = hashed("boot", "js", b"one");
        let (start, end) = (&name[..5], &name[21..]);
        assert_eq!((start, end), ("boot.", ".js"));
        assert!(name[5..21].bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(name, hashed("boot", "js", b"one"));
        assert_ne!(name, hashed("boot", "js", b"two"));
    }

    #[test]
    fn a_digest_knows_where_a_part_ends() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
