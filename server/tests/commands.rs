//! The command line as somebody at a keyboard meets it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sayso(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sayso")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sayso-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../example/catalogue.toml");

#[test]
fn bad_arguments_are_answered_with_one_sentence_and_status_2() {
    for arguments in [
        &["nonsense"][..],
        &[],
        &["serve", "--port", "many"],
        &["serve", "--port", "70000"],
        &["serve", "--retired-link-days", "59"],
        &["serve", "--host", "here"],
        &["serve", "--mode", "careless"],
        &["serve", "--mode", "production"],
        &["serve", "--mode", "production", "--base-url", "http://plain.example"],
        &["catalogue"],
        &["catalogue", "check"],
        &["catalogue", "publish"],
        &["people"],
        &["people", "import"],
        &["link"],
        &["link", "not-an-address"],
        &["links", "export"],
        &["links", "export", "--out", "FILE", "--svg", "DIR"],
        &["links", "export", "--out", "FILE", "--mailing", "Spring Sale"],
        &["serve", "--short-code-days", "59"],
        &["serve", "--client-field", "not a field"],
        &["script", "--language", "la"],
        &["ledger"],
        &["ledger", "verify", "--from"],
        &["keys", "generate"],
        &["receipt"],
        &["receipt", "verify"],
        &["receipt", "verify", "receipt.json"],
        &["export"],
        &["export", "totals"],
        &["export", "totals", "--year", "26"],
        &["export", "requests", "--from", "yesterday"],
        &["ledger", "verify", "--public-keys", "keys.json"],
        &["key"],
        &["key", "create", "--name", "mailer"],
        &["key", "create", "--scope", "decide"],
        &["key", "create", "--name", "mailer", "--scope", "everything"],
        &["key", "create", "--name", " ", "--scope", "decide"],
        &["key", "create", "--name", "mailer", "--scope", "decide", "--target", "topic:"],
        &["key", "revoke"],
        &["reconcile"],
        &["reconcile", "list.csv"],
        &["reconcile", "list.csv", "--system", "Mail Service"],
        &["snapshot"],
        &["snapshot", "credentials", "--key", "3f9a0c7e5b21d846"],
        &["gate", "filter", "--target", "message:offers/email", "--snapshot", "FILE"],
        &["gate", "filter", "--target", "message:offers/email", "--credentials", "FILE"],
    ] {
        let output = sayso(arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{arguments:?}: {said}");
        assert!(said.starts_with("sayso: "), "{arguments:?}: {said}");
    }
}

#[test]
fn help_explains_every_command() {
    let output = sayso(&["help"]);
    assert!(output.status.success());
    let whole = said(&output);
    for command in [
        "serve",
        "catalogue",
        "people",
        "reconcile",
        "opt-out",
        "link",
        "links",
        "headers",
        "mail",
        "requests",
        "gate",
        "ledger",
        "receipt",
        "export",
        "key",
        "keys",
        "deliveries",
        "system",
        "snapshot",
        "script",
        "headers",
        "mail",
        "requests",
        "gate",
    ] {
        assert!(whole.contains(command), "{command}");
        let output = sayso(&["help", command]);
        assert!(output.status.success() && said(&output).len() > 60, "{command}");
    }
}

#[test]
fn a_catalogue_check_reports_every_problem_with_its_line() {
    let folder = folder("check");
    let file = folder.join("catalogue.toml");
    let good = std::fs::read_to_string(EXAMPLE).unwrap();
    assert!(sayso(&["catalogue", "check", EXAMPLE]).status.success());
    let bad = good
        .replacen("dpv:DirectMarketing", "dpv:Nonsense", 1)
        .replacen("citation = ", "citaton = ", 1)
        .replacen("opt_out", "maybe", 1);
    std::fs::write(&file, bad).unwrap();
    let output = sayso(&["catalogue", "check", text(&file)]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1));
    for fragment in ["dpv:Nonsense", "citaton", "citation", "maybe"] {
        assert!(said.contains(fragment), "{fragment}: {said}");
    }
    std::fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    assert_eq!(sayso(&["catalogue", "check", text(&file)]).status.code(), Some(1));
    assert_eq!(sayso(&["catalogue", "check", text(&folder.join("none"))]).status.code(), Some(1));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_phone_script_is_read_from_the_register_in_each_of_its_languages() {
    let script = |more: &[&str]| {
        let output = sayso(&[&["script", "--catalogue", EXAMPLE], more].concat());
        (output.status.code(), said(&output))
    };
    for (tag, brand) in [("en", "Hello"), ("de", "Guten Tag"), ("zh-Hans", "您好"), ("ar", "مرحبًا")]
    {
        let (status, text) = script(&["--language", tag]);
        assert_eq!(status, Some(0));
        let aloud = text.lines().filter(|line| line.starts_with("| ")).count();
        assert!(aloud >= 20 && text.contains(brand), "{text}");
        assert!(text.contains("________") && text.contains("127.0.0.1:3000/choices"));
    }
    let (_, letter) = script(&["--manner", "post", "--language", "fr"]);
    assert!(letter.starts_with("Nous avons fait"), "{letter}");
    assert_eq!(script(&["--language", "la"]).0, Some(2));
}

#[test]
fn a_published_catalogue_keeps_its_number_and_a_changed_one_gets_the_next() {
    let folder = folder("publish");
    let publish = |file: &str| {
        said(&sayso(&["catalogue", "publish", file, "--data", text(&folder)])).trim().to_owned()
    };
    assert_eq!(publish(EXAMPLE), "Published as notice 1.");
    assert_eq!(publish(EXAMPLE), "Published as notice 1.");
    let changed = folder.join("changed.toml");
    let source = std::fs::read_to_string(EXAMPLE).unwrap();
    std::fs::write(&changed, format!("{source}\n# changed\n")).unwrap();
    assert_eq!(publish(text(&changed)), "Published as notice 2.");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn production_refuses_missing_default_and_repeated_keys() {
    let folder = folder("keys");
    let keys = folder.join("keys.toml");
    let serve = || {
        let output = sayso(&[
            "serve",
            "--mode",
            "production",
            "--base-url",
            "https://choices.example",
            "--mail-url",
            "sendmail:",
            "--port",
            "0",
            "--data",
            text(&folder),
            "--keys",
            text(&keys),
        ]);
        assert_eq!(output.status.code(), Some(1));
        said(&output)
    };
    assert!(serve().contains("is missing"));
    let zero = "A".repeat(43) + "=";
    let repeated = format!("link = {zero:?}\n[lookup]\n1 = {zero:?}\n[seal]\n1 = {zero:?}\n");
    std::fs::write(&keys, repeated).unwrap();
    assert!(serve().contains("default or repeated"));
    std::fs::write(&keys, "link = \"short\"").unwrap();
    assert!(serve().contains("not of its form"));
    assert!(!folder.join("sayso.db").exists(), "nothing was made with bad keys");
    std::fs::remove_file(&keys).unwrap();
    assert!(sayso(&["keys", "generate", "--out", text(&keys)]).status.success());
    assert_eq!(sayso(&["keys", "generate", "--out", text(&keys)]).status.code(), Some(1));
    // With good keys it goes on to the next thing that is missing.
    assert!(serve().contains("no catalogue is published yet"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_key_is_shown_once_listed_without_its_secret_and_revoked_once() {
    let folder = folder("key");
    let run = |arguments: &[&str]| {
        let output = sayso(&[arguments, &["--data", text(&folder)]].concat());
        (output.status.code(), said(&output).trim().to_owned())
    };
    let (status, key) = run(&[
        "key",
        "create",
        "--name",
        "shop mailer",
        "--scope",
        "decide",
        "--scope",
        "choices",
        "--scope",
        "decide",
        "--target",
        "marketing",
        "--system",
        "mailer",
    ]);
    assert_eq!(status, Some(0), "{key}");
    let parts: Vec<_> = key.split('_').collect();
    let ["sayso", id, secret] = parts[..] else { panic!("not a key") };
    let (_, list) = run(&["key", "list"]);
    let expected =
        format!("{id}  shop mailer  [decide choices] on marketing, system mailer, made ");
    assert!(list.starts_with(&expected), "{list}");
    assert!(list.ends_with("never used"), "{list}");
    assert!(!list.contains(secret));
    assert_eq!(run(&["key", "revoke", &key]), (Some(0), "Revoked.".into()));
    assert!(run(&["key", "list"]).1.contains("revoked "));
    assert_eq!(run(&["key", "revoke", id]).0, Some(1));
    assert_eq!(run(&["key", "revoke", "0000000000000000"]).0, Some(1));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn deliveries_and_systems_are_asked_for_by_name_or_range() {
    let folder = folder("systems");
    let at = ["--data", text(&folder)];
    let run = |arguments: &[&str]| {
        let output = sayso(&[arguments, &at].concat());
        (output.status.code(), said(&output))
    };
    for arguments in [
        &["deliveries", "replay"][..],
        &["deliveries", "acknowledge"],
        &["deliveries", "replay", "not-an-id"],
        &["deliveries", "list", "--state", "lost"],
        &["catalogue", "publish", EXAMPLE, "--allow-network", "somewhere"],
    ] {
        let (status, said) = run(arguments);
        assert_eq!((status, said.trim().lines().count()), (Some(2), 1), "{arguments:?}: {said}");
    }
    assert!(run(&["catalogue", "publish", EXAMPLE]).1.contains("notice 1"));
    let (status, said) = run(&["system", "list"]);
    assert_eq!((status, said.lines().count()), (Some(0), 5));
    assert!(said.contains("mailer: webhook https://hooks.mailer.example/sayso"), "{said}");
    assert!(said.contains("waits for its secret") && said.contains("warehouse: feed"), "{said}");
    let (status, secret) = run(&["system", "secret", "mailer"]);
    assert!(status == Some(0) && secret.starts_with("whsec_"), "{secret}");
    assert_eq!(run(&["system", "secret", "mailer"]).0, Some(1), "it is shown once");
    let (status, second) = run(&["system", "secret", "mailer", "--rotate"]);
    assert!(status == Some(0) && second != secret);
    assert_eq!(run(&["system", "secret", "warehouse"]).0, Some(2), "it is not told by webhook");
    assert_eq!(run(&["system", "hash-key", "nobody"]).0, Some(2));
    let key = run(&["system", "hash-key", "mailer"]).1;
    assert_eq!((key.trim().len(), &run(&["system", "hash-key", "mailer"]).1), (44, &key));
    assert_ne!(run(&["system", "hash-key", "warehouse"]).1, key);
    assert_eq!(run(&["system", "enable", "mailer"]).0, Some(0));
    assert!(run(&["deliveries", "list"]).1.contains("No deliveries"));
    assert_eq!(run(&["deliveries", "status"]).1.lines().count(), 5);
    let stranger = "01a20b7a-dfbe-7f06-98d2-140d45bb5355";
    assert_eq!(run(&["deliveries", "replay", stranger]).0, Some(1));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_webhook_into_a_private_network_is_refused_when_it_is_published() {
    let folder = folder("private");
    let file = folder.join("catalogue.toml");
    let good = std::fs::read_to_string(EXAMPLE).unwrap();
    for (host, refused) in [
        ("https://10.1.2.3", true),
        ("https://169.254.169.254", true),
        ("http://127.0.0.1:8080", true),
        ("http://localhost", true),
        ("https://hooks.mailer.example", false),
    ] {
        let source = good.replace("https://hooks.mailer.example", host);
        std::fs::write(&file, source).unwrap();
        let publish = ["catalogue", "publish", text(&file), "--data", text(&folder)];
        let output = sayso(&publish);
        assert_eq!(output.status.success(), !refused, "{host}: {}", said(&output));
        assert_eq!(said(&output).contains("private network"), refused, "{host}");
        let allowed = "10.0.0.0/8,169.254.0.0/16,127.0.0.0/8,::1";
        let output = sayso(&[&publish[..], &["--allow-network", allowed]].concat());
        assert!(output.status.success(), "{host}: {}", said(&output));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_list_with_somebody_who_had_said_no_is_reported_and_answered_with_status_3() {
    let folder = folder("reconcile");
    let run = |arguments: &[&str]| {
        let output = sayso(&[arguments, &["--data", text(&folder)]].concat());
        (output.status.code(), said(&output))
    };
    assert_eq!(run(&["catalogue", "publish", EXAMPLE]).0, Some(0));
    let people = folder.join("people.csv");
    let rows = "customer_number,name,email,phone,language,region,birth_year,permissions\n\
                C-1,,mira@example.com,,,,,everything=no\nC-2,,tom@example.com,,,,,\n";
    std::fs::write(&people, rows).unwrap();
    assert_eq!(run(&["people", "import", text(&people)]).0, Some(0));
    let list = folder.join("audience.csv");
    std::fs::write(&list, "email\ntom@example.com\n=who@example.com\n").unwrap();
    let check = ["reconcile", text(&list), "--system", "mailer"];
    let (status, said) = run(&check);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("2 lines read") && said.contains("0 people who had said no"), "{said}");
    std::fs::write(&list, "email\ntom@example.com\nMira@Example.com\n").unwrap();
    let (status, said) = run(&check);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("sayso: one person on the list had said no"), "{said}");
    let report = std::fs::read_to_string(folder.join("audience.incidents.csv")).unwrap();
    let rows: Vec<_> = report.lines().collect();
    assert_eq!(rows.len(), 2, "{report}");
    assert!(rows[1].starts_with("3,Mira@Example.com,,,"), "{report}");
    assert!(rows[1].contains(",opted_out,") && rows[1].contains(",queued,"), "{report}");
    assert_eq!(run(&["reconcile", text(&list), "--system", "nobody"]).0, Some(2));
    std::fs::remove_dir_all(folder).unwrap();
}
