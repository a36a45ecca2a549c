use crate::contact::{Email, Malformed, Phone};
use crate::{Channel, Key, Language};

#[test]
fn an_email_is_trimmed_and_lowercased_but_keeps_its_dots_and_plus() {
    let email: Email = "  Morgan.Ellison+Shop@Example.COM ".parse().unwrap();
    assert_eq!(email.as_str(), "morgan.ellison+shop@example.com");
    assert_eq!(email.masked(), "m•••p@example.com");
    assert_eq!("ab@example.com".parse::<Email>().unwrap().masked(), "a•••@example.com");
}

#[test]
fn what_is_no_email_is_refused_with_its_reason() {
    for (text, reason) in [
        ("", Malformed::Empty),
        ("   ", Malformed::Empty),
        ("no-at-sign", Malformed::Form),
        ("two@@example.com", Malformed::Form),
        ("a@localhost", Malformed::Form),
        ("\"quoted\"@example.com", Malformed::Form),
        ("Name <a@example.com>", Malformed::Form),
        ("a,b@example.com", Malformed::Form),
        ("a\u{202e}b@example.com", Malformed::Control),
        ("a\0b@example.com", Malformed::Control),
    ] {
        assert_eq!(text.parse::<Email>(), Err(reason), "{text:?}");
    }
    let long = format!("{}@example.com", "a".repeat(250));
    assert_eq!(long.parse::<Email>(), Err(Malformed::TooLong));
}

#[test]
fn debug_output_never_shows_an_address_or_number() {
    let email: Email = "morgan@example.com".parse().unwrap();
    let phone = Phone::from_e164("+442079460018").unwrap();
    assert!(!format!("{email:?}{phone:?}").contains("morgan"));
    assert!(!format!("{phone:?}").contains("0018"));
    assert_eq!(phone.masked(), "+44•••018");
    assert!(Phone::from_e164("020 7946 0018").is_err());
}

#[test]
fn accept_language_is_read_by_weight_and_only_for_what_is_offered() {
    let best = |field: &str| Language::for_header(field, &Language::ALL);
    assert_eq!(best("de-AT,de;q=0.9,en;q=0.5"), Some(Language::German));
    assert_eq!(best("en;q=0.2, zh-CN;q=0.8"), Some(Language::Chinese));
    assert_eq!(best("xx, *;q=0.1"), None);
    assert_eq!(best("fr;q=0, ar"), Some(Language::Arabic));
    assert_eq!(Language::for_header("de", &[Language::English]), None);
}

#[test]
fn keys_and_channels_are_plain_words() {
    for bad in ["", "-a", "a-", "a--b", "A", "a_b", "a/b", &"a".repeat(41)] {
        assert!(bad.parse::<Key>().is_err(), "{bad}");
    }
    assert!("postal-partners".parse::<Key>().is_ok());
    for channel in Channel::ALL {
        assert_eq!(channel.as_str().parse(), Ok(channel));
    }
}
