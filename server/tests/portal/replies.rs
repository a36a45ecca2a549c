//! Replies and mailto unsubscribes (M-06): opt-outs, absence notes, returned mail, and the rest.

use app::portal::Portal;
use domain::contact::Email;
use domain::request::{Nature, State};
use domain::{Language, Source, Target};
use server::inbound::{Doors, Envelope, Outcome, open_text, receive};
use server::store::{RequestFilter, RequestRow};
use server::unsubscribe::{Mailbox, message_of, token_of};

use crate::support::{Newcomer, TestPortal, on_both_engines};

const MIRA: &str = "mira@example.com";

/// A message of the folder of mails.
macro_rules! mail {
    ($name:literal) => {
        include_str!(concat!("mails/", $name, ".eml"))
    };
}

pub fn doors() -> Doors {
    let mailbox = Some("unsubscribe@in.northwind.example".parse().unwrap());
    Doors { mailbox, ..Doors::default() }
}

/// Hands a message over, as a mail server does.
pub async fn hands_over(portal: &TestPortal, raw: &str) -> Outcome {
    receive(&portal.service, &doors(), raw.as_bytes(), &Envelope::default()).await.unwrap()
}

pub async fn requests(portal: &TestPortal) -> Vec<RequestRow> {
    let filter = RequestFilter { state: Some(State::Open), nature: None };
    portal.store().list_requests(&filter, 100).await.unwrap()
}

async fn targets(portal: &TestPortal) -> Vec<(String, Source, Language)> {
    let entry = |row: server::store::LedgerRow| {
        let entry = row.choice.entry;
        (entry.target.to_string(), entry.source, entry.language)
    };
    portal.ledger().await.into_iter().map(entry).collect()
}

async fn replies_of_six_mail_programs_opt_out(portal: &TestPortal) {
    for (raw, language) in [
        (mail!("gmail_reply"), Language::English),
        (mail!("outlook_reply"), Language::German),
        (mail!("apple_reply"), Language::English),
        (mail!("chinese_base64"), Language::Chinese),
        (mail!("chinese_subject_only"), Language::Chinese),
        (mail!("arabic_reply"), Language::Arabic),
    ] {
        // Each is from somebody else, so that each makes an entry.
        let at = portal.ledger().await.len();
        let email = format!("reader{at}@example.com");
        portal.customer(&email).await;
        let raw = raw.replace(MIRA, &email).replace("Mira@Example.com", &email);
        assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut, "{raw}");
        let made = targets(portal).await;
        assert_eq!(made.len(), at + 1, "{raw}");
        assert_eq!(made[at], ("channel:email".into(), Source::Reply, language));
    }
    assert!(requests(portal).await.is_empty());
}

async fn machines_are_not_people(portal: &TestPortal) {
    portal.customer(MIRA).await;
    for raw in [
        mail!("outlook_absence"),
        mail!("rfc3834_vacation"),
        mail!("german_absence"),
        mail!("delayed"),
        mail!("full_mailbox"),
    ] {
        assert_eq!(hands_over(portal, raw).await, Outcome::Ignored, "{raw}");
    }
    assert!(portal.ledger().await.is_empty());
    assert!(requests(portal).await.is_empty());
}

/// A mail of Mira's with further fields.
fn with_fields(to: &str, fields: &str, subject: &str, body: &str) -> String {
    let id = format!("{fields}{subject}").replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!(
        "From: {MIRA}\r\nTo: {to}\r\nSubject: {subject}\r\n{fields}\
         Message-ID: <{id}@example.com>\r\n\r\n{body}\r\n"
    )
}

/// What lists add.
const LISTED: [&str; 4] = [
    "Precedence: bulk\r\n",
    "Precedence: Junk\r\n",
    "List-Id: <privacy.northwind.example>\r\n",
    "List-Id: <privacy.northwind.example>\r\nPrecedence: list\r\n",
];

async fn what_a_list_hands_on_to_a_person_s_own_address_opts_out(portal: &TestPortal) {
    for (at, fields) in LISTED.iter().enumerate() {
        let mira = portal.customer(&format!("mira{at}@example.com")).await;
        let tagged = doors().mailbox.unwrap().tagged(&mira.token).unwrap();
        // A mail client's own button says that a program wrote it.
        let auto = ["", "Auto-Submitted: auto-generated\r\n"][at % 2];
        let fields = format!("{fields}{auto}");
        let raw = with_fields(&tagged, &fields, "unsubscribe offers/email", "");
        assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut, "{fields}");
        assert_eq!(portal.entries_of(&mira).await.len(), 1, "{fields}");
    }
    assert!(requests(portal).await.is_empty());
}

async fn what_a_list_hands_on_without_a_tag_is_a_request(portal: &TestPortal) {
    portal.customer(MIRA).await;
    assert_eq!(hands_over(portal, mail!("list_mail")).await, Outcome::Filed);
    for fields in LISTED {
        let raw = with_fields("news@in.northwind.example", fields, "unsubscribe", "unsubscribe");
        assert_eq!(hands_over(portal, &raw).await, Outcome::Filed, "{fields}");
    }
    assert!(requests(portal).await.iter().all(|row| row.nature == Nature::Unclear));
    let count = requests(portal).await.len();
    for program in ["Auto-Submitted: auto-generated\r\n", "Return-Path: <>\r\n"] {
        let fields = format!("{}{program}", LISTED[2]);
        let raw = with_fields("news@in.northwind.example", &fields, "unsubscribe", "unsubscribe");
        assert_eq!(hands_over(portal, &raw).await, Outcome::Ignored, "{program}");
    }
    assert!(portal.ledger().await.is_empty());
    assert_eq!(requests(portal).await.len(), count);
}

async fn a_complaint_about_a_parcel_is_no_returned_mail(portal: &TestPortal) {
    portal.customer(MIRA).await;
    let to = "news@in.northwind.example";
    let subjects =
        ["Delivery failure", "Failure notice: order 7", "Returned mail", "Undeliverable"];
    for (at, subject) in subjects.iter().enumerate() {
        let raw = with_fields(to, "", subject, "My parcel never came.");
        assert_eq!(hands_over(portal, &raw).await, Outcome::Filed, "{subject}");
        assert_eq!(requests(portal).await.len(), at + 1);
        let returned = with_fields(to, "Return-Path: <>\r\n", subject, "It never came.");
        assert_eq!(hands_over(portal, &returned).await, Outcome::Ignored, "{subject}");
        let daemon = with_fields(to, "X-A: b\r\n", subject, "It never came.");
        let daemon = daemon.replace(MIRA, "MAILER-DAEMON@mx.example.com");
        assert_eq!(hands_over(portal, &daemon).await, Outcome::Ignored, "{subject}");
    }
}

/// The Message-ID of what the reports of the folder enclose.
const ENCLOSED: &str = "20260614.offers@northwind.example";

/// Sends somebody a letter; gives its Message-ID.
async fn letter_to(portal: &TestPortal, email: &str) -> String {
    portal.browser().asks_for_a_code(Some(email)).await;
    format!("{}@northwind.example", portal.mailbox.reads().id)
}

async fn a_report_counts_where_it_encloses_our_own_letter_to_that_address(portal: &TestPortal) {
    portal.customer(MIRA).await;
    portal.customer("other@example.com").await;
    let (mira, other) =
        (letter_to(portal, MIRA).await, letter_to(portal, "other@example.com").await);
    let count = std::cell::Cell::new(0);
    let reports = async |enclosed: &str, kind: &str| {
        count.set(count.get() + 1);
        let raw = mail!("postfix_bounce").replace(ENCLOSED, enclosed);
        let raw = raw.replace("message/rfc822", kind);
        hands_over(portal, &raw.replace("092501", &count.get().to_string())).await
    };
    let forged = "019778a0-0000-7000-8000-000000000000@northwind.example";
    for enclosed in [ENCLOSED, forged, &other] {
        assert_eq!(reports(enclosed, "message/rfc822").await, Outcome::Ignored, "{enclosed}");
    }
    for kind in ["message/rfc822", "text/rfc822-headers", "message/global-headers"] {
        assert_eq!(reports(&mira, kind).await, Outcome::Bounced, "{kind}");
    }
    portal.clock.moves(31 * domain::moment::DAY);
    assert_eq!(reports(&mira, "message/rfc822").await, Outcome::Ignored, "long ago");
}

async fn returned_mail_marks_the_address_and_nothing_else(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    portal.customer("other@example.com").await;
    let returned = mail!("postfix_bounce").replace(ENCLOSED, &letter_to(portal, MIRA).await);
    assert_eq!(hands_over(portal, &returned).await, Outcome::Bounced);
    let bounced = async |email: &str| {
        let handle = portal.service.handle(&contact(email));
        let digests: Vec<_> = handle.digests.into_iter().map(|(_, digest)| digest).collect();
        portal.store().find_bounce(&digests).await.unwrap()
    };
    assert!(bounced(MIRA).await.is_some());
    assert!(bounced("other@example.com").await.is_none());
    assert!(portal.entries_of(&mira).await.is_empty());
}

async fn a_tag_in_the_return_address_says_whose_mail_came_back(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let raw = mail!("forwarded_bounce");
    assert_eq!(hands_over(portal, raw).await, Outcome::Ignored, "nobody is known by that address");
    let tagged = bounces().tagged(&mira.token).unwrap();
    let raw = raw.replace("TAGGED@in.northwind.example", &tagged).replace("092801", "092802");
    assert_eq!(hands_over(portal, &raw).await, Outcome::Bounced);
}

fn bounces() -> Mailbox {
    "bounces@in.northwind.example".parse().unwrap()
}

fn contact(email: &str) -> domain::contact::Contact {
    domain::contact::Contact::Email(email.parse::<Email>().unwrap())
}

async fn what_is_unclear_is_a_request_with_its_words_under_seal(portal: &TestPortal) {
    let newcomer = Newcomer { email: Some(MIRA), language: Some("de"), ..Newcomer::default() };
    let mira = portal.knows(newcomer).await;
    assert_eq!(hands_over(portal, mail!("question")).await, Outcome::Filed);
    assert!(portal.ledger().await.is_empty());
    let rows = requests(portal).await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.nature, row.person_id), (Nature::Unclear, Some(mira.person.0)));
    assert_eq!(row.language, Language::German);
    assert!(row.due_at > row.received_at);
    let filed = open_text(&portal.service.vault, row.sealed.as_deref().unwrap()).unwrap();
    assert_eq!(filed.from, MIRA);
    assert!(filed.text.contains("what do you know about me"));
    let dump = portal.place.dump().await;
    assert!(!crate::support::place::holds(&dump, b"what do you know"), "sealed at rest");
}

async fn asking_for_mail_again_turns_nothing_on(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    hands_over(portal, mail!("apple_reply")).await;
    assert_eq!(hands_over(portal, mail!("start")).await, Outcome::Filed);
    assert_eq!(requests(portal).await[0].nature, Nature::OptIn);
    assert_eq!(portal.entries_of(&mira).await.len(), 1, "the opt-out stands");
}

async fn a_mail_clients_own_unsubscribe_reaches_the_one_message(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let address = doors().mailbox.unwrap().tagged(&mira.token).unwrap();
    // Some servers change the case of what stands before the @.
    let raw = mail!("mailto").replace("TAGGED", &address.to_uppercase());
    // Whoever sends it: the address is the authority, as a link is.
    let raw = raw.replace(MIRA, "forwarder@elsewhere.example");
    assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut);
    let entries = portal.entries_of(&mira).await;
    assert_eq!(entries[0].entry.target.to_string(), "message:offers/email");
    assert_eq!(portal.ledger().await.len(), 1, "the sender is not opted out");
    assert!(requests(portal).await.is_empty());
}

async fn what_is_said_beside_an_unsubscribe_is_not_lost(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let address = doors().mailbox.unwrap().tagged(&mira.token).unwrap();
    let raw = format!(
        "From: {MIRA}\r\nTo: {address}\r\nSubject: Hello\r\nMessage-ID: <beside.1@example.com>\r\n\
         \r\nAnd please delete my account.\r\n"
    );
    assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut);
    assert_eq!(portal.entries_of(&mira).await.len(), 1);
    assert_eq!(requests(portal).await.len(), 1);
}

async fn the_same_message_twice_is_one_event(portal: &TestPortal) {
    portal.customer(MIRA).await;
    for raw in [mail!("apple_reply"), mail!("question"), mail!("postfix_bounce")] {
        assert_ne!(hands_over(portal, raw).await, Outcome::Repeated);
        assert_eq!(hands_over(portal, raw).await, Outcome::Repeated);
        // It came another way, with other traces.
        let again =
            format!("Received: from elsewhere by mx2; Mon, 15 Jun 2026 10:00 +0000\r\n{raw}");
        assert_eq!(hands_over(portal, &again).await, Outcome::Repeated);
    }
    assert_eq!(portal.ledger().await.len(), 1);
    assert_eq!(requests(portal).await.len(), 1);
}

async fn somebody_unknown_opts_out_as_on_the_page(portal: &TestPortal) {
    assert_eq!(hands_over(portal, mail!("apple_reply")).await, Outcome::OptedOut);
    let made = targets(portal).await;
    assert_eq!(made[0].0, "channel:email");
}

async fn an_unknown_tag_falls_back_on_the_sender(portal: &TestPortal) {
    let mira = portal.customer(MIRA).await;
    let raw = mail!("mailto")
        .replace("TAGGED", "unsubscribe+00000000000000000000000000000000@in.northwind.example");
    assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut);
    assert_eq!(portal.entries_of(&mira).await.len(), 1);
}

async fn an_outage_makes_the_server_try_again_and_loses_nothing(portal: &TestPortal) {
    portal.customer(MIRA).await;
    portal.breaks().await;
    let raw = mail!("apple_reply").as_bytes();
    let kept = receive(&portal.service, &doors(), raw, &Envelope::default()).await;
    assert!(kept.is_err());
}

async fn requests_are_closed_whole_and_kept_for_two_years(portal: &TestPortal) {
    use domain::moment::DAY;
    use domain::request::{Basis, Response};
    use server::inbound::forget_old;
    use server::ports::Clock;
    use server::store::Closing;
    portal.customer(MIRA).await;
    hands_over(portal, mail!("question")).await;
    hands_over(portal, mail!("start")).await;
    let row = requests(portal).await.remove(0);
    let closing = |response, denial_basis| Closing {
        nature: Nature::Access,
        response,
        denial_basis,
        responded_at: portal.clock.now().0,
    };
    let store = portal.store();
    let lacking = store.record_closing(&row.reference, &closing(Response::Denied, None)).await;
    assert!(lacking.is_err(), "the schema itself refuses");
    let whole = closing(Response::Denied, Some(Basis::Unverified));
    assert!(store.record_closing(&row.reference, &whole).await.unwrap());
    assert!(!store.record_closing(&row.reference, &whole).await.unwrap(), "closed once");
    let found = store.find_request(&row.reference).await.unwrap().unwrap();
    assert_eq!((found.state, found.denial_basis), (State::Closed, Some(Basis::Unverified)));
    portal.clock.moves(700 * DAY);
    assert_eq!(forget_old(&portal.service).await.unwrap(), 0, "23 months");
    portal.clock.moves(40 * DAY);
    assert_eq!(forget_old(&portal.service).await.unwrap(), 3, "a request and two arrivals");
    assert!(store.find_request(&row.reference).await.unwrap().is_none());
    assert_eq!(requests(portal).await.len(), 1, "what is open stays");
    let open = store.count_open_requests(portal.clock.now().0).await.unwrap();
    assert_eq!((open[0].all, open[0].overdue), (1, 1));
}

on_both_engines!(
    replies_of_six_mail_programs_opt_out,
    machines_are_not_people,
    what_a_list_hands_on_to_a_person_s_own_address_opts_out,
    what_a_list_hands_on_without_a_tag_is_a_request,
    a_complaint_about_a_parcel_is_no_returned_mail,
    a_report_counts_where_it_encloses_our_own_letter_to_that_address,
    returned_mail_marks_the_address_and_nothing_else,
    a_tag_in_the_return_address_says_whose_mail_came_back,
    what_is_unclear_is_a_request_with_its_words_under_seal,
    asking_for_mail_again_turns_nothing_on,
    a_mail_clients_own_unsubscribe_reaches_the_one_message,
    what_is_said_beside_an_unsubscribe_is_not_lost,
    the_same_message_twice_is_one_event,
    somebody_unknown_opts_out_as_on_the_page,
    an_unknown_tag_falls_back_on_the_sender,
    an_outage_makes_the_server_try_again_and_loses_nothing,
    requests_are_closed_whole_and_kept_for_two_years,
);

#[test]
fn tags_survive_a_change_of_case_and_name_one_token() {
    let mailbox: Mailbox = "Unsubscribe@In.Northwind.example".parse().unwrap();
    let token = "AAECAwQFBgcICQoLDA0ODw";
    let address = mailbox.tagged(token).unwrap();
    assert!(address.split('@').next().unwrap().len() <= 64);
    for written in [address.clone(), address.to_uppercase(), address.replace('+', "-")] {
        assert_eq!(token_of(&written).as_deref(), Some(token), "{written}");
        assert!(mailbox.receives(&written));
    }
    for other in ["unsubscribe@elsewhere.example", "un@in.northwind.example", "", "@", "é@x"] {
        assert!(!mailbox.receives(other), "{other}");
        assert_eq!(token_of(other), None);
    }
    assert_eq!(mailbox.tagged("no token"), None);
    for bad in ["", "a+b@example.com", "no address", &format!("{}@example.com", "a".repeat(32))] {
        assert!(bad.parse::<Mailbox>().is_err(), "{bad}");
    }
    let offers = message_of("unsubscribe offers/email");
    assert_eq!(offers, Some("message:offers/email".parse::<Target>().unwrap()));
    for other in
        ["unsubscribe", "unsubscribe offers/email now", "offers/email", "unsubscribe a,b/email"]
    {
        assert_eq!(message_of(other), None);
    }
}
