//! Whatever stands where a link's token does, it has a digest or none; only texts of a token's
//! form have one. And nobody but us writes the token of a confirmation's way back.

#![no_main]

use std::sync::LazyLock;

use domain::Moment;
use libfuzzer_sys::fuzz_target;
use server::keys::Keys;
use server::ports::SystemRandom;
use server::vault::{Vault, token_digest};
use uuid::Uuid;

static VAULT: LazyLock<Vault> = LazyLock::new(|| Vault::new(&Keys::generate(&SystemRandom)));

fuzz_target!(|text: &str| {
    if let Some(digest) = token_digest(text) {
        assert_eq!((text.len(), digest.len()), (22, 32));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
    assert_eq!(VAULT.read_undo_token(text), None);
    let bytes: [u8; 24] = std::array::from_fn(|at| text.as_bytes().get(at).copied().unwrap_or(0));
    let letter = Uuid::from_bytes(std::array::from_fn(|at| bytes[at]));
    let until = Moment(i64::from_be_bytes(std::array::from_fn(|at| bytes[16 + at])));
    let ours = VAULT.undo_token(letter, until);
    assert_eq!(VAULT.read_undo_token(&ours), Some((letter, until)));
});
