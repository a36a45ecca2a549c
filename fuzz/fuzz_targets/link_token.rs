//! Whatever stands where a link's token does, it has a digest or none; only texts of a token's
//! form have one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::vault::token_digest;

fuzz_target!(|text: &str| {
    if let Some(digest) = token_digest(text) {
        assert_eq!((text.len(), digest.len()), (22, 32));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
});
