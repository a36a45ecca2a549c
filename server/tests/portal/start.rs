//! What the program refuses to start with, and what its source must not hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::place::{Engine, Place};

/// Runs `sayso serve` in a folder; it must end by itself.
fn serve(folder: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
    command.args(["serve", "--port", "0", "--data"]).arg(folder).args(options);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..200 {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
        sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("it started with {options:?}");
}

/// Runs a test in a folder of its own.
fn in_a_folder(test: impl FnOnce(&Path)) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let place = runtime.block_on(Place::make(Engine::Sqlite)).unwrap();
    let Place::Folder { folder, .. } = &place else { unreachable!() };
    test(folder);
    runtime.block_on(place.clear());
}

#[track_caller]
fn refuses(output: &Output, status: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.starts_with("sayso: ") && said.contains(words), "{said}");
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
}

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../example");

const PRODUCTION: [&str; 6] =
    ["--mode", "production", "--base-url", "https://privacy.example", "--mail-url", "sendmail:"];

#[test]
fn a_window_for_replaced_links_below_60_days_is_refused() {
    in_a_folder(|folder| {
        refuses(&serve(folder, &["--retired-link-days", "59"]), 2, "59");
    });
}

#[test]
fn production_needs_keys_and_https() {
    in_a_folder(|folder| {
        refuses(&serve(folder, &PRODUCTION), 1, "keys.toml is missing");
        assert!(!folder.join("keys.toml").exists(), "C-10: none are made up");
        let plain = ["--mode", "production", "--base-url", "http://privacy.example"];
        refuses(&serve(folder, &plain), 2, "https");
        refuses(&serve(folder, &PRODUCTION[..2]), 2, "https");
    });
}

#[test]
fn production_needs_a_way_for_mail() {
    in_a_folder(|folder| {
        refuses(&serve(folder, &PRODUCTION[..4]), 2, "--mail-url");
        let outbox = [&PRODUCTION[..5], &["file:/tmp/outbox"]].concat();
        refuses(&serve(folder, &outbox), 2, "--mail-url");
    });
}

#[test]
fn a_wrong_way_for_mail_is_refused_without_its_password() {
    in_a_folder(|folder| {
        for (option, value, words) in [
            ("--mail-url", "smtp://ann:hunter2@mail.example?tls=none", "without TLS"),
            ("--mail-url", "hunter2", "--mail-url"),
            ("--mail-url", "smtps://hunter2@mail.example", "needs a password"),
            ("--mail-password-file", "/nowhere/hunter", "can't be read"),
            ("--mail-from", "Northwind", "--mail-from"),
            ("--mail-bounces-to", "nobody", "bounces"),
        ] {
            let output = serve(folder, &["--example", EXAMPLE, option, value]);
            refuses(&output, 2, words);
            assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"), "{value}");
        }
    });
}

#[test]
fn keys_that_anybody_could_guess_are_refused() {
    in_a_folder(|folder| {
        let good: Vec<u8> = (0..32).collect();
        let (zero, good) = (STANDARD.encode([0; 32]), STANDARD.encode(good));
        let file = folder.join("keys.toml");
        for (lookup, seal, link, words) in [
            (&zero, &zero, &zero, "default or repeated"),
            (&good, &good, &good, "default or repeated"),
            (&good, &zero, &good, "default or repeated"),
            (&"short".to_owned(), &good, &good, "not of its form"),
        ] {
            let text =
                format!("link = \"{link}\"\n[lookup]\n1 = \"{lookup}\"\n[seal]\n1 = \"{seal}\"\n");
            fs::write(&file, text).unwrap();
            let output = serve(folder, &PRODUCTION);
            refuses(&output, 1, words);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains(&good) && !said.contains(&zero), "C-10: no key is printed");
        }
    });
}

/// Every source file of the server.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_secret_is_compared_in_a_way_that_takes_longer_the_more_is_right() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 30);
    let secrets = ["token", "secret", "code_digest", "row.digest", "password", "signature"];
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            // How long a text is, and which of several it is, is no secret.
            let plain = line.contains(".len() ==") || line.contains("_id ==");
            let compares = (line.contains("==") || line.contains("!=")) && !plain;
            let secret = secrets.iter().any(|secret| line.to_lowercase().contains(secret));
            assert!(!(compares && secret), "C-07: {}: {line}", file.display());
        }
    }
}
