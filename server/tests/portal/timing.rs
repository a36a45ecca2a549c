//! How long an answer takes says nothing either (L-19).

use std::time::{Duration, Instant};

use app::routes;
use domain::outbox::Kind;

use crate::support::{TestPortal, on_sqlite};

on_sqlite![known_and_unknown_take_the_same_time];

const SAMPLES: usize = 200;

#[expect(clippy::disallowed_methods, reason = "this measures real time")]
async fn takes(portal: &TestPortal, action: &str, contact: &str) -> Duration {
    let mut browser = portal.browser_alone();
    let begun = Instant::now();
    let answer = browser.posts(action, &[("contact", contact), ("what", "everything")]).await;
    let taken = begun.elapsed();
    assert_eq!(answer.status, 303);
    taken
}

fn median(mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    samples[samples.len() / 2].as_secs_f64()
}

async fn known_and_unknown_take_the_same_time(portal: &TestPortal) {
    for number in 0..SAMPLES {
        portal.customer(&format!("known{number}@example.com")).await;
    }
    for (action, stranger) in [(routes::OPT_OUT, "other"), (routes::SEND_CODE, "never")] {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for number in 0..SAMPLES {
            // One after the other, so that whatever else the machine does slows both alike.
            known.push(takes(portal, action, &format!("known{number}@example.com")).await);
            let contact = format!("{stranger}{number}@example.com");
            unknown.push(takes(portal, action, &contact).await);
        }
        let (known, unknown) = (median(known), median(unknown));
        let ratio = (known / unknown).max(unknown / known);
        assert!(ratio < 1.5, "{action}: {known} s and {unknown} s");
    }
    assert_eq!(portal.postman.post(Kind::Code).await.unwrap(), SAMPLES);
    while portal.mailbox.unread() > 0 {
        portal.mailbox.reads();
    }
}
