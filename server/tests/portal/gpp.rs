//! What somebody chose as a string of the Global Privacy Platform (N-01), read by a decoder that
//! is not ours.

use std::str::FromStr;

use app::routes;
use iab_gpp::sections::us_common::{Notice, OptOut};
use iab_gpp::sections::usnat::Core;
use iab_gpp::sections::{Section, SectionId};
use iab_gpp::v1::GPPString;
use server::api::paths;
use server::api::scope::Scope;

use crate::support::{TestPortal, on_sqlite};

on_sqlite!(the_string_says_what_the_gate_says, a_no_to_one_of_what_is_sold_is_an_opt_out,);

/// Sale, sharing and targeted advertising, their notices, and the signal.
fn decode(text: &str) -> ([OptOut; 3], [Notice; 4], bool, Option<bool>) {
    let string = GPPString::from_str(text).unwrap();
    let Section::UsNat(section) = string.decode_section(SectionId::UsNat).unwrap() else {
        panic!("another section");
    };
    let Core::V2(core) = section.core else { panic!("another version") };
    (
        [core.sale_opt_out, core.sharing_opt_out, core.targeted_advertising_opt_out],
        [
            core.sharing_notice,
            core.sale_opt_out_notice,
            core.sharing_opt_out_notice,
            core.targeted_advertising_opt_out_notice,
        ],
        core.mspa_covered_transaction,
        section.gpc,
    )
}

#[test]
fn the_decoder_reads_a_string_of_a_signatory_as_the_specification_has_it() {
    let told = [Notice::Provided, Notice::Provided, Notice::Provided, Notice::Provided];
    let read = decode("DBABLA~CVVVkkkkkpFY.YA");
    assert_eq!(read, (opted(|| OptOut::OptedOut), told, true, Some(true)));
}

fn opted(how: fn() -> OptOut) -> [OptOut; 3] {
    [how(), how(), how()]
}

async fn the_string_says_what_the_gate_says(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let system = portal.client(&[Scope::Decide]).await;
    let path = format!("{}?email=mira@example.com", paths::GPP);
    let ask = async || {
        let answer = system.gets(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!(json["sections"], serde_json::json!([7]));
        json["gpp"].as_str().unwrap().to_owned()
    };
    let told = || [Notice::Provided, Notice::Provided, Notice::Provided, Notice::Provided];
    let open = decode(&ask().await);
    assert_eq!(open, (opted(|| OptOut::DidNotOptOut), told(), false, Some(false)));
    let mut browser = portal.browser().asking(&["1"]);
    browser.opens_link(&mira).await;
    let text = ask().await;
    assert_eq!(decode(&text), (opted(|| OptOut::OptedOut), told(), false, Some(true)));
    assert_eq!(text, "DBABLA~CVQVAAAAAACA.YA");
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await;
    browser.opens(routes::RECORD).await.sees(&text);
    let record = browser.asks(axum::http::Method::GET, routes::RECORD_JSON).await;
    assert!(record.text().contains(&text));
}

async fn a_no_to_one_of_what_is_sold_is_an_opt_out(portal: &TestPortal) {
    let system = portal.client(&[Scope::Decide]).await;
    let ask = async |email: &str| {
        let answer = system.gets(&format!("{}?email={email}", paths::GPP)).await;
        decode(answer.json()["gpp"].as_str().unwrap()).0
    };
    let opt_outs = |advertising: fn() -> OptOut| [OptOut::OptedOut, advertising(), advertising()];
    for (email, target, advertising) in [
        ("mira@example.com", "share:advertising/adlane", (|| OptOut::OptedOut) as fn() -> OptOut),
        ("omar@example.com", "share:advertising/reachwell", || OptOut::OptedOut),
        ("lena@example.com", "share:postal-partners/lettermoor", || OptOut::DidNotOptOut),
    ] {
        let customer = portal.customer(email).await;
        let mut browser = portal.browser();
        browser.opens_link(&customer).await;
        browser.turns_off(target).await;
        assert_eq!(ask(email).await, opt_outs(advertising), "{target}");
    }
}
