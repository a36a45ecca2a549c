//! What must stay out of the database, the logs and the error pages.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use app::routes;
use axum::http::{Method, StatusCode};
use server::api::paths;
use server::api::scope::Scope;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::support::letters::prints;
use crate::support::place::holds;
use crate::support::{Answer, Newcomer, TestPortal, on_both_engines};

on_both_engines![
    a_stolen_database_gives_no_address_number_or_link_away,
    logs_and_error_pages_hold_no_address_number_link_or_code,
    the_number_on_an_error_page_is_the_one_in_the_log,
    a_clients_failed_request_is_one_line_of_the_log_with_its_number_and_why,
];

/// Everything logged, at every level, while a test listens.
struct Tap;

static LISTENING: AtomicBool = AtomicBool::new(false);
static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

impl io::Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Tap {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// Listens from now on. All threads are heard, those of the database drivers too; so a test looks
/// only for what no other test says.
fn listens() {
    let heard = fmt::layer().with_writer(|| Tap).with_ansi(false);
    let while_listening = dynamic_filter_fn(|_, _| LISTENING.load(Ordering::Relaxed));
    drop(tracing_subscriber::registry().with(heard.with_filter(while_listening)).try_init());
    LISTENING.store(true, Ordering::Relaxed);
}

fn heard() -> String {
    String::from_utf8_lossy(&HEARD.lock().expect("whole")).into_owned()
}

const EMAIL: &str = "canary.bird+7@example.com";
const STRANGER: &str = "canary.stranger@example.org";
const PHONE: &str = "+44 20 7946 0991";
const TYPED: &str = "canary typed this";

/// What nobody may read afterwards: addresses and numbers in every form they took.
fn canaries() -> Vec<String> {
    let plain = ["canary.bird", "canary.stranger", "2079460991", "7946 0991", "7946+0991", TYPED];
    let encoded = ["canary.bird%2B7%40", "canary+typed"];
    plain.iter().chain(&encoded).map(|text| (*text).to_owned()).collect()
}

/// Somebody does everything that a visitor can do, and everything wrong. Gives back what must not
/// be found, and the answers that were errors.
async fn lives(portal: &TestPortal) -> (Vec<String>, Vec<Answer>) {
    let newcomer = Newcomer { email: Some(EMAIL), phone: Some(PHONE), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let mut secrets = canaries();
    secrets.push(customer.token.clone());
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    secrets.push(browser.session().to_owned());
    browser.turns_off("message:offers/email").await;
    browser.undoes().await;
    browser.asks_on("message:trips/email").await;
    browser.asks_for_a_code(None).await;
    let code = portal.mailbox.reads_code();
    let confirm = browser.enters_code(&code).await;
    secrets.push(code);
    browser.submits(confirm.form(routes::DO_CONFIRM)).await;
    browser.opens(routes::RECORD).await;
    let printed = prints(portal, customer.person).await;
    for typed in [printed.as_str().to_owned(), printed.to_string(), format!("{printed}7")] {
        portal.browser().posts(routes::ENTER, &[("code", &typed)]).await;
        portal.browser().asks(Method::GET, &routes::go(&typed)).await;
    }
    secrets.extend([printed.as_str().to_owned(), printed.to_string()]);
    secrets.push(browser.session().to_owned());
    let mut stranger = portal.browser();
    for contact in [EMAIL, STRANGER, PHONE] {
        stranger.opts_out_by_form(contact, "everything").await;
        stranger.undoes().await;
        stranger.posts(routes::SEND_CODE, &[("contact", contact)]).await;
        secrets.push(stranger.session().to_owned());
    }
    while portal.mailbox.unread() > 0 {
        secrets.push(portal.mailbox.reads_code());
    }
    stranger.opts_out_by_form(TYPED, "everything").await;
    let mut errors = Vec::new();
    let token = &customer.token;
    for path in [
        format!("//c/{token}"),
        format!("/c/{token}/"),
        format!("/C/{token}"),
        format!("/c/{token}/more"),
        format!("/choices/{token}"),
        format!("/do/{token}"),
        format!("/u/{token}"),
        format!("/people/{EMAIL}"),
        format!("/assets/{token}"),
    ] {
        errors.push(browser.asks(Method::GET, &path).await);
        errors.push(browser.posts(&path, &[("contact", EMAIL)]).await);
    }
    for query in [format!("/choices?email={EMAIL}"), format!("/nowhere?token={token}")] {
        browser.asks(Method::GET, &query).await;
    }
    errors.push(browser.posts(&format!("/u/{token}/horoscopes/email"), &[("a", EMAIL)]).await);
    browser.posts_raw(routes::OPT_OUT, format!("contact={EMAIL}%FF").into()).await;
    errors.push(browser.posts_raw(routes::OPT_OUT, EMAIL.repeat(40_000).into()).await);
    (secrets, errors)
}

async fn a_stolen_database_gives_no_address_number_or_link_away(portal: &TestPortal) {
    let (secrets, _) = lives(portal).await;
    let dump = portal.place.dump().await;
    assert!(holds(&dump, b"message:trips/email"), "the dump is a dump");
    for secret in secrets {
        assert!(!holds(&dump, secret.as_bytes()), "L-11, R-08: the database holds {secret}");
    }
}

async fn logs_and_error_pages_hold_no_address_number_link_or_code(portal: &TestPortal) {
    listens();
    let (secrets, errors) = lives(portal).await;
    for answer in &errors {
        assert!(answer.status.is_client_error(), "{}", answer.status);
        for secret in &secrets {
            assert!(!holds(&answer.body, secret.as_bytes()), "L-17: an error page holds {secret}");
        }
    }
    let heard = heard();
    assert!(heard.contains("answered") && heard.contains("insert into"), "everything was heard");
    for secret in secrets {
        let line = heard.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "L-17: the log holds {secret}");
    }
}

async fn the_number_on_an_error_page_is_the_one_in_the_log(portal: &TestPortal) {
    listens();
    let page = portal.browser().opens("/nowhere").await;
    let number = page.all("bdi").find_map(|bdi| bdi.text.strip_prefix("Number ")).unwrap();
    assert_eq!(number.len(), 12);
    assert!(heard().lines().any(|line| line.contains(number) && line.contains("404")));
}

async fn a_clients_failed_request_is_one_line_of_the_log_with_its_number_and_why(
    portal: &TestPortal,
) {
    let client = portal.client(&[Scope::Why]).await;
    client.gets(paths::KEY).await;
    listens();
    portal.breaks().await;
    let failed = client.gets("/api/v1/why?email=mira@example.com&target=marketing").await;
    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    let number = failed.header("x-request-id").to_owned();
    let heard = heard();
    let lines: Vec<&str> =
        heard.lines().filter(|line| line.contains(&number) && line.contains("ERROR")).collect();
    // On the other engine the same number is drawn.
    assert!((1..=2).contains(&lines.len()), "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("status=503 error=\"the database")), "{lines:?}");
}
