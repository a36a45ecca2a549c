//! Whatever is typed as a code from a letter, it is read or refused, and reads the same when it is
//! printed again.

#![no_main]

use domain::ShortCode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(code) = text.parse::<ShortCode>() {
        assert_eq!(code.to_string().parse(), Ok(code));
        assert_eq!(code.as_str().to_ascii_lowercase().parse(), Ok(code));
    }
});
