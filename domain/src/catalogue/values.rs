//! What single fields take. Each error says what would be right.

use toml::value::Date;

use super::terms::is_dpv_term;
use super::{Basis, Regime};
use crate::contact::Email;
use crate::moment::{DAY, Moment};

/// ISO 3166-1 alpha-2 codes.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ \
EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW \
GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY \
KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY \
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG \
TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A value, or what would be right.
pub(super) type Taken<T> = Result<T, &'static str>;

fn taken(right: bool, text: &str, otherwise: &'static str) -> Taken<String> {
    if right { Ok(text.into()) } else { Err(otherwise) }
}

pub(super) fn country(text: &str) -> Taken<String> {
    let known = COUNTRIES.split(' ').any(|code| code == text);
    taken(known, text, "a country is an ISO 3166-1 code of two capital letters, such as GB")
}

pub(super) fn term(text: &str) -> Taken<String> {
    taken(is_dpv_term(text), text, "a term is one of DPV 2.3, such as dpv:DirectMarketing")
}

/// Only the shape: the server, which has the time zones, refuses an unknown one.
pub(super) fn time_zone(text: &str) -> Taken<String> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
    };
    let right =
        text.len() <= 64 && text.split('/').all(part) && (text == "UTC" || text.contains('/'));
    taken(right, text, "a time zone is an IANA name such as Europe/London, or UTC")
}

pub(super) fn email(text: &str) -> Taken<String> {
    let email = text.parse::<Email>().map(|email| email.as_str().to_owned());
    email.map_err(|_| "an email address is right here, such as privacy@example.com")
}

/// Absolute and encrypted, with a host name that has a dot, without a user name before it (which
/// hides where a link leads) and in ASCII (other scripts as Punycode and percent codes).
pub(super) fn https(text: &str) -> Taken<String> {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let right = name.contains('.')
        && name.split('.').all(label)
        && port.parse::<u16>().is_ok()
        && text.len() <= 2000
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    taken(right, text, "a web address starts with https:// and a full host name")
}

/// Where webhooks go: encrypted, unless they never leave the machine.
pub(super) fn webhook(text: &str) -> Taken<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    let loopback = ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
        let port = host.strip_prefix(name);
        let port = port.map(|port| port.strip_prefix(':').unwrap_or(port));
        port.is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok())
    });
    let plain = text.len() <= 2000
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    let right = (loopback && plain) || https(text).is_ok();
    taken(right, text, "a webhook’s address starts with https:// and a full host name")
}

pub(super) fn contact(text: &str) -> Taken<String> {
    let found = if text.contains("://") { https(text) } else { email(text) };
    found.map_err(|_| "a contact is an email address or a web address that starts with https://")
}

pub(super) fn regime(text: &str) -> Taken<Regime> {
    match text {
        "opt_in" => Ok(Regime::OptIn),
        "opt_out" => Ok(Regime::OptOut),
        _ => Err("a regime is opt_in or opt_out"),
    }
}

pub(super) fn basis(text: &str) -> Taken<Basis> {
    match text {
        "consent" => Ok(Basis::Consent),
        "contract" => Ok(Basis::Contract),
        "legal_obligation" => Ok(Basis::LegalObligation),
        "legitimate_interest" => Ok(Basis::LegitimateInterest),
        _ => Err("a basis is consent, contract, legal_obligation or legitimate_interest"),
    }
}

/// The start of a day in UTC, by counting from 1 March of the year 0, so that the leap day is the
/// last of its year.
pub(super) fn midnight(date: Date) -> Moment {
    let (year, month, day) = (i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1;
    // 719,468 days lie between that day and 1970-01-01.
    Moment((days - 719_468) * DAY)
}
