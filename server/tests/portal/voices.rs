//! What a browser or an agent said for a customer: page, gate and receipt agree.

use app::routes;
use domain::contact::IdentifierKind;
use domain::{Reason, Source};
use server::gate::Subject;

use crate::receipts::{receipt, verifies};
use crate::support::{TestPortal, on_both_engines};

on_both_engines!(a_no_by_signal_or_agent_is_on_the_page_in_the_gate_and_has_its_receipt);

const AD: &str = "share:advertising/adlane";

async fn a_no_by_signal_or_agent_is_on_the_page_in_the_gate_and_has_its_receipt(
    portal: &TestPortal,
) {
    for (email, source, reason) in [
        ("mira@example.com", Source::PreferenceSignal, Reason::PreferenceSignal),
        ("sam@example.com", Source::Agent, Reason::OptedOut),
    ] {
        let customer = portal.customer(email).await;
        let mut browser = portal.browser();
        if source == Source::Agent {
            let agent = portal.known_agent(0).await;
            agent.exercises(&agent.request(portal, "sale:opt-out", email)).await;
            browser.opens_link(&customer).await;
        } else {
            browser = browser.asking(&["1"]);
            browser.opens_link(&customer).await;
        }
        let page = browser.opens(routes::CHOICES).await;
        assert!(!page.is_on(AD), "{source:?}");
        let subject = Subject::read(IdentifierKind::Email, email, "GB").unwrap();
        let verdict = portal.service.decide(&subject, &AD.parse().unwrap()).await.unwrap();
        assert_eq!((verdict.decision.allowed, verdict.decision.reason), (false, reason));
        let entries = portal.entries_of(&customer).await;
        assert!(!entries.is_empty());
        verifies(portal, &mut browser).await;
        for choice in entries {
            let place = choice.position.0.to_string();
            let document = receipt(portal, &mut browser, &place).await;
            assert_eq!(document["record"]["source"], source.as_str());
            assert_eq!(document["record"]["target"], choice.entry.target.to_string());
        }
    }
}
