//! dkimpy and `mail check` on the same messages, signed by either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mail_auth::common::crypto::{RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};

use crate::campaign::{COVERED, DOMAIN, campaign};
use crate::place::{BASE_URL, Place};
use crate::python::python;

/// Messages that both find good.
const GOOD: &[&str] = &[
    "good-relaxed-relaxed",
    "good-relaxed-simple",
    "good-simple-relaxed",
    "good-simple-simple",
    "good-ed-relaxed-relaxed",
    "good-ed-relaxed-simple",
    "good-ed-simple-relaxed",
    "good-ed-simple-simple",
    "refolded-relaxed-relaxed",
    "refolded-relaxed-simple",
    "spaces-relaxed-relaxed",
    "spaces-simple-relaxed",
    "lines-relaxed-relaxed",
    "lines-relaxed-simple",
    "lines-simple-relaxed",
    "lines-simple-simple",
    "uncovered-To",
    "uncovered-Subject",
    "uncovered-Date",
    "uncovered-Message-ID",
    "uncovered-List-Id",
    "uncovered-MIME-Version",
    "uncovered-Content-Type",
    "expires",
    "twice-subject",
    "sealed-subject",
    "other-signer",
];
/// Messages that both find bad.
const BAD: &[&str] = &[
    "refolded-simple-relaxed",
    "refolded-simple-simple",
    "spaces-relaxed-simple",
    "spaces-simple-simple",
    "changed-From",
    "changed-To",
    "changed-Subject",
    "changed-Date",
    "changed-Message-ID",
    "changed-List-Id",
    "changed-List-Unsubscribe",
    "changed-List-Unsubscribe-Post",
    "changed-MIME-Version",
    "changed-Content-Type",
    "body",
    "body-ed",
    "wrong-key",
    "unknown-selector",
    "expired",
    "sealed-twice-subject",
    "unsigned",
];
/// Messages that only dkimpy finds good, and what `mail check` has against them.
const ONLY_DKIMPY: &[(&str, &str)] = &[
    ("uncovered-List-Unsubscribe", "does not cover List-Unsubscribe;"),
    ("uncovered-List-Unsubscribe-Post", "does not cover List-Unsubscribe-Post;"),
    ("uncovered-From", "does not cover From"),
    ("length", "covers only the beginning of the body"),
    ("length-added", "covers only the beginning of the body"),
    ("twice-unsubscribe", "List-Unsubscribe stands there 2 times"),
    ("sha1", "SHA-1"),
];
/// Messages that only `mail check` finds good. A clock that is wrong by days is not looked for.
const ONLY_OURS: &[&str] = &["future"];

fn python_says(python: &Path, task: &str, folder: &Path) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/signer.py");
    let output = Command::new(python).arg(script).arg(task).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A message that the program's own library signs, with dkimpy's key.
fn sign(folder: &Path, message: &str) {
    let pem = std::fs::read(folder.join("rsa.pem")).unwrap();
    let der = PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from_pem_slice(&pem).unwrap());
    let key = RsaKey::<Sha256>::from_key_der(der).unwrap();
    let signer = DkimSigner::from_key(key).domain(DOMAIN).selector("rsa").headers(COVERED);
    let signature = signer.sign(message.as_bytes()).unwrap().to_header();
    std::fs::write(folder.join("other-signer.eml"), format!("{signature}{message}")).unwrap();
}

fn check(place: &Place, folder: &Path, name: &str) -> (Option<i32>, String) {
    let key = |selector: &str| {
        let file = folder.join(format!("{selector}.txt"));
        format!("{selector}._domainkey.{DOMAIN}={}", file.display())
    };
    let file: PathBuf = folder.join(format!("{name}.eml"));
    let words = ["mail", "check", file.to_str().unwrap(), "--offline", "--base-url", BASE_URL];
    let keys = ["--dkim-key-file", &key("rsa"), "--dkim-key-file", &key("ed")];
    place.runs(&[&words[..], &keys].concat())
}

#[test]
fn dkimpy_and_mail_check_agree_but_where_mail_clients_ask_for_more() {
    let Some(python) = python() else { return };
    let place = Place::new("dkim");
    let folder = place.folder.join("messages");
    std::fs::create_dir(&folder).unwrap();
    let message = campaign(&place, "mira@example.com", BASE_URL);
    std::fs::write(folder.join("message.eml"), &message).unwrap();
    python_says(&python, "sign", &folder);
    sign(&folder, &message);
    let said = python_says(&python, "verify", &folder);
    let theirs: BTreeMap<&str, bool> = said
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(n, v)| (n, v == "good"))
        .collect();
    let expected = |good: &'static str| (good, (true, None::<&str>));
    let mut table: BTreeMap<&str, (bool, Option<&str>)> =
        GOOD.iter().copied().map(expected).collect();
    table.extend(BAD.iter().map(|name| (*name, (false, Some("dkim: ")))));
    // Neither says whom it is from; only dkimpy takes that for a question of the signature.
    table.insert("twice-from", (false, Some("From stands there 2 times")));
    table.extend(ONLY_DKIMPY.iter().map(|(name, why)| (*name, (true, Some(*why)))));
    table.extend(ONLY_OURS.iter().map(|name| (*name, (false, None))));
    assert!(theirs.keys().eq(table.keys()), "{theirs:?}");
    let mut wrong = Vec::new();
    for (name, (theirs_expected, ours_expected)) in table {
        let (status, said) = check(&place, &folder, name);
        let ours = match ours_expected {
            None => status == Some(0) && !said.contains("not verified"),
            Some(why) => status == Some(3) && said.contains(why),
        };
        if !ours || theirs[name] != theirs_expected {
            wrong.push(format!("{name}: dkimpy {}, mail check:\n{said}", theirs[name]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
