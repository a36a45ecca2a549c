//! A portal whose mail service is a real HTTP server in the test's hand.

use std::sync::Arc;
use std::time::Duration;

use server::notices::publish;
use server::ports::Clock;
use server::store::{DeliveryFilter, DeliveryRow};
use server::tell::{HttpPost, Teller, new_secret};

use super::portal::CATALOGUE;
use super::receiver::Receiver;
use super::{Customer, TestPortal};

const MAILER: &str = "https://hooks.mailer.example/sayso";

/// A portal whose mail service is a receiver, with what tells it.
pub struct Scene {
    pub receiver: Receiver,
    pub teller: Teller,
    pub secret: String,
}

/// A portal with the example's register.
pub async fn scene(portal: &TestPortal) -> Scene {
    scene_with(portal, CATALOGUE).await
}

/// Publishes a register whose mail service is at a receiver.
pub async fn leads_to(portal: &TestPortal, catalogue: &str, receiver: &Receiver) {
    let source = catalogue.replace(MAILER, &receiver.url);
    publish(portal.store(), &source, portal.clock.now()).await.unwrap();
    portal.service.notices.refresh().await.unwrap();
}

/// A portal with a register.
pub async fn scene_with(portal: &TestPortal, catalogue: &str) -> Scene {
    let receiver = Receiver::opens().await;
    leads_to(portal, catalogue, &receiver).await;
    let secret = gives_secret(portal, false).await;
    Scene { receiver, teller: teller(portal, "127.0.0.0/8"), secret }
}

/// What tells, with networks it may reach beside the public ones.
pub fn teller(portal: &TestPortal, networks: &str) -> Teller {
    let post = HttpPost::new(networks.parse().unwrap(), Duration::from_millis(700));
    let drops = std::env::temp_dir().join("sayso-no-drops");
    Teller::new(Arc::clone(&portal.service), Arc::new(post), drops)
}

/// Makes the mail service's secret, or replaces it.
pub async fn gives_secret(portal: &TestPortal, rotate: bool) -> String {
    let random = portal.random.as_ref();
    let (secret, sealed) = new_secret("mailer", &portal.service.vault, random);
    let now = portal.clock.now().0;
    assert!(portal.store().record_secret("mailer", &sealed, rotate, now).await.unwrap());
    secret
}

/// The mail service's deliveries.
pub async fn deliveries(portal: &TestPortal) -> Vec<DeliveryRow> {
    let filter = DeliveryFilter { system: Some("mailer".into()), ..DeliveryFilter::default() };
    portal.store().list_deliveries(&filter, (0, ""), 1_000).await.unwrap()
}

/// The mail service's only delivery.
pub async fn only(portal: &TestPortal) -> DeliveryRow {
    let mut rows = deliveries(portal).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

/// Somebody follows their link and turns off an email.
pub async fn opts_out(portal: &TestPortal, customer: &Customer) {
    let mut browser = portal.browser();
    browser.opens_link(customer).await;
    browser.turns_off("message:offers/email").await;
}
