//! Public keys that are given as files.

use std::str::FromStr;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;

/// A public key of a signer, as its record in the name service has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// SELECTOR._domainkey.DOMAIN; none: for every signature.
    pub name: Option<String>,
    /// The record's text.
    pub record: String,
}

/// The text holds no public key of DKIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is a record such as “v=DKIM1; k=rsa; p=…”, or a public key in PEM")]
pub struct NotAKeyRecord;

impl FromStr for KeyRecord {
    type Err = NotAKeyRecord;

    /// Reads a record as it stands in a zone file, quotation marks and all, or a PEM.
    fn from_str(text: &str) -> Result<Self, NotAKeyRecord> {
        let record = if text.trim_start().starts_with("-----BEGIN PUBLIC KEY-----") {
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
            format!("v=DKIM1; k=rsa; p={}", lines.collect::<String>())
        } else {
            text.chars().filter(|c| *c != '"' && *c != '\n' && *c != '\r').collect()
        };
        let record = record.trim().to_owned();
        match DomainKey::parse(record.as_bytes()) {
            Ok(_) => Ok(Self { name: None, record }),
            Err(_) => Err(NotAKeyRecord),
        }
    }
}
