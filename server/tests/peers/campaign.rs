//! A message that nothing is wrong with, but for its signature.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;

use crate::place::{BASE_URL, Place};

/// Who signs it.
pub const DOMAIN: &str = "news.northwind.example";
/// What the signature covers.
pub const COVERED: [&str; 7] =
    ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"];
/// The public key that belongs to the one below.
pub const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// A key for tests alone (RFC 8463 §A.2).
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

/// The message to a customer, with the header fields as they are printed.
pub fn campaign(place: &Place, email: &str, base_url: &str) -> String {
    let fields = place.fields(email, base_url);
    let token = fields.split("/u/").nth(1).unwrap().split('/').next().unwrap();
    let link = format!("{base_url}/c/{token}");
    let message = format!(
        "From: Northwind Outdoor <offers@{DOMAIN}>\nTo: {email}\n\
         Subject: New tents for the summer\nDate: Mon, 15 Jun 2026 08:00:00 +0000\n\
         Message-ID: <20260615.offers@{DOMAIN}>\nList-Id: Offers <offers.{DOMAIN}>\n{fields}\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\
         Three new tents.\nChoose what we send you: {link}.\n"
    );
    message.replace('\n', "\r\n")
}

/// The key for the message's own signer.
pub fn key() -> Ed25519Key {
    let bytes = |text: &str| STANDARD.decode(text).unwrap();
    Ed25519Key::from_seed_and_public_key(&bytes(SEED), &bytes(PUBLIC)).unwrap()
}

/// The message to Mira, signed under a selector.
pub fn signed(place: &Place, selector: &str) -> PathBuf {
    let message = campaign(place, "mira@example.com", BASE_URL);
    let signer = DkimSigner::from_key(key()).domain(DOMAIN).selector(selector);
    let signature = signer.headers(COVERED).sign(message.as_bytes()).unwrap();
    let file = place.folder.join(format!("{selector}.eml"));
    std::fs::write(&file, format!("{}{message}", signature.to_header())).unwrap();
    file
}
