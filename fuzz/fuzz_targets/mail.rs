//! Reading a mail: no bytes may break it, and what is kept of it stays small.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::inbound::Mail;

fuzz_target!(|raw: &[u8]| {
    let Some(mail) = Mail::read(raw) else { return };
    assert!(mail.text.chars().count() <= 8_000);
    assert!(mail.recipients.len() <= 50);
    assert_eq!(mail.digest(raw).len(), 32);
});
