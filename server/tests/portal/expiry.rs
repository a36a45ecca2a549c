//! A yes lasts for the days that the register gives it and no longer: on the page, at the gate and
//! in bulk.

use axum::body::Body;
use axum::http::{Request, header};
use domain::contact::IdentifierKind;
use domain::moment::DAY;
use domain::{Reason, Target};
use serde_json::{Value, json};
use server::api::paths;
use server::api::scope::Scope;
use server::gate::Subject;

use crate::support::client::Client;
use crate::support::{Customer, TestPortal, on_both_engines};

on_both_engines![a_yes_ends_after_the_days_of_the_register_everywhere];

/// Switches of the example with the `valid_days` of their channel.
const DAYS: [(&str, i64); 3] =
    [("message:offers/phone", 365), ("message:offers/text", 730), ("message:trips/email", 1_095)];

/// Somebody who is asked about, and what.
struct Asked<'a> {
    email: &'a str,
    customer: &'a Customer,
    target: &'a str,
}

impl Asked<'_> {
    async fn is_told(
        &self,
        portal: &TestPortal,
        client: &Client,
        (allowed, reason): (bool, Reason),
    ) {
        let Self { email, customer, target } = *self;
        let page = portal.browser().opens_link(customer).await;
        assert_eq!(page.is_on(target), allowed, "{target}");
        let subject = Subject::read(IdentifierKind::Email, email, "GB").unwrap();
        let parsed: Target = target.parse().unwrap();
        let decision = portal.service.decide(&subject, &parsed).await.unwrap().decision;
        assert_eq!((decision.allowed, decision.reason), (allowed, reason), "{target}");
        let line = json!({ "person": { "email": email }, "target": target }).to_string();
        let request = Request::post(paths::DECISIONS_BULK);
        let request = request.header(header::CONTENT_TYPE, "application/x-ndjson");
        let told = client.sends(request.body(Body::from(line)).unwrap()).await.text();
        let told: Value = serde_json::from_str(&told).unwrap();
        let word = if allowed { "allow" } else { "deny" };
        assert_eq!((&told["decision"], &told["reason"]), (&json!(word), &json!(reason.as_str())));
    }
}

async fn a_yes_ends_after_the_days_of_the_register_everywhere(portal: &TestPortal) {
    let client = portal.client(&[Scope::Choices, Scope::Decide]).await;
    for (target, days) in DAYS {
        let email = format!("c{days}@example.com");
        let customer = portal.customer(&email).await;
        let asked = Asked { email: &email, customer: &customer, target };
        asked.is_told(portal, &client, (false, Reason::NeverOptedIn)).await;
        let yes = json!({ "person": { "email": email }, "target": target, "act": "opt_in" });
        assert_eq!(client.posts(paths::CHOICES, &yes).await.status, 200);
        portal.clock.moves((days - 1) * DAY);
        asked.is_told(portal, &client, (true, Reason::OptedIn)).await;
        portal.clock.moves(DAY - 1);
        asked.is_told(portal, &client, (true, Reason::OptedIn)).await;
        portal.clock.moves(1);
        asked.is_told(portal, &client, (false, Reason::ConsentExpired)).await;
        // As well from memory as from the database.
        portal.is_indexed().await;
        asked.is_told(portal, &client, (false, Reason::ConsentExpired)).await;
    }
}
