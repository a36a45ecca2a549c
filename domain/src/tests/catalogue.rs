//! The catalogue file: what is read from a good one, and that a bad one is told everything.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::catalogue::{Basis, Catalogue, Problem, Regime, is_dpv_term, parse};
use crate::moment::DAY;
use crate::{Channel, Language, Moment};

pub(super) const GOOD: &str = include_str!("catalogue.toml");

/// The good file with one piece of it exchanged.
fn altered(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from} must stand once in the good file");
    GOOD.replace(from, to)
}

pub(super) fn problems(text: &str) -> Vec<Problem> {
    parse(text).err().unwrap_or_default()
}

pub(super) fn read(text: &str) -> Catalogue {
    parse(text).expect("the file is good")
}

/// Where a piece begins in the good file.
fn place(piece: &str) -> usize {
    GOOD.find(piece).expect("the good file has the piece")
}

#[test]
fn a_good_file_becomes_a_catalogue() {
    let catalogue = read(GOOD);
    assert_eq!(catalogue.languages, [Language::English, Language::German]);
    assert_eq!(catalogue.controller.privacy_email, "privacy@northwind.example");
    assert_eq!(catalogue.controller.authority.url, "https://ico.org.uk/complain/");
    assert_eq!(catalogue.topics[0].label.get(Language::German), "Angebote und neue Produkte");
    let rules = &catalogue.topics[0].channels;
    assert_eq!((rules[0].channel, rules[0].lead_days), (Channel::Email, 0));
    assert_eq!((rules[0].regime, rules[0].basis), (Regime::OptOut, Basis::LegitimateInterest));
    assert_eq!((rules[1].lead_days, rules[1].valid_days), (21, Some(730)));
    assert_eq!(catalogue.purposes[0].recipients[0].lead_days, 15);
    assert!(catalogue.purposes[0].sale_or_sharing);
    assert_eq!(catalogue.exceptions[0].review_on, Moment(1_811_721_600_000));
    assert_eq!(catalogue.leaves().count(), 4);
}

#[test]
fn a_review_day_is_its_start_in_utc() {
    let on = |day: &str| {
        let text = altered("review_on = 2027-05-31", &format!("review_on = {day}"));
        read(&text).exceptions[0].review_on
    };
    assert_eq!(on("1970-01-01"), Moment(0));
    assert_eq!(on("1969-12-31"), Moment(-DAY));
    assert_eq!(on("2000-02-29"), Moment(11_016 * DAY));
    assert_eq!(on("2000-03-01"), Moment(11_017 * DAY));
    assert_eq!(on("0000-01-01"), Moment(-719_528 * DAY));
    assert_eq!(on("9999-12-31"), Moment(2_932_896 * DAY));
}

#[test]
fn a_text_over_several_lines_becomes_one_line() {
    let text = altered("\"About twice a month.\"", "\"\"\"About twice\r\n   a month.\n\"\"\"");
    let catalogue = read(&text);
    assert_eq!(catalogue.topics[0].frequency.get(Language::English), "About twice a month.");
}

/// What is exchanged for what, the line of the problem and a part of its reason.
const BAD: &[(&str, &str, usize, &str)] = &[
    ("[\"en\", \"de\"]", "[\"en\", \"de\"", 3, "not TOML"),
    ("\"Northwind Outdoor\"", "Northwind", 5, "quotation marks"),
    ("\"Northwind Outdoor\"", "\"Northwind", 5, "not TOML"),
    ("country = \"GB\"", "country = \"GB\"\ncountry = \"GB\"", 8, "second time"),
    ("2027-05-31", "2027-02-29", 67, "no real day"),
    ("2027-05-31", "2027-5-31", 67, "no real day"),
    ("[\"en\", \"de\"]", "[]", 1, "at least one language"),
    ("[\"en\", \"de\"]", "\"en\"", 1, "must be a list"),
    ("[\"en\", \"de\"]", "[\"en\", \"de\", \"en\"]", 1, "listed twice"),
    ("[\"en\", \"de\"]", "[\"en\", \"de\", \"pt\"]", 1, "a language is one of en,"),
    ("[\"en\", \"de\"]", "[\"en\", \"de\", 7]", 1, "a language is one of en,"),
    ("[\"en\", \"de\"]", "[\"en\"]", 17, "“label” has a text in “de”, which"),
    ("[\"en\", \"de\"]", "[\"en\", \"de\", \"fr\"]", 18, "“frequency” has no text in “fr”"),
    ("languages =", "language =", 1, "needs the field “languages”"),
    ("languages =", "language =", 1, "has no field “language”"),
    ("[controller]", "[business]", 1, "needs the field “controller”"),
    ("[controller]", "[[controller]]", 3, "must be one table"),
    ("country = \"GB\"", "country = \"GB\"\nfax = 1", 8, "controller has no field “fax”"),
    ("country = \"GB\"", "", 3, "controller needs the field “country”"),
    ("country = \"GB\"", "country = 44", 7, "“country” must be text"),
    ("country = \"GB\"", "country = \"gb\"", 7, "two capital letters"),
    ("country = \"GB\"", "country = \"UK\"", 7, "two capital letters"),
    ("country = \"GB\"", "country = \"AD AE\"", 7, "two capital letters"),
    ("Europe/London", "London", 8, "IANA name"),
    ("Europe/London", "Europe/../London", 8, "IANA name"),
    ("Privacy@Northwind.example", "privacy at northwind", 9, "an email address"),
    ("https://www.northwind", "http://www.northwind", 11, "starts with https://"),
    ("https://www.northwind", "https://me@www.northwind", 11, "starts with https://"),
    ("https://ico.org.uk", "javascript:alert(1)//", 12, "starts with https://"),
    ("key = \"offers\"", "key = \"Best offers\"", 15, "a key has 1 to 40"),
    ("dpv:DirectMarketing", "dpv:Spam", 16, "DPV 2.3"),
    ("dpv:DirectMarketing", "DirectMarketing", 16, "DPV 2.3"),
    ("en = \"Advertising\"", "en = \"Advertising\", pt = \"x\"", 43, "has a text in “pt”"),
    ("en = \"Advertising\"", "en = 7", 43, "in every language"),
    ("en = \"Advertising\"", "en = \" \\t\"", 43, "“label” in “en” must not be empty"),
    ("en = \"Advertising\"", "en = \"<b>\"", 43, "no “<” or “>”"),
    ("en = \"Advertising\"", "en = \"a\\u202Eb\"", 43, "direction-changing"),
    ("en = \"Advertising\"", "en = \"a\\u0007b\"", 43, "control"),
    ("en = \"Advertising\"", "en = \"Stop sharing\"", 43, "“label” in “en” says “stop”"),
    ("de = \"Persönliche Angebote\"", "de = \"Keine Angebote\"", 34, "in “de” says “kein”"),
    ("en = \"Offers and new products\", ", "", 17, "“label” has no text in “en”"),
    ("{ en = \"Advertising\", de = \"Werbung\" }", "\"Advertising\"", 43, "text by language"),
    ("kind = \"post\"", "kind = \"fax\"", 25, "a channel is one of email"),
    ("kind = \"post\"", "kind = \"email\"", 25, "Another channel above"),
    ("lead_days = 21", "lead_days = 366", 28, "from 0 to 365"),
    ("lead_days = 21", "lead_days = -1", 28, "from 0 to 365"),
    ("lead_days = 21", "lead_days = \"21\"", 28, "a whole number"),
    ("valid_days = 730", "valid_days = 0", 29, "from 1 to 3650"),
    ("valid_days = 730", "valid_days = 99999999999999999999", 29, "from 1 to 3650"),
    (
        "regime = \"opt_in\"\nbasis = \"consent\"\nl",
        "regime = \"in\"\nbasis = \"consent\"\nl",
        26,
        "opt_in or",
    ),
    ("basis = \"consent\"\nlead", "basis = \"yes\"\nlead", 27, "a basis is consent, contract"),
    ("basis = \"consent\"\nlead", "basis = \"contract\"\nlead", 27, "must be “consent”"),
    ("basis = \"legitimate_interest\"\nowner", "basis = \"consent\"\nowner", 48, "silence is no"),
    ("sale_or_sharing = true", "sale_or_sharing = \"yes\"", 46, "true or false"),
    ("owner = \"Head of marketing\"", "owner = \"\"", 49, "“owner” must not be empty"),
    ("privacy@adlane.example", "Adlane, Berlin", 54, "email address or a web address"),
    ("privacy@adlane.example", "http://adlane.example", 54, "email address or a web address"),
    ("lead_days = 15", "", 51, "recipient needs the field “lead_days”"),
    ("[[purpose.recipient]]", "[purpose.recipient]", 51, "double brackets"),
    ("dpv:LegalObligation", "dpv:legalObligation", 61, "DPV 2.3"),
    ("citation = \"Value", "# \"Value", 59, "exception needs the field “citation”"),
    ("approver = \"Privacy lead\"", "approver = \"  \"", 66, "“approver” must not be empty"),
    ("2027-05-31", "2027-05-31T00:00:00Z", 67, "without quotation marks, time or offset"),
    ("2027-05-31", "2027-05-31T00:00:00", 67, "without quotation marks, time or offset"),
    ("2027-05-31", "\"2027-05-31\"", 67, "without quotation marks, time or offset"),
];

#[test]
fn a_bad_file_is_told_what_is_wrong_on_which_line() {
    let untold = BAD.iter().filter(|(from, to, line, reason)| {
        let found = problems(&altered(from, to));
        !found.iter().any(|problem| problem.line == *line && problem.reason.contains(reason))
    });
    let untold: Vec<_> = untold.map(|row| (row, problems(&altered(row.0, row.1)))).collect();
    assert!(untold.is_empty(), "{untold:#?}");
}

#[test]
fn a_key_that_stands_twice_in_its_list_is_told() {
    for list in ["topic", "profiling", "purpose", "exception"] {
        let start = place(&format!("[[{list}]]"));
        let end = GOOD[start..].find("\n\n").map_or(GOOD.len(), |end| start + end + 1);
        let text = format!("{GOOD}{}", &GOOD[start..end]);
        let reason = format!("Another {list} above has this key; each needs its own.");
        let line = GOOD.lines().count() + 2;
        assert_eq!(problems(&text), [Problem { line, reason }]);
    }
    let recipient = &GOOD[place("[[purpose.recipient]]")..place("\n[[exc")];
    let found = problems(&altered("\n[[exception]]", &format!("{recipient}\n[[exception]]")));
    assert!(found[0].reason.starts_with("Another recipient above"), "{found:#?}");
}

#[test]
fn a_topic_needs_a_channel_and_a_purpose_a_recipient() {
    let topic = place("[[topic.channel]]")..place("\n[[profiling]]");
    let purpose = place("[[purpose.recipient]]")..place("\n[[exc");
    for (cut, line, what) in [(topic, 14, "at least one channel"), (purpose, 40, "recipient")] {
        let found = problems(&GOOD.replace(&GOOD[cut], ""));
        assert_eq!((found.len(), found[0].line), (1, line));
        assert!(found[0].reason.contains(what));
    }
}

#[test]
fn every_problem_is_told_at_once_and_by_line() {
    let text = GOOD
        .replace("\"GB\"", "\"UK\"")
        .replace("\"offers\"", "\"Offers\"")
        .replace("dpv:Profiling", "dpv:Nothing")
        .replace("en = \"Advertising\"", "en = \"<Do not>\"")
        .replace("approver", "approved_by");
    let lines: Vec<usize> = problems(&text).iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [7, 15, 33, 43, 43, 59, 66]);
}

#[test]
fn in_a_file_that_is_not_toml_what_only_follows_from_that_is_not_told() {
    let text = altered("[[topic]]", "[[topic").replace("\"GB\"", "\"UK\"");
    let lines: Vec<usize> = problems(&text).iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [7, 14]);
}

#[test]
fn a_large_file_is_refused() {
    let text = format!("{GOOD}#{}", " ".repeat(1 << 20));
    assert!(problems(&text)[0].reason.contains("1 MiB"));
}

#[test]
fn a_text_may_have_600_characters() {
    let with = |length| altered("Pages viewed", &"é".repeat(length));
    assert_eq!(problems(&with(600)), []);
    assert!(problems(&with(601))[0].reason.contains("at most 600 characters"));
}

/// A catalogue with a topic of this label.
fn labelled(tag: &str, label: &str) -> Vec<Problem> {
    let text = altered("\"Offers and new products\"", &format!("\"Offers\", {tag} = \"{label}\""));
    let text = text.replace("\"en\", \"de\"", &format!("\"en\", \"de\", \"{tag}\""));
    problems(&text).into_iter().filter(|problem| problem.reason.contains(" says ")).collect()
}

#[test]
fn a_switch_with_a_negation_is_told_in_every_language() {
    let negated = [
        ("fr", "Ne pas recevoir d’offres"),
        ("fr", "Je n’accepte plus d’offres"),
        ("fr", "Offres, jamais"),
        ("fr", "Se désinscrire"),
        ("fr", "Pas de publicité"),
        ("es", "No quiero ofertas"),
        ("es", "Nunca"),
        ("es", "Darse de baja"),
        ("es", "Opt-out"),
        ("zh-Hans", "不接收优惠"),
        ("zh-Hans", "停止发送"),
        ("zh-Hans", "退订"),
        ("ar", "لا أريد العروض"),
        ("ar", "إلغاء الاشتراك"),
        ("ar", "إيقاف العروض"),
        ("ar", "عدم الإرسال"),
    ];
    for (tag, label) in negated {
        assert_eq!(labelled(tag, label).len(), 1, "{label}");
    }
    for label in ["Don’t send", "Opt‑out", "opt out of mail", "NEVER", "Unsubscribe", "No offers"]
    {
        let text = altered("Offers and new products", label);
        assert!(problems(&text)[0].reason.contains("in “en” says"), "{label}");
    }
}

#[test]
fn ordinary_labels_are_not_taken_for_negations() {
    let ordinary = [
        ("fr", "Notre sélection, pas à pas, et plus de choix"),
        ("fr", "Nouveautés pour l’été"),
        ("es", "Nuevos productos y novedades del noreste"),
        ("zh-Hans", "优惠和新产品：不锈钢炊具"),
        ("ar", "العروض والمنتجات الجديدة وبرنامج الولاء"),
    ];
    for (tag, label) in ordinary {
        assert_eq!(labelled(tag, label), [], "{label}");
    }
    for label in ["Notes from the Nordic north", "Notable knots", "Non-stop news", "Stopover tips"]
    {
        assert_eq!(problems(&altered("Offers and new products", label)), [], "{label}");
    }
    let german = altered("Angebote und neue Produkte", "Niedrige Preise für Nichten");
    assert_eq!(problems(&german), []);
}

#[test]
fn dpv_terms_have_their_prefix() {
    for term in ["dpv:DirectMarketing", "dpv:SellDataToThirdParties", "dpv:ConsentWithdrawn"] {
        assert!(is_dpv_term(term), "{term}");
    }
    for term in ["dpv:OptingOutFromProcess", "dpv:CannotOptOutFromProcess", "dpv:AcademicResearch"]
    {
        assert!(is_dpv_term(term), "{term}");
    }
    for term in ["DirectMarketing", "dpv:", "dpv:directmarketing", "dpv:Spam", "DPV:Marketing"] {
        assert!(!is_dpv_term(term), "{term}");
    }
}

#[test]
fn a_good_file_without_any_one_needed_line_has_a_problem() {
    let lines: Vec<&str> = GOOD.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let optional = ["lead_days = 21", "valid_days = 730", ""].contains(line);
        let rest = [&lines[..number], &lines[number + 1..]].concat().join("\n");
        assert_eq!(problems(&rest).is_empty(), optional, "without line {}: {line}", number + 1);
    }
}

#[test]
fn deep_nesting_is_read_without_overflowing_the_stack() {
    let dots = ["a"; 79].join(".");
    let deep = format!("{dots} = {{ ").repeat(79) + &dots + " = 1" + &"}".repeat(79);
    for text in [deep, "[".repeat(1 << 20), "a={".repeat(1 << 18), "a.".repeat(1 << 19)] {
        assert!(!problems(&text).is_empty());
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    if let Err(found) = parse(text) {
        prop_assert!(!found.is_empty());
        prop_assert!(found.is_sorted_by_key(|problem| problem.line));
        let last = text.split('\n').count();
        prop_assert!(found.iter().all(|problem| (1..=last).contains(&problem.line)));
    }
    Ok(())
}

/// Pieces that change the meaning of what follows them.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "\n",
    "\r",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "=",
    ",",
    ".",
    "#",
    "0",
    "-1",
    "1e9",
    "true",
    "2027-02-30",
    "é",
    "\u{202E}",
    "\u{0}",
    "\u{FEFF}",
    "key",
    "[topic]\n",
    "[[topic]]\n",
    "[[topic.channel]]\n",
    "controller.",
    "languages = []\n",
    "label.en = \"x\"\n",
];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_read_without_panic(text: String) {
        check(&text)?;
    }

    #[test]
    fn any_mix_of_pieces_is_read_without_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
    ) {
        check(&pieces.concat())?;
    }

    #[test]
    fn a_good_file_with_changes_is_read_without_panic(
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(PIECES)),
            1..6,
        ),
    ) {
        let mut text: Vec<char> = GOOD.chars().collect();
        for (at, cut, piece) in changes {
            let at = at.index(text.len());
            let end = (at + cut).min(text.len());
            text.splice(at..end, piece.chars());
        }
        check(&text.iter().collect::<String>())?;
    }
}
