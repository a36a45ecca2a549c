//! Systems in the catalogue file.

use super::catalogue::{GOOD, problems, read};
use crate::catalogue::{Problem, Tell};
use crate::contact::IdentifierKind;
use crate::{Channel, Language, Target};

const SYSTEM: &str = "
[[system]]
key = \"mailer\"
label = { en = \"Mail service\", de = \"E-Mail-Dienst\" }
serves = [\"channel:email\", \"share:advertising/adlane\"]
tell = { webhook = \"https://hooks.mailer.example/sayso\" }
lead_business_days = 2
escalation = \"crm@northwind.example\"
clear = [\"phone\", \"email\", \"email\"]
";

/// The good file and a system with one piece of it exchanged.
fn with_system(from: &str, to: &str) -> String {
    assert_eq!(SYSTEM.matches(from).count(), 1, "{from} must stand once in the system");
    format!("{GOOD}{}", SYSTEM.replace(from, to))
}

#[test]
fn a_system_is_read() {
    let catalogue = read(&format!("{GOOD}{SYSTEM}"));
    let system = catalogue.system("mailer").expect("it is there");
    assert_eq!(system.label.get(Language::German), "E-Mail-Dienst");
    assert_eq!(system.serves[0], Target::Channel(Channel::Email));
    assert_eq!(system.tell, Tell::Webhook("https://hooks.mailer.example/sayso".into()));
    assert_eq!(
        (system.lead_business_days, system.escalation.as_str()),
        (2, "crm@northwind.example")
    );
    assert_eq!(system.clear, [IdentifierKind::Email, IdentifierKind::Phone]);
    assert!(catalogue.system("printer").is_none());
    let hook = "webhook = \"https://hooks.mailer.example/sayso\"";
    for (to, tell) in [
        ("file = \"no-post\"", Tell::File("no-post".parse().expect("a key"))),
        ("feed = true", Tell::Feed),
        ("webhook = \"http://127.0.0.1:8080/x\"", Tell::Webhook("http://127.0.0.1:8080/x".into())),
        ("webhook = \"http://[::1]/\"", Tell::Webhook("http://[::1]/".into())),
    ] {
        assert_eq!(read(&with_system(hook, to)).systems[0].tell, tell);
    }
    let plain = read(&with_system("clear = [\"phone\", \"email\", \"email\"]", ""));
    assert_eq!(plain.systems[0].clear, []);
    assert_eq!(read(GOOD).systems, []);
}

#[test]
fn a_bad_system_is_told_what_is_wrong_on_which_line() {
    let hook = "webhook = \"https://hooks.mailer.example/sayso\"";
    let bad = [
        ("key = \"mailer\"", "key = \"The mailer\"", 2, "a key has 1 to 40"),
        ("key = \"mailer\"", "", 1, "needs the field “key”"),
        (", de = \"E-Mail-Dienst\"", "", 3, "“label” has no text in “de”"),
        ("[\"channel:email\", \"share:advertising/adlane\"]", "[]", 4, "at least one"),
        ("[\"channel:email\", \"share:advertising/adlane\"]", "7", 4, "a list of texts"),
        ("\"channel:email\"", "7", 4, "a list of texts"),
        ("\"channel:email\"", "\"email\"", 4, "not a target such as"),
        ("\"channel:email\"", "\"channel:phone\"", 4, "which this catalogue has not"),
        ("share:advertising/adlane", "share:advertising/lane", 4, "which this catalogue has not"),
        ("share:advertising/adlane", "exception:tax", 4, "which nobody can turn off"),
        (hook, "", 5, "exactly one of"),
        (hook, "feed = true, file = \"x\"", 5, "exactly one of"),
        (hook, "feed = false", 5, "must be true"),
        (hook, "file = \"../x\"", 5, "a key has"),
        (hook, "pigeon = true", 5, "has no field “pigeon”"),
        (hook, "webhook = \"http://hooks.mailer.example\"", 5, "starts with https://"),
        (hook, "webhook = \"http://localhost.example/\"", 5, "starts with https://"),
        (hook, "webhook = \"http://localhost:99999/\"", 5, "starts with https://"),
        (hook, "webhook = \"https://me@hooks.mailer.example\"", 5, "starts with https://"),
        ("lead_business_days = 2", "lead_business_days = 61", 6, "from 0 to 60"),
        ("\"crm@northwind.example\"", "\"\"", 7, "must not be empty"),
        ("\"phone\"", "\"fax\"", 8, "an identifier is email, phone, customer or browser"),
        ("clear =", "clean =", 1, "has no field “clean”"),
    ];
    let first = GOOD.lines().count() + 1;
    for (from, to, line, reason) in bad {
        let found = problems(&with_system(from, to));
        let told = |problem: &Problem| {
            (problem.line == first + line || reason.contains("has no field"))
                && problem.reason.contains(reason)
        };
        assert!(found.iter().any(told), "{from} -> {to}: {found:#?}");
    }
    let twice = problems(&format!("{GOOD}{SYSTEM}{SYSTEM}"));
    assert!(twice[0].reason.starts_with("Another system above"), "{twice:#?}");
}

#[test]
fn a_choice_concerns_the_systems_that_share_a_switch_with_it() {
    let catalogue = super::sample::catalogue();
    let concerned = |target: &str| -> Vec<String> {
        let target = target.parse().expect("a target");
        catalogue.systems_concerned(&target).map(|system| system.key.to_string()).collect()
    };
    assert_eq!(concerned("message:offers/email"), ["mailer"]);
    assert_eq!(concerned("channel:email"), ["mailer"]);
    assert_eq!(concerned("topic:offers"), ["mailer", "texts-and-calls", "print-house"]);
    assert_eq!(concerned("topic:catalogue"), ["print-house"]);
    assert_eq!(concerned("share:advertising/adlane"), ["ad-platform"]);
    assert_eq!(concerned("sharing"), ["print-house", "ad-platform", "warehouse"]);
    assert_eq!(concerned("everything").len(), 5);
    assert_eq!(concerned("exception:tax").len(), 0);
    assert_eq!(concerned("message:gone/email"), ["mailer"]);
    for leaf in catalogue.leaves() {
        assert!(catalogue.systems_concerned(&leaf).next().is_some(), "{leaf} is served");
    }
}
