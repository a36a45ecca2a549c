//! A system's own list against what people chose: a broken promise is an incident with evidence.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::contact::IdentifierKind;
use domain::moment::HOUR;
use serde_json::{Value, json};
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::store::DeliveryFilter;
use server::vault::system_digest;

use crate::support::client::Client;
use crate::support::{Answer, Key, TestPortal, on_both_engines};

on_both_engines![
    everybody_on_the_list_who_had_said_no_is_found_with_evidence,
    a_list_for_many_things_breaks_only_when_none_is_allowed,
    a_wide_list_is_read_to_its_last_column_or_refused,
    lines_that_name_nobody_and_strangers_are_counted,
    a_list_of_thousands_is_read_in_parts_and_every_incident_is_stored,
    a_client_that_speaks_for_a_system_checks_only_that,
    what_can_t_be_read_is_a_problem_and_is_not_repeated,
    a_list_of_the_systems_own_hashes_is_checked_like_one_of_addresses,
    what_a_check_found_is_read_back_page_by_page,
    nobody_reads_back_what_another_system_was_checked_for,
];

const OFFERS: &str = "system=mailer&target=message:offers/email";

async fn checks(client: &Client, query: &str, list: impl Into<Body>) -> Answer {
    let request = Request::post(format!("{}?{query}", paths::RECONCILIATIONS));
    let request = request.header(header::CONTENT_TYPE, "text/csv; charset=utf-8");
    client.sends(request.body(list.into()).unwrap()).await
}

async fn client(portal: &TestPortal) -> Client {
    portal.client(&[Scope::Reconcile, Scope::Choices, Scope::People]).await
}

async fn opts_out(client: &Client, email: &str, target: &str) {
    let body = json!({ "person": { "email": email }, "target": target, "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &body).await.status, 200);
}

fn lines(answer: &Value) -> Vec<i64> {
    let incidents = answer["incidents"].as_array().unwrap();
    incidents.iter().map(|incident| incident["line"].as_i64().unwrap()).collect()
}

async fn everybody_on_the_list_who_had_said_no_is_found_with_evidence(portal: &TestPortal) {
    let client = client(portal).await;
    for email in ["good@example.com", "paused@example.com"] {
        portal.customer(email).await;
    }
    opts_out(&client, "one@example.com", "message:offers/email").await;
    opts_out(&client, "all@example.com", "everything").await;
    opts_out(&client, "other@example.com", "message:care/email").await;
    let pause = json!({ "person": { "email": "paused@example.com" }, "target": "marketing",
                        "act": "pause", "days": 30 });
    assert_eq!(client.posts(paths::CHOICES, &pause).await.status, 200);
    portal.clock.moves(HOUR);
    let first = DeliveryFilter { to: Some(1), ..DeliveryFilter::default() };
    let now = domain::Moment(server::ports::Clock::now(portal.clock.as_ref()).0);
    portal.store().record_acknowledged(&first, now.0).await.unwrap();
    let list = "Name,EMAIL\r\nx,good@example.com\nx,One@Example.com\nx,all@example.com\n\
                x,other@example.com\nx,paused@example.com\n";
    let answer = checks(&client, OFFERS, list).await.json();
    assert_eq!(answer["lines"], 5);
    assert_eq!(answer["broken"], 3);
    assert_eq!(lines(&answer), [3, 4, 6]);
    let [one, all, paused] = [0, 1, 2].map(|place| answer["incidents"][place].clone());
    assert_eq!(one["reason"], "opted_out");
    assert_eq!(one["target"], "message:offers/email");
    assert_eq!(
        (one["position"].as_i64(), one["delivery"].as_str()),
        (Some(1), Some("acknowledged"))
    );
    assert_eq!(one["since"], "2026-06-15T09:30:00.000Z");
    assert_eq!(one["acknowledged_at"], "2026-06-15T10:30:00.000Z");
    assert_eq!((all["position"].as_i64(), all["delivery"].as_str()), (Some(2), Some("queued")));
    assert_eq!(paused["reason"], "paused");
    let text = answer.to_string();
    assert!(!text.contains("example.com"), "A-08: nobody is named");
}

async fn a_list_for_many_things_breaks_only_when_none_is_allowed(portal: &TestPortal) {
    let client = client(portal).await;
    portal.customer("mira@example.com").await;
    opts_out(&client, "mira@example.com", "topic:offers").await;
    let list = "email\nmira@example.com\n";
    assert_eq!(checks(&client, "system=mailer", list).await.json()["broken"], 0);
    assert_eq!(checks(&client, OFFERS, list).await.json()["broken"], 1);
    opts_out(&client, "mira@example.com", "marketing").await;
    assert_eq!(checks(&client, "system=mailer", list).await.json()["broken"], 1);
}

async fn a_wide_list_is_read_to_its_last_column_or_refused(portal: &TestPortal) {
    let client = client(portal).await;
    opts_out(&client, "mira@example.com", "everything").await;
    let wide = |more: usize| {
        let (names, cells) = ("name,".repeat(more), "x,".repeat(more));
        format!("{names}email\n{cells}mira@example.com\n{cells}mira@example.com,more\n")
    };
    for more in [100, 999] {
        assert_eq!(lines(&checks(&client, OFFERS, wide(more)).await.json()), [2, 3], "{more}");
    }
    let problem = checks(&client, OFFERS, wide(1_000)).await.is_problem(Kind::Invalid);
    assert!(problem.to_string().contains("more than 1000 columns"), "{problem}");
}

async fn lines_that_name_nobody_and_strangers_are_counted(portal: &TestPortal) {
    let client = client(portal).await;
    opts_out(&client, "mira@example.com", "everything").await;
    let number = paths::PERSON.replace("{customer_number}", "C-1");
    let person = json!({ "phone": "020 7946 0018" });
    client.sends_json(axum::http::Method::PUT, &number, &person).await.json();
    let list = "customer_number,phone,email\n,,\n,,who@example.com\n,,canary\n\
                C-1,,\n,+44 20 7946 0018,\n\n,,mira@example.com\nC-9,,mira@example.com\n";
    let answer = checks(&client, OFFERS, list).await.json();
    let counts = ["lines", "unreadable", "strangers", "broken"];
    let counts = counts.map(|name| answer[name].as_i64().unwrap());
    assert_eq!(counts, [7, 2, 1, 2]);
}

async fn a_list_of_thousands_is_read_in_parts_and_every_incident_is_stored(portal: &TestPortal) {
    let client = client(portal).await;
    for n in 0..3 {
        opts_out(&client, &format!("c{n}@example.com"), "everything").await;
    }
    let line = |n: usize| format!("c{}@example.com\n", n % 1_500);
    let list: Vec<String> = (0..3_000).map(line).collect();
    let parts = list.chunks(7).map(|part| Ok::<_, std::io::Error>(part.concat()));
    let parts: Vec<_> = std::iter::once(Ok("email\n".to_owned())).chain(parts).collect();
    let body = Body::from_stream(futures::stream::iter(parts));
    let answer = checks(&client, OFFERS, body).await.json();
    assert_eq!(lines(&answer), [2, 3, 4, 1_502, 1_503, 1_504]);
    let id = answer["id"].as_str().unwrap().parse().unwrap();
    let (tally, finished) = portal.store().find_reconciliation(id).await.unwrap().unwrap();
    assert_eq!((tally.lines, tally.broken, finished), (3_000, 6, true));
}

async fn a_list_of_the_systems_own_hashes_is_checked_like_one_of_addresses(portal: &TestPortal) {
    let client = client(portal).await;
    for email in ["mira@example.com", "ola@example.com"] {
        portal.customer(email).await;
    }
    let number = paths::PERSON.replace("{customer_number}", "C-1");
    let person = json!({ "phone": "+44 20 7946 0018" });
    client.sends_json(axum::http::Method::PUT, &number, &person).await.json();
    opts_out(&client, "mira@example.com", "everything").await;
    let body = json!({ "person": { "customer_number": "C-1" }, "target": "marketing",
                       "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &body).await.status, 200);
    let hash = |system: &str, kind, normal| {
        system_digest(&portal.service.vault.system_key(system), kind, normal)
    };
    let email = |text| hash("mailer", IdentifierKind::Email, text);
    let list = format!(
        "email_hash,phone_hash,customer_hash,email\n\
         {mira},,,\n{ola},,,\n{shouted},,,\n,{phone},,\n,,{number},\n\
         {foreign},,,\nnot-a-hash,,,\n{cut},,,\n,,,mira@example.com\n",
        mira = email("mira@example.com"),
        ola = email("ola@example.com"),
        shouted = email("mira@example.com").to_uppercase(),
        phone = hash("mailer", IdentifierKind::Phone, "+442079460018"),
        number = hash("mailer", IdentifierKind::Customer, "C-1"),
        foreign = hash("ad-platform", IdentifierKind::Email, "mira@example.com"),
        cut = &email("mira@example.com")[..63],
    );
    let answer = checks(&client, OFFERS, list).await.json();
    assert_eq!(lines(&answer), [2, 4, 5, 6, 10], "{answer}");
    let counts = ["lines", "unreadable", "strangers", "broken"];
    assert_eq!(counts.map(|name| answer[name].as_i64().unwrap()), [9, 2, 1, 5]);
}

async fn what_a_check_found_is_read_back_page_by_page(portal: &TestPortal) {
    let client = client(portal).await;
    for n in 0..5 {
        opts_out(&client, &format!("c{n}@example.com"), "everything").await;
    }
    let list = "email\nc0@example.com\nno@example.com\nc1@example.com\nc2@example.com\n\
                c3@example.com\nc4@example.com\n";
    let made = checks(&client, OFFERS, list).await.json();
    let id = made["id"].as_str().unwrap();
    portal.clock.moves(HOUR);
    checks(&client, "system=print-house", "email\nc0@example.com\n").await.json();
    let all = client.gets(paths::RECONCILIATIONS).await.json();
    let systems: Vec<_> = all["reconciliations"].as_array().unwrap().iter().collect();
    assert_eq!(systems.len(), 2);
    assert_eq!((&systems[0]["system"], &systems[1]["id"]), (&json!("print-house"), &made["id"]));
    assert_eq!(systems[1]["started_at"], "2026-06-15T09:30:00.000Z");
    assert_eq!(systems[1]["broken"], 5);
    let first = client.gets(&format!("{}?limit=1", paths::RECONCILIATIONS)).await.json();
    let after = first["next"].as_str().unwrap();
    let second = client.gets(&format!("{}?limit=5&after={after}", paths::RECONCILIATIONS)).await;
    assert_eq!(second.json()["reconciliations"][0]["id"], made["id"]);
    assert_eq!(second.json()["next"], Value::Null);
    let one = client.gets(&paths::RECONCILIATION.replace("{id}", id)).await.json();
    assert_eq!(one, *systems[1]);
    let (mut seen, mut after) = (Vec::new(), 0);
    while let Some(next) = {
        let path = paths::INCIDENTS.replace("{id}", id);
        let page = client.gets(&format!("{path}?limit=2&after={after}")).await.json();
        seen.extend(page["incidents"].as_array().unwrap().clone());
        page["next"].as_i64()
    } {
        after = next;
    }
    assert_eq!(Value::from(seen.clone()), made["incidents"], "as it was answered");
    let path = |line: &str| paths::INCIDENT.replace("{id}", id).replace("{line}", line);
    assert_eq!(client.gets(&path("4")).await.json(), seen[1]);
    client.gets(&path("3")).await.is_problem(Kind::NotFound);
    client.gets(&path("-9223372036854775808")).await.is_problem(Kind::NotFound);
    client.gets(&path("first")).await.is_problem(Kind::Malformed);
    let nobody = "00000000-0000-0000-0000-000000000000";
    let missing = client.gets(&paths::INCIDENTS.replace("{id}", nobody)).await;
    missing.is_problem(Kind::NotFound);
}

async fn nobody_reads_back_what_another_system_was_checked_for(portal: &TestPortal) {
    let all = client(portal).await;
    let list = "email\nmira@example.com\n";
    let made = checks(&all, OFFERS, list).await.json();
    let id = made["id"].as_str().unwrap();
    for (system, targets, sees) in [
        (Some("mailer"), &[][..], true),
        (Some("print-house"), &[], false),
        (None, &["topic:offers"], true),
        (None, &["sharing"], false),
    ] {
        let key = Key { scopes: &[Scope::Reconcile], targets, system };
        let other = portal.client_with(key).await;
        let listed = other.gets(paths::RECONCILIATIONS).await.json();
        assert_eq!(listed["reconciliations"].as_array().unwrap().len(), usize::from(sees));
        let one = other.gets(&paths::RECONCILIATION.replace("{id}", id)).await;
        let incidents = other.gets(&paths::INCIDENTS.replace("{id}", id)).await;
        if sees {
            assert_eq!((one.status, incidents.status), (StatusCode::OK, StatusCode::OK));
        } else {
            one.is_problem(Kind::NotFound);
            incidents.is_problem(Kind::NotFound);
        }
    }
}

async fn a_client_that_speaks_for_a_system_checks_only_that(portal: &TestPortal) {
    let key = Key { scopes: &[Scope::Reconcile], system: Some("mailer"), ..Key::default() };
    let client = portal.client_with(key).await;
    let list = "email\nmira@example.com\n";
    assert_eq!(checks(&client, "system=mailer", list).await.status, 200);
    checks(&client, "system=print-house", list).await.is_problem(Kind::NotFound);
    let key = Key { scopes: &[Scope::Reconcile], targets: &["sharing"], ..Key::default() };
    let client = portal.client_with(key).await;
    checks(&client, OFFERS, list).await.is_problem(Kind::TargetNotAllowed);
}

async fn what_can_t_be_read_is_a_problem_and_is_not_repeated(portal: &TestPortal) {
    let client = client(portal).await;
    let list = "email\ncanary@example.com\n";
    for (query, list, kind) in [
        ("", list, Kind::Malformed),
        ("system=mailer&taget=canary", list, Kind::Malformed),
        ("system=canary", list, Kind::Invalid),
        ("system=mailer&target=canary", list, Kind::Invalid),
        ("system=mailer&target=share:advertising/adlane", list, Kind::Invalid),
        ("system=mailer", "", Kind::Invalid),
        ("system=mailer", "canary@example.com\n", Kind::Invalid),
        ("system=mailer", "email\n\"canary@example.com\n", Kind::Invalid),
    ] {
        let answer = checks(&client, query, list).await;
        answer.is_problem(kind);
        assert!(!answer.text().contains("canary"), "{query}");
    }
    client
        .posts(&format!("{}?{OFFERS}", paths::RECONCILIATIONS), &json!({}))
        .await
        .is_problem(Kind::UnsupportedMediaType);
}
