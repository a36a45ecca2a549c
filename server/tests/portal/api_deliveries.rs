//! `/api/v1/deliveries`: who may see, confirm and replay which.

use app::portal::{Portal, Who};
use axum::http::Method;
use domain::Wish;
use domain::moment::DAY;
use serde_json::{Value, json};
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::ports::Clock;

use crate::ledger::BY_LINK;
use crate::support::{Answer, Key, TestPortal, on_both_engines};

on_both_engines![
    deliveries_are_listed_page_by_page,
    a_system_confirms_its_own_delivery_as_often_as_it_likes,
    deliveries_are_replayed_singly_and_by_range,
    a_key_sees_its_own_system_and_targets_and_nothing_else,
    what_can_not_be_asked_is_a_problem,
];

const DELIVERIES: &[Scope] = &[Scope::Deliveries];

/// A customer who turned off an email, all sharing and the post.
async fn some_choices(portal: &TestPortal) {
    let customer = portal.customer("canary@example.com").await;
    for target in ["message:offers/email", "sharing", "message:offers/post"] {
        let wish = Wish::TurnOff(target.parse().unwrap());
        portal.service.record(Who::Person(customer.person), wish, BY_LINK).await.unwrap();
    }
}

fn one(list: &Answer, at: usize) -> Value {
    list.json()["deliveries"][at].clone()
}

fn names(list: &Answer) -> Vec<String> {
    let deliveries = list.json()["deliveries"].as_array().unwrap().clone();
    let name = |row: &Value| format!("{}:{}", row["position"], row["system"].as_str().unwrap());
    deliveries.iter().map(name).collect()
}

fn action(path: &str, delivery: &Value) -> String {
    path.replace("{id}", delivery["id"].as_str().unwrap())
}

async fn deliveries_are_listed_page_by_page(portal: &TestPortal) {
    some_choices(portal).await;
    let client = portal.client(DELIVERIES).await;
    let whole = client.gets(paths::DELIVERIES).await;
    assert_eq!(whole.status, 200);
    let all = ["1:mailer", "2:ad-platform", "2:print-house", "2:warehouse", "3:print-house"];
    assert_eq!(names(&whole), all);
    assert_eq!(whole.json()["next"], Value::Null);
    assert!(!whole.text().contains("canary"));
    let first = one(&whole, 0);
    let expected = json!({
        "id": first["id"],
        "system": "mailer",
        "position": 1,
        "target": "message:offers/email",
        "act": "withdrawn",
        "state": "queued",
        "overdue": false,
        "attempts": 0,
        "created_at": "2026-06-15T09:30:00.000Z",
        "due_at": "2026-06-17T22:59:59.999Z",
        "next_try_at": "2026-06-15T09:30:00.000Z",
        "sent_at": null,
        "acknowledged_at": null,
        "failure": null,
    });
    assert_eq!(first, expected);
    assert_eq!(client.gets(&action(paths::DELIVERY, &first)).await.json(), expected);
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = client.gets(&format!("{}?limit=2{after}", paths::DELIVERIES)).await;
        seen.extend(names(&page));
        let Some(next) = page.json()["next"].as_str().map(ToOwned::to_owned) else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, all);
    for (query, expected) in [
        ("system=print-house", &["2:print-house", "3:print-house"][..]),
        ("from=3", &["3:print-house"]),
        ("to=1", &["1:mailer"]),
        ("state=sent", &[]),
        ("overdue=true", &[]),
    ] {
        let list = client.gets(&format!("{}?{query}", paths::DELIVERIES)).await;
        assert_eq!(names(&list), expected, "{query}");
    }
    portal.clock.moves(60 * DAY);
    let late = client.gets(&format!("{}?overdue=true", paths::DELIVERIES)).await;
    assert_eq!((names(&late).len(), &one(&late, 0)["overdue"]), (5, &Value::Bool(true)));
}

async fn a_system_confirms_its_own_delivery_as_often_as_it_likes(portal: &TestPortal) {
    some_choices(portal).await;
    let key = Key { scopes: DELIVERIES, system: Some("mailer"), ..Key::default() };
    let client = portal.client_with(key).await;
    let delivery = one(&client.gets(paths::DELIVERIES).await, 0);
    let mut before = Value::Null;
    for _ in 0..3 {
        let path = action(paths::DELIVERY_ACKNOWLEDGEMENT, &delivery);
        let answer = client.asks(Method::POST, &path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["state"], "acknowledged");
        assert_eq!(answer.json()["acknowledged_at"], "2026-06-15T09:30:00.000Z");
        assert!(before.is_null() || before == answer.json(), "once is as good as thrice");
        before = answer.json();
        portal.clock.moves(DAY);
    }
}

async fn deliveries_are_replayed_singly_and_by_range(portal: &TestPortal) {
    some_choices(portal).await;
    let client = portal.client(DELIVERIES).await;
    let list = client.gets(paths::DELIVERIES).await;
    let mailer = one(&list, 0);
    client.asks(Method::POST, &action(paths::DELIVERY_ACKNOWLEDGEMENT, &mailer)).await;
    portal.clock.moves(DAY);
    let again = client.asks(Method::POST, &action(paths::DELIVERY_REPLAY, &mailer)).await.json();
    assert_eq!((&again["id"], &again["state"]), (&mailer["id"], &json!("queued")));
    assert_eq!(again["next_try_at"], "2026-06-16T09:30:00.000Z");
    for (range, expected) in [
        (json!({ "system": "print-house" }), 2),
        (json!({ "system": "print-house", "from": 3 }), 1),
        (json!({ "system": "print-house", "to": 1 }), 0),
        (json!({ "system": "print-house", "state": "failed" }), 0),
        (json!({ "system": "nobody" }), 0),
    ] {
        let answer = client.posts(paths::DELIVERIES_REPLAY, &range).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "replayed": expected })));
    }
    let now = portal.clock.now();
    assert!(portal.store().has_due_delivery("print-house", now.0).await.unwrap());
}

async fn a_key_sees_its_own_system_and_targets_and_nothing_else(portal: &TestPortal) {
    some_choices(portal).await;
    let all = portal.client(DELIVERIES).await.gets(paths::DELIVERIES).await;
    let foreign = one(&all, 1);
    let mailer = Key { scopes: DELIVERIES, system: Some("mailer"), ..Key::default() };
    let mailer = portal.client_with(mailer).await;
    assert_eq!(names(&mailer.gets(paths::DELIVERIES).await), ["1:mailer"]);
    let other = format!("{}?system=warehouse", paths::DELIVERIES);
    mailer.gets(&other).await.is_problem(Kind::NotFound);
    let range = json!({ "system": "warehouse" });
    mailer.posts(paths::DELIVERIES_REPLAY, &range).await.is_problem(Kind::NotFound);
    let own = mailer.posts(paths::DELIVERIES_REPLAY, &json!({})).await;
    assert_eq!(own.json(), json!({ "replayed": 1 }));
    let marketing = Key { scopes: DELIVERIES, targets: &["marketing"], ..Key::default() };
    let marketing = portal.client_with(marketing).await;
    assert_eq!(names(&marketing.gets(paths::DELIVERIES).await), ["1:mailer", "3:print-house"]);
    let range = json!({ "system": "mailer" });
    let answer = marketing.posts(paths::DELIVERIES_REPLAY, &range).await;
    answer.is_problem(Kind::TargetNotAllowed);
    for client in [&mailer, &marketing] {
        client.gets(&action(paths::DELIVERY, &foreign)).await.is_problem(Kind::NotFound);
        for path in [paths::DELIVERY_ACKNOWLEDGEMENT, paths::DELIVERY_REPLAY] {
            let answer = client.asks(Method::POST, &action(path, &foreign)).await;
            answer.is_problem(Kind::NotFound);
        }
    }
    let without = portal.client(&[Scope::Decide]).await;
    without.gets(paths::DELIVERIES).await.is_problem(Kind::MissingScope);
    portal.stranger().gets(paths::DELIVERIES).await.is_problem(Kind::Unauthorized);
    let untouched = portal.client(DELIVERIES).await.gets(&action(paths::DELIVERY, &foreign)).await;
    assert_eq!(untouched.json(), foreign);
}

async fn what_can_not_be_asked_is_a_problem(portal: &TestPortal) {
    let client = portal.client(DELIVERIES).await;
    for (query, kind) in [
        ("limit=0", Kind::Invalid),
        ("limit=501", Kind::Invalid),
        ("limit=many", Kind::Malformed),
        ("state=overdue", Kind::Malformed),
        ("overdue=perhaps", Kind::Malformed),
        ("from=-1", Kind::Malformed),
        ("to=9223372036854775808", Kind::Malformed),
        ("after=nonsense", Kind::Invalid),
        ("sytem=mailer", Kind::Malformed),
    ] {
        let answer = client.gets(&format!("{}?{query}", paths::DELIVERIES)).await;
        answer.is_problem(kind);
    }
    let stranger = json!({ "id": "01a20b7a-dfbe-7f06-98d2-140d45bb5355" });
    client.gets(&action(paths::DELIVERY, &stranger)).await.is_problem(Kind::NotFound);
    let nonsense = json!({ "id": "nonsense" });
    client.gets(&action(paths::DELIVERY, &nonsense)).await.is_problem(Kind::Malformed);
    client.posts(paths::DELIVERIES_REPLAY, &json!({})).await.is_problem(Kind::Invalid);
    let unknown = json!({ "system": "mailer", "everything": true });
    client.posts(paths::DELIVERIES_REPLAY, &unknown).await.is_problem(Kind::Malformed);
    for other in [json!(["mailer", null]), json!(["mailer", null, null, null]), json!(null)] {
        client.posts(paths::DELIVERIES_REPLAY, &other).await.is_problem(Kind::Malformed);
    }
    let answer = client.asks(Method::DELETE, paths::DELIVERIES).await;
    answer.is_problem(Kind::MethodNotAllowed);
}
