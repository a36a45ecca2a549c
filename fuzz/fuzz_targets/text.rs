//! Reading a text message's form: no bytes may break it.

#![no_main]

use domain::reply::hear;
use libfuzzer_sys::fuzz_target;
use server::inbound::text::{Text, read_form};

fuzz_target!(|body: &[u8]| {
    let Some(form) = read_form(body) else { return };
    if let Some(text) = Text::of(&form) {
        let heard = hear(&text.body);
        assert_eq!(heard, hear(&format!(" {} ", text.body)));
    }
});
