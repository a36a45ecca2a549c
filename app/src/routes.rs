//! Every URL, spelled once.

use domain::{Channel, Key, Language, NoticeNumber};

/// The choices page.
pub const CHOICES: &str = "/choices";
/// What the choices page is asked where a link that nobody is known by leads.
pub const UNKNOWN: &str = "link=unknown";
/// A personal link; the token follows.
pub const LINK: &str = "/c/{token}";
/// How the links begin whose opening tells who is here, in lowercase: a personal link, one in a
/// confirmation, a letter's QR code.
pub const OPENING: [&str; 3] = ["/c/", "/undo/", "/go/"];
/// One message's link (RFC 8058); token, topic and channel follow.
pub const UNSUBSCRIBE: &str = "/u/{token}/{topic}/{channel}";
/// Asking for and entering a code.
pub const CODE: &str = "/code";
/// The link of a confirmation that takes back what it tells; the token follows.
pub const UNDO_LINK: &str = "/undo/{token}";
/// What a confirmation tells, each with its way back.
pub const UNDO: &str = "/choices/undo";
/// Second step of turning something on.
pub const CONFIRM: &str = "/choices/confirm";
/// The printable record.
pub const RECORD: &str = "/record";
/// The record for machines.
pub const RECORD_JSON: &str = "/record.json";
/// Where a code from a letter is typed.
pub const GO: &str = "/go";
/// Where the QR code of a letter leads; its code follows.
pub const GO_CODE: &str = "/go/{code}";
/// A form to print and post.
pub const FORM: &str = "/form";
/// What staff read out on the phone.
pub const SCRIPT: &str = "/script";
/// What the business copies into its website and mailings.
pub const KIT: &str = "/kit";
/// A published notice.
pub const NOTICE: &str = "/notices/{number}";
/// Files of the site, named by content.
pub const ASSETS: &str = "/assets/{file}";
/// Where researchers report what they found (RFC 9116).
pub const SECURITY: &str = "/.well-known/security.txt";
/// The receipt of a choice, to print; its reference or its place in the ledger follows.
pub const RECEIPT: &str = "/receipts/{number}";
/// The same as a file.
pub const RECEIPT_JSON: &str = "/receipts/{number}/receipt.json";
/// What the names in receipts mean (JSON-LD).
pub const RECEIPT_CONTEXT: &str = "/receipts/context-1.json";
/// Checking a receipt.
pub const VERIFY: &str = "/verify";
/// The keys that receipts are checked with (RFC 7517).
pub const KEYS: &str = "/.well-known/sayso-keys.json";
/// The ledger's newest published head.
pub const HEAD: &str = "/.well-known/sayso-ledger-head.json";
/// Every published head.
pub const HEADS: &str = "/.well-known/sayso-ledger-heads.json";

/// Whether the browser's signal is honoured (GPC Support Resource).
pub const GPC: &str = "/.well-known/gpc.json";
/// The script that a business puts on its own site.
pub const SNIPPET: &str = "/signal.js";
/// Where that script tells of the browser's signal.
pub const SIGNAL: &str = "/signal";

/// Opting out, pausing, undoing, and asking to turn on.
pub const CHOOSE: &str = "/do/choose";
/// Confirming to turn on.
pub const DO_CONFIRM: &str = "/do/confirm";
/// Taking back what a confirmation told.
pub const DO_UNDO: &str = "/do/undo";
/// Opting out without a link.
pub const OPT_OUT: &str = "/do/opt-out";
/// Opting out on a message's page.
pub const DO_UNSUBSCRIBE: &str = "/do/unsubscribe";
/// Asking for a code.
pub const SEND_CODE: &str = "/do/send-code";
/// Entering a code.
pub const CHECK_CODE: &str = "/do/check-code";
/// Entering a code from a letter.
pub const ENTER: &str = "/do/go";
/// Ending the visit.
pub const LEAVE: &str = "/do/leave";

/// Where a link leads that nobody is known by.
#[must_use]
pub fn unknown_link() -> String {
    format!("{CHOICES}?{UNKNOWN}")
}

/// A person's link.
#[must_use]
pub fn link(token: &str) -> String {
    LINK.replace("{token}", token)
}

/// The link of a confirmation that takes back what it tells.
#[must_use]
pub fn undo_link(token: &str) -> String {
    UNDO_LINK.replace("{token}", token)
}

/// The address behind a letter's QR code.
#[must_use]
pub fn go(code: &str) -> String {
    GO_CODE.replace("{code}", code)
}

/// One message's link for a person.
#[must_use]
pub fn unsubscribe(token: &str, topic: &Key, channel: Channel) -> String {
    UNSUBSCRIBE
        .replace("{token}", token)
        .replace("{topic}", topic.as_str())
        .replace("{channel}", channel.as_str())
}

/// A notice in a language.
#[must_use]
pub fn notice(number: NoticeNumber, language: Language) -> String {
    in_language(&NOTICE.replace("{number}", &number.0.to_string()), language)
}

/// A receipt's page, by its reference or its place in the ledger.
#[must_use]
pub fn receipt(number: &str) -> String {
    RECEIPT.replace("{number}", number)
}

/// A receipt's file.
#[must_use]
pub fn receipt_json(number: &str) -> String {
    RECEIPT_JSON.replace("{number}", number)
}

/// A page in a language.
#[must_use]
pub fn in_language(path: &str, language: Language) -> String {
    format!("{path}?language={language}")
}

/// A file of the site.
#[must_use]
pub fn asset(file: &str) -> String {
    ASSETS.replace("{file}", file)
}
