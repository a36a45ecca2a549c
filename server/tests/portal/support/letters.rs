//! Letters: codes that are printed, typed and guessed.

use std::sync::Arc;

use app::routes;
use axum::body::Body;
use axum::http::{Request, header};
use domain::{PersonId, ShortCode};
use server::cli::Premises;
use server::keys::Keys;
use server::ports::Random;
use server::vault::Vault;

use super::ports::SeededRandom;
use super::{Answer, Browser, TestPortal};

/// The portal's installation as commands see it.
pub fn premises(portal: &TestPortal) -> Premises {
    Premises {
        store: portal.store().clone(),
        // The seed that the portal's own keys came from.
        vault: Vault::new(&Keys::generate(&SeededRandom::new(7))),
        clock: portal.clock.clone(),
        random: Arc::clone(&portal.service.random),
    }
}

/// A new code in somebody's letter.
pub async fn prints(portal: &TestPortal, person: PersonId) -> ShortCode {
    let codes = server::letters::mint(&premises(portal), &[person.0], "spring").await;
    codes.expect("codes are made")[0]
}

/// A code that is in nobody's letter.
pub fn other(portal: &TestPortal) -> ShortCode {
    ShortCode::draw(|| {
        let mut byte = [0];
        portal.random.fill(&mut byte);
        byte[0]
    })
}

/// Types a code behind a proxy that says from where.
pub async fn from(browser: &mut Browser, address: &str, code: &ShortCode) -> Answer {
    let request = Request::post(routes::ENTER)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::FORWARDED, address)
        .body(Body::from(format!("code={}", code.as_str())));
    browser.sends(request.expect("a request")).await
}
