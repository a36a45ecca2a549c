//! Checking a message before a campaign (M-02, M-03), with signatures made by a real signer.

use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::contact::Email;
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use mail_auth::dkim::generate::DkimKeyPair;
use mail_parser::decoders::base64::base64_decode;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};
use server::mailcheck::{Checking, Findings, HttpVisit, KeyRecord, NameService, Visit, check};
use server::store::LedgerRow;
use server::unsubscribe::{Headers, headers};

use crate::support::portal::BASE_URL;
use crate::support::{Customer, TestPortal, on_both_engines, on_sqlite};

const MIRA: &str = "mira@example.com";
/// A key pair made for these tests alone (RFC 8463 §A.2 has the same).
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

const FIELDS: [&str; 7] =
    ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"];

fn fields(portal: &TestPortal, customer: &Customer) -> Headers {
    let notice = portal.service.notices.current();
    let mailbox = "unsubscribe@in.northwind.example".parse().unwrap();
    let message = (&"offers".parse().unwrap(), domain::Channel::Email);
    headers(&notice.catalogue, BASE_URL, Some(&mailbox), &customer.token, message).unwrap()
}

/// A message that nothing is wrong with, but for its signature.
fn campaign(portal: &TestPortal, customer: &Customer) -> String {
    let fields = fields(portal, customer);
    let link = format!("{BASE_URL}/c/{}", customer.token);
    let lines = [
        "From: Northwind Outdoor <offers@news.northwind.example>",
        "To: Mira Moran <mira@example.com>",
        "Subject: New tents for the summer",
        "Date: Mon, 15 Jun 2026 08:00:00 +0000",
        "Message-ID: <20260615.offers@news.northwind.example>",
        "List-Id: Offers <offers.news.northwind.example>",
        &format!("List-Unsubscribe: {}", fields.list_unsubscribe),
        &format!("List-Unsubscribe-Post: {}", fields.list_unsubscribe_post),
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative; boundary=\"b1\"",
        "",
        "--b1",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Three new tents.",
        &format!("Choose what we send you: {link}."),
        "",
        "--b1",
        "Content-Type: text/html; charset=utf-8",
        "",
        "<html><head><title>Hurry</title></head><body><p>Three new tents.</p>",
        &format!("<p><a href=\"{link}\">Choose what we send you</a></p></body></html>"),
        "",
        "--b1--",
        "",
    ];
    lines.join("\r\n")
}

fn signed(message: &str, covered: &[&str]) -> String {
    let seed = base64_decode(SEED.as_bytes()).unwrap();
    let public = base64_decode(PUBLIC.as_bytes()).unwrap();
    let key = Ed25519Key::from_seed_and_public_key(&seed, &public).unwrap();
    let signer = DkimSigner::from_key(key).domain("news.northwind.example").selector("s1");
    let signature = signer.headers(covered.to_vec()).sign(message.as_bytes()).unwrap();
    format!("{}{message}", signature.to_header())
}

fn key() -> KeyRecord {
    format!("\"v=DKIM1; k=ed25519; \"\r\n \"p={PUBLIC}\"").parse().unwrap()
}

async fn found(portal: &TestPortal, message: &str, keys: &[KeyRecord]) -> Findings {
    let checking = Checking {
        service: &portal.service,
        base_url: BASE_URL,
        keys,
        dns: NameService::Nobody,
        visit: None,
        transactional_from: None,
    };
    check(message.as_bytes(), &checking).await.expect("a message")
}

async fn problems(portal: &TestPortal, message: &str) -> Vec<String> {
    let found = found(portal, message, &[key()]).await;
    found.problems.iter().map(ToString::to_string).collect()
}

async fn a_good_message_passes(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let message = signed(&campaign(portal, &mira), &FIELDS);
    assert_eq!(problems(portal, &message).await, [""; 0]);
    let unverified = found(portal, &message, &[]).await;
    assert_eq!(unverified.problems, []);
    assert!(unverified.notes.iter().any(|note| note.contains("not verified")));
    assert!(unverified.notes.iter().any(|note| note.contains("--dns")), "it says how");
}

async fn an_rsa_signature_passes_by_the_key_of_its_own_name(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let message = campaign(portal, &mira);
    // Short, since it is made without optimisation, for this test alone.
    let (private, public) = DkimKeyPair::generate_rsa(1024).unwrap().into_inner();
    let der = PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(private));
    let key = RsaKey::<Sha256>::from_key_der(der).unwrap();
    let signer = DkimSigner::from_key(key).domain("news.northwind.example").selector("s2");
    let signature = signer.headers(FIELDS).sign(message.as_bytes()).unwrap();
    let message = format!("{}{message}", signature.to_header());
    let named = |name: &str| {
        let record = format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(&public));
        let key: KeyRecord = record.parse().unwrap();
        KeyRecord { name: Some(name.into()), ..key }
    };
    let right = [named("s2._domainkey.news.northwind.example")];
    assert_eq!(
        found(portal, &message, &right).await,
        Findings { problems: vec![], notes: vec!["links were not visited".into()] }
    );
    let broken = message.replace("Three new tents.", "Four new tents.");
    let found = found(portal, &broken, &right).await;
    assert!(found.problems[0].to_string().starts_with("dkim: "), "{:?}", found.problems);
}

async fn a_signature_by_none_of_the_given_keys_is_a_problem(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let message = signed(&campaign(portal, &mira), &FIELDS);
    let named = |name: &str| [KeyRecord { name: Some(name.into()), ..key() }];
    let right = named("s1._domainkey.news.northwind.example");
    assert_eq!(found(portal, &message, &right).await.problems, []);
    let wrong = named("s2._domainkey.news.northwind.example");
    let problems = found(portal, &message, &wrong).await.problems;
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let reason = "dkim: none of the keys that were given is the one at \
                  s1._domainkey.news.northwind.example";
    assert_eq!(problems, [reason]);
}

async fn each_broken_rule_is_named(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let other = portal.customer("other@example.com").await;
    let good = campaign(portal, &mira);
    let field = fields(portal, &mira).list_unsubscribe;
    let link = format!("{BASE_URL}/c/{}", mira.token);
    let https = field.split(',').next().unwrap().to_owned();
    let broken = [
        (
            good.replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""),
            "header: List-Unsubscribe-Post is missing",
        ),
        (good.replace("=One-Click", "=Yes"), "header: List-Unsubscribe-Post must say exactly"),
        (
            good.replace("List-Unsubscribe: ", "X-List-Unsubscribe: "),
            "header: List-Unsubscribe is missing",
        ),
        (
            good.replace(&field, &format!("{https}, {https}")),
            "header: List-Unsubscribe must hold exactly one https address, and holds 2",
        ),
        (
            good.replace(&https, "<http://privacy.northwind.example/x>"),
            "header: List-Unsubscribe holds an address that is neither",
        ),
        (
            good.replace(&https, "<https://elsewhere.example/u/a/offers/email>"),
            "header: the https address of List-Unsubscribe is not",
        ),
        (
            good.replace(&field, "unsubscribe here"),
            "header: List-Unsubscribe must hold addresses in <…>",
        ),
        (
            good.replace("offers/email>", "parties/email>"),
            "topic: the register in force has no topic “parties” by email",
        ),
        (
            good.replace(&format!("/u/{}", mira.token), &format!("/u/{}", other.token)),
            "person: the link is not of the person in To",
        ),
        (
            good.replace(&format!("/u/{}", mira.token), "/u/AAAAAAAAAAAAAAAAAAAAAA"),
            "person: nobody is known by the link’s token",
        ),
        (
            good.replace(&link, &format!("{BASE_URL}/c/AAAAAAAAAAAAAAAAAAAAAA")),
            "person: nobody is known by a body link’s token",
        ),
        (
            good.replace(&link, &format!("{BASE_URL}/c/{}", other.token)),
            "person: a body link is not of the person in To",
        ),
        (
            good.replace(&link, &format!("{BASE_URL}/u/{}/offers/email", other.token)),
            "person: a body link is not of the person in To",
        ),
        (
            good.replace(&format!("href=\"{link}\""), "href=\"https://shop.example/\""),
            "link: the HTML has no link to",
        ),
        (
            good.replace(
                &format!("<a href=\"{link}\""),
                &format!("<a style=\"font-size:1px\" href=\"{link}\""),
            ),
            "link: the HTML has a link to the portal that nobody can see",
        ),
        (
            good.replace("<p><a", "<p style='display: none'><a"),
            "link: the HTML has a link to the portal that nobody can see",
        ),
        (good.replace(&format!("{link}."), "nowhere"), "link: the plain text has no link to"),
        (
            good.replace("Three new tents.</p>", "Last chance!</p>"),
            "words: “last chance” (en) presses the reader",
        ),
        (
            good.replace("List-Id: Offers <offers.news.northwind.example>\r\n", ""),
            "list: the field List-Id is missing",
        ),
    ];
    for (message, reason) in broken {
        assert_ne!(message, good, "{reason}");
        let problems = problems(portal, &signed(&message, &FIELDS)).await;
        assert!(problems.iter().any(|found| found.starts_with(reason)), "{reason}: {problems:?}");
    }
}

async fn a_tag_that_the_mailer_left_is_named(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let good = campaign(portal, &mira);
    let link = format!("{BASE_URL}/c/{}", mira.token);
    let html = format!("href=\"{link}\"");
    let text = format!("{link}.");
    for tag in ["*|SAYSO|*", "{{sayso}}", "{{ contact.sayso }}", "%%sayso%%", "[[sayso]]"] {
        let left = format!("{BASE_URL}/c/{tag}");
        for message in [
            good.replace(&html, &format!("href=\"{left}\"")),
            good.replace(&text, &format!("{left}.")),
            good.replace(&text, &format!("[choices]({left})")),
        ] {
            let problems = problems(portal, &signed(&message, &FIELDS)).await;
            assert_eq!(problems.len(), 1, "{tag}: {problems:?}");
            let reason = "link: a link to the portal still has a merge tag (";
            assert!(problems[0].starts_with(reason), "{tag}: {problems:?}");
        }
    }
    for encoded in ["*%7CSAYSO%7C*", "%7B%7Bsayso%7D%7D", "%5B%5Bsayso%5D%5D"] {
        let message = good.replace(&html, &format!("href=\"{BASE_URL}/c/{encoded}\""));
        let problems = problems(portal, &signed(&message, &FIELDS)).await;
        assert!(problems[0].contains("merge tag"), "{encoded}: {problems:?}");
    }
    // Brackets around a link are none.
    let bracketed = good.replace(&text, &format!("[[{link}]]"));
    assert_eq!(problems(portal, &signed(&bracketed, &FIELDS)).await, [""; 0]);
}

async fn a_signature_must_cover_both_fields_and_be_good(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let good = campaign(portal, &mira);
    let unsigned = problems(portal, &good).await;
    assert!(unsigned[0].starts_with("dkim: there is no DKIM signature"), "{unsigned:?}");
    for (left_out, covered) in
        [("List-Unsubscribe-Post", &FIELDS[..6]), ("List-Unsubscribe", &FIELDS[..5])]
    {
        let problems = problems(portal, &signed(&good, covered)).await;
        assert!(problems[0].contains(&format!("does not cover {left_out};")), "{problems:?}");
    }
    let signed = signed(&good, &FIELDS);
    let changed = [
        signed.replace("Three new tents.", "Three old tents."),
        signed.replace("Subject: New", "Subject: Old"),
        signed.replace("offers/email>", "trips/email>"),
        signed.replace("b=", "b=AAAA"),
    ];
    for message in changed {
        let problems = problems(portal, &message).await;
        assert!(problems.iter().any(|found| found.starts_with("dkim: ")), "{problems:?}");
    }
}

async fn every_problem_is_told_at_once(portal: &TestPortal) {
    let message = "From: orders@northwind.example\r\nSubject: Don’t miss out\r\n\r\nBuy now.\r\n";
    let from: Email = "orders@northwind.example".parse().unwrap();
    let checking = Checking {
        service: &portal.service,
        base_url: BASE_URL,
        keys: &[],
        dns: NameService::Nobody,
        visit: None,
        transactional_from: Some(&from),
    };
    let found = check(message.as_bytes(), &checking).await.unwrap();
    let mut kinds: Vec<_> = found.problems.iter().map(|problem| problem.what).collect();
    kinds.dedup();
    assert_eq!(kinds, ["header", "dkim", "link", "list", "from", "words"]);
    assert!(check(b"", &checking).await.is_none());
}

/// Serves the portal on a port, for a checker that visits links.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn links_are_visited_and_nothing_is_chosen(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let url = serve(portal.router.clone()).await;
    let visit = HttpVisit::new(&url).unwrap();
    let base_url = url.as_str();
    let checking = Checking {
        service: &portal.service,
        base_url,
        keys: &[],
        dns: NameService::Nobody,
        visit: Some(&visit),
        transactional_from: None,
    };
    let message = campaign(portal, &mira).replace(BASE_URL, base_url);
    let links =
        |found: &Findings| found.problems.iter().filter(|problem| problem.what == "link").count();
    let alive = check(message.as_bytes(), &checking).await.unwrap();
    assert_eq!(links(&alive), 0, "{alive:?}");
    let dead = message.replace("/c/", "/choices-of-old/");
    let dead = check(dead.as_bytes(), &checking).await.unwrap();
    assert_eq!(links(&dead), 1, "{dead:?}");
    assert_eq!(
        dead.problems.iter().find(|p| p.what == "link").unwrap().reason,
        "a link to the portal answers 404"
    );
    let unknown = message.replace(&format!("/c/{}", mira.token), "/c/AAAAAAAAAAAAAAAAAAAAAA");
    let unknown = check(unknown.as_bytes(), &checking).await.unwrap();
    assert_eq!(links(&unknown), 1, "{unknown:?}");
    assert_eq!(
        unknown.problems.iter().find(|p| p.what == "link").unwrap().reason,
        "a link to the portal leads to its page for unknown links"
    );
    let made: Vec<LedgerRow> = portal.ledger().await;
    assert!(made.is_empty());
    for elsewhere in ["http://127.0.0.2:9/", "https://example.com/", "file:///etc/passwd", "x"] {
        assert_eq!(visit.ask(elsewhere).await, None, "{elsewhere}");
    }
}

on_both_engines!(a_good_message_passes, each_broken_rule_is_named, every_problem_is_told_at_once);
on_sqlite!(
    an_rsa_signature_passes_by_the_key_of_its_own_name,
    a_signature_by_none_of_the_given_keys_is_a_problem,
    a_tag_that_the_mailer_left_is_named,
    a_signature_must_cover_both_fields_and_be_good,
    links_are_visited_and_nothing_is_chosen,
);

#[test]
fn what_is_no_key_is_refused() {
    for text in ["", "v=DKIM1", "hello", "-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----"]
    {
        assert!(text.parse::<KeyRecord>().is_err(), "{text}");
    }
}
