//! The decision API: single, in bulk, and why.

use std::io::Write;

use app::portal::{By, Portal, Who};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::change::Assurance;
use domain::{Language, Source, Target, Voice, Wish};
use serde_json::{Value, json};
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::notices::publish;
use server::ports::Clock;

use crate::support::client::{Client, Key};
use crate::support::portal::CATALOGUE;
use crate::support::{Answer, Customer, TestPortal, on_both_engines};

on_both_engines![
    an_allow_comes_with_a_lease_and_a_deny_without,
    an_opt_out_that_was_answered_is_denied_at_once,
    a_question_that_can_not_be_read_is_a_problem,
    a_key_asks_only_about_its_targets,
    bulk_answers_as_single_questions_do,
    bulk_takes_tables_too,
    a_table_that_names_nobody_is_a_problem,
    a_wide_table_is_read_to_its_last_column_or_refused,
    an_answer_stands_below_its_own_name_whatever_the_row_says,
    a_quote_inside_a_field_does_not_break_a_table_off,
    bulk_takes_what_is_compressed,
    a_bad_line_is_denied_and_harms_no_other,
    a_line_is_answered_by_its_number_blank_lines_counted,
    why_tells_the_story_in_order,
    a_lease_shows_that_the_no_came_after_it,
    why_names_the_signal_that_refused_what_became_a_sale_later,
    without_the_database_it_is_a_no,
];

const OFFERS: &str = "message:offers/email";
const BY: By =
    By { assurance: Assurance::Link, source: Source::OneClick, language: Language::English };

async fn turns_off(portal: &TestPortal, customer: &Customer, text: &str) {
    let wish = Wish::TurnOff(text.parse().unwrap());
    portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
}

async fn asks(client: &Client, email: &str, target: &str) -> Answer {
    let body = json!({ "person": { "email": email }, "target": target });
    client.posts("/api/v1/decisions", &body).await
}

async fn posts(client: &Client, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(header::CONTENT_TYPE, kind).body(body.into()).unwrap();
    client.sends(request).await
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn an_allow_comes_with_a_lease_and_a_deny_without(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let mira = portal.customer("mira@example.com").await;
    let answer = asks(&client, " Mira@Example.com", OFFERS).await;
    assert_eq!(answer.status, StatusCode::OK);
    let allow = answer.json();
    assert_eq!(allow["decision"], "allow");
    assert_eq!(allow["reason"], "no_objection");
    assert_eq!(allow["basis"], "legitimate_interest");
    assert_eq!(allow["notice"], 1);
    assert_eq!(allow["lease"]["valid_until"], "2026-06-15T09:31:00.000Z");
    turns_off(portal, &mira, "topic:offers").await;
    let deny = asks(&client, "mira@example.com", OFFERS).await.json();
    assert_eq!(deny["decision"], "deny");
    assert_eq!(deny["reason"], "opted_out");
    assert_eq!((&deny["choice"], &deny["position"]), (&json!(1), &json!(1)));
    assert_eq!(deny["lease"], Value::Null);
}

async fn an_opt_out_that_was_answered_is_denied_at_once(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    portal.is_indexed().await;
    for number in 0..50 {
        let email = format!("c{number}@example.com");
        let customer = portal.customer(&email).await;
        turns_off(portal, &customer, "everything").await;
        assert_eq!(asks(&client, &email, OFFERS).await.json()["reason"], "opted_out");
    }
}

async fn a_question_that_can_not_be_read_is_a_problem(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    for (body, status) in [
        (json!({ "person": {}, "target": OFFERS }), 422),
        (json!({ "person": { "email": "a@example.com", "phone": "1" }, "target": OFFERS }), 422),
        (json!({ "person": { "email": "no address" }, "target": OFFERS }), 422),
        (json!({ "person": { "email": "a@example.com" }, "target": "nonsense" }), 422),
        (json!({ "person": { "email": "a@example.com" }, "target": "message:x".repeat(20) }), 422),
        (json!({ "person": { "email": "a@example.com" } }), 400),
        (json!([]), 400),
    ] {
        let answer = client.posts("/api/v1/decisions", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
        assert!(!answer.text().contains("example.com"));
    }
}

async fn a_key_asks_only_about_its_targets(portal: &TestPortal) {
    let scopes = [Scope::Decide];
    let client =
        portal.client_with(Key { scopes: &scopes, targets: &["topic:offers"], ..Key::default() });
    let client = client.await;
    assert_eq!(asks(&client, "a@example.com", OFFERS).await.status, StatusCode::OK);
    let other = asks(&client, "a@example.com", "message:trips/email").await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let line = json!({ "person": { "email": "a@example.com" }, "target": "message:trips/email" });
    let bulk = posts(&client, "/api/v1/decisions/bulk", "application/x-ndjson", line.to_string());
    let answer = lines(&bulk.await).remove(0);
    assert_eq!((&answer["decision"], &answer["reason"]), (&json!("deny"), &json!("not_allowed")));
    let stranger = portal.client(&[Scope::Why]).await;
    assert_eq!(asks(&stranger, "a@example.com", OFFERS).await.status, StatusCode::FORBIDDEN);
}

async fn bulk_answers_as_single_questions_do(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:offers/email").await;
    turns_off(portal, &mira, "purpose:advertising").await;
    let leaves: Vec<Target> = portal.service.notice().catalogue.leaves().collect();
    let mut asked = Vec::new();
    for email in ["mira@example.com", "nobody@example.com"] {
        asked.extend(leaves.iter().map(|leaf| (email, leaf.to_string())));
    }
    let text: Vec<String> = asked
        .iter()
        .map(|(email, target)| {
            json!({ "person": { "email": email }, "target": target, "id": target }).to_string()
        })
        .collect();
    for indexed in [false, true] {
        if indexed {
            portal.is_indexed().await;
        }
        let answer =
            posts(&client, "/api/v1/decisions/bulk", "application/x-ndjson", text.join("\n"));
        let answers = lines(&answer.await);
        assert_eq!(answers.len(), asked.len());
        for (place, ((email, target), bulk)) in asked.iter().zip(&answers).enumerate() {
            let single = asks(&client, email, target).await.json();
            assert_eq!(bulk["line"], json!(place + 1));
            assert_eq!(bulk["id"], json!(target));
            assert_eq!(bulk["decision"], single["decision"], "{target}");
            for field in ["reason", "basis", "notice", "since"] {
                assert_eq!(bulk[field], single[field], "{field} of {target}");
            }
            let known = [single["position"].as_i64(), bulk["position"].as_i64()];
            assert!(known.iter().all(|position| *position >= single["choice"].as_i64()));
            // Of nobody, an index that has yet to follow may vouch for less than the database has.
            let followed = indexed || *email == "mira@example.com";
            assert!(!followed || known[0] == known[1], "{known:?} of {target}");
        }
    }
}

async fn bulk_takes_tables_too(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:offers/email").await;
    let table = "name,email,target\n\"Mira, \"\"M\"\"\nEllison\",mira@example.com,\nJo,jo@example.com,message:trips/email\nRavi,ravi@example.com,\nX,nonsense,\n";
    let path = format!("/api/v1/decisions/bulk?target={OFFERS}");
    let answer = posts(&client, &path, "text/csv; charset=utf-8", table).await;
    assert_eq!(answer.status, StatusCode::OK);
    let told = answer.text();
    assert_eq!(
        told,
        "name,email,target,decision,reason\n\
         \"Mira, \"\"M\"\"\nEllison\",mira@example.com,,deny,opted_out\n\
         Jo,jo@example.com,message:trips/email,deny,never_opted_in\n\
         Ravi,ravi@example.com,,allow,no_objection\n\
         X,nonsense,,deny,unreadable\n"
    );
}

async fn a_table_that_names_nobody_is_a_problem(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    for table in ["colour,canary\nred,1\n", "{}", &"x".repeat(200_000)] {
        let answer = posts(&client, "/api/v1/decisions/bulk", "text/csv", table.to_owned()).await;
        answer.is_problem(Kind::Invalid);
        assert!(!answer.text().contains("canary"));
    }
}

async fn a_wide_table_is_read_to_its_last_column_or_refused(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:offers/email").await;
    // Behind a hundred columns stand those that decide.
    let wide = |more: usize| {
        let (names, cells) = (",name".repeat(more), ",x".repeat(more));
        let row = |email: &str, target: &str| format!("{cells},{email},{target}");
        let (mira, jo) = (row("mira@example.com", OFFERS), row("jo@example.com", OFFERS));
        let trips = row("jo@example.com", "message:trips/email");
        (format!("customer_number{names},email,target"), [mira, jo, trips])
    };
    let table = |(header, rows): (String, [String; 3])| format!("{header}\n{}\n", rows.join("\n"));
    for more in [100, 997] {
        let (header, [mira, jo, trips]) = wide(more);
        let answer = posts(&client, "/api/v1/decisions/bulk", "text/csv", table(wide(more))).await;
        let told = format!(
            "{header},decision,reason\n{mira},deny,opted_out\n{jo},allow,no_objection\n\
             {trips},deny,never_opted_in\n"
        );
        assert_eq!(answer.text(), told);
    }
    let path = "/api/v1/decisions/bulk";
    let problem = posts(&client, path, "text/csv", table(wide(998))).await;
    assert!(problem.is_problem(Kind::Invalid).to_string().contains("more than 1000 columns"));
    let path = format!("{path}?target={OFFERS}");
    let row = format!("email\njo@example.com{}\nann@example.com\n", ",x".repeat(1_000));
    let answer = posts(&client, &path, "text/csv", row).await.text();
    let mut told = answer.lines().skip(1);
    assert_eq!(told.next(), Some("jo@example.com,deny,unreadable"));
    assert_eq!(told.next(), Some("ann@example.com,allow,no_objection"));
}

async fn an_answer_stands_below_its_own_name_whatever_the_row_says(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:offers/email").await;
    let path = format!("/api/v1/decisions/bulk?target={OFFERS}");
    // Nobody is let through by what stands where the answer will be read.
    let table = "email,name\nmira@example.com,Mira,allow,no_objection\njo@example.com,Jo,,\n\
                 ann@example.com\nmira@example.com\nO\u{2019}Hara, Pat,pat@example.com\n";
    let told = posts(&client, &path, "text/csv", table).await.text();
    assert_eq!(
        told,
        "email,name,decision,reason\n\
         mira@example.com,Mira,deny,unreadable\n\
         jo@example.com,Jo,allow,no_objection\n\
         ann@example.com,,allow,no_objection\n\
         mira@example.com,,deny,opted_out\n\
         O\u{2019}Hara, Pat,deny,unreadable\n"
    );
}

async fn a_quote_inside_a_field_does_not_break_a_table_off(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let row = |n: usize| match n {
        2 => "5\" disk,c2@example.com\n".to_owned(),
        _ => format!("\"Disk,\n{n}\",c{n}@example.com\n"),
    };
    let table: String =
        std::iter::once("name,email\n".to_owned()).chain((0..5_000).map(row)).collect();
    let path = format!("/api/v1/decisions/bulk?target={OFFERS}");
    let told = posts(&client, &path, "text/csv", table).await.text();
    assert_eq!(told.matches("@example.com,allow,no_objection\n").count(), 5_000);
}

async fn bulk_takes_what_is_compressed(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let line =
        json!({ "person": { "email": "a@example.com" }, "target": OFFERS }).to_string() + "\n";
    let text = line.repeat(2_000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (coding, body) in [("gzip", gzip.finish().unwrap()), ("zstd", zstd)] {
        let request = Request::builder().method(Method::POST).uri("/api/v1/decisions/bulk");
        let request = request
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .header(header::CONTENT_ENCODING, coding);
        let answer = client.sends(request.body(body.into()).unwrap()).await;
        let answers = lines(&answer);
        assert_eq!(answers.len(), 2_000, "{coding}");
        assert!(answers.iter().all(|answer| answer["decision"] == "allow"));
    }
}

async fn a_bad_line_is_denied_and_harms_no_other(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let good = json!({ "person": { "email": "a@example.com" }, "target": OFFERS }).to_string();
    let none = json!({ "person": { "email": "a@example.com" } }).to_string();
    let text = format!("{good}\nnot json\n\n{none}\n{{\"person\":1}}\n{good}");
    let answer = posts(&client, "/api/v1/decisions/bulk", "application/x-ndjson", text).await;
    let told: Vec<_> = lines(&answer)
        .iter()
        .map(|line| (line["decision"].clone(), line["reason"].clone()))
        .collect();
    let (yes, no) = ((json!("allow"), json!("no_objection")), (json!("deny"), json!("unreadable")));
    assert_eq!(told, [yes.clone(), no.clone(), no.clone(), no.clone(), yes]);
    let odd = [
        json!({ "person": { "email": "a@example.com" }, "target": OFFERS, "id": "x".repeat(201) }),
        json!({ "person": { "email": "a@example.com", "phone": null }, "target": OFFERS }),
        json!({ "person": [null, null, "a"], "target": OFFERS }),
    ];
    let text = odd.map(|line| line.to_string()).join("\n");
    let answer = posts(&client, "/api/v1/decisions/bulk", "application/x-ndjson", text).await;
    for line in lines(&answer) {
        assert_eq!((line["decision"].clone(), line["reason"].clone()), no, "{line}");
    }
    let text = vec![b'x'; 200_000];
    let request = Request::builder().method(Method::POST).uri("/api/v1/decisions/bulk");
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson");
    assert_eq!(client.breaks_off(request.body(text.into()).unwrap()).await, b"");
    let other = posts(&client, "/api/v1/decisions/bulk", "text/plain", good).await;
    assert_eq!(other.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn a_line_is_answered_by_its_number_blank_lines_counted(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let line =
        |id: &str| json!({ "person": { "email": "a@example.com" }, "target": OFFERS, "id": id });
    let text = format!("\n{}\r\n\r\n  \n{}\nnot json\n\n{}", line("2"), line("5"), line("8"));
    // However it is cut on the way.
    for size in [text.len(), 7, 1] {
        let pieces: Vec<_> = text
            .as_bytes()
            .chunks(size)
            .map(|part| Ok::<_, std::io::Error>(part.to_vec()))
            .collect();
        let body = Body::from_stream(futures::stream::iter(pieces));
        let answer = posts(&client, "/api/v1/decisions/bulk", "application/x-ndjson", body).await;
        let told: Vec<_> = lines(&answer)
            .iter()
            .map(|line| (line["line"].as_u64().unwrap(), line["id"].clone()))
            .collect();
        let expected = [(2, json!("2")), (5, json!("5")), (6, Value::Null), (8, json!("8"))];
        assert_eq!(told, expected, "in pieces of {size} bytes");
    }
}

async fn why_tells_the_story_in_order(portal: &TestPortal) {
    let client = portal.client(&[Scope::Why]).await;
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:offers/email").await;
    turns_off(portal, &mira, "sharing").await;
    turns_off(portal, &mira, "marketing").await;
    let path = format!("/api/v1/why?email=mira%40example.com&target={OFFERS}");
    let story = client.gets(&path).await.json();
    assert_eq!(story["known"], true);
    assert_eq!(story["decision"]["reason"], "opted_out");
    let told: Vec<_> = story["entries"].as_array().unwrap().iter().map(|c| &c["target"]).collect();
    assert_eq!(told, ["message:offers/email", "marketing"]);
    assert_eq!(story["entries"][0]["source"], "one_click");
    let path = format!("/api/v1/why?email=nobody%40example.com&target={OFFERS}");
    let nobody = client.gets(&path).await.json();
    assert_eq!((&nobody["known"], &nobody["entries"]), (&json!(false), &json!([])));
}

async fn a_lease_shows_that_the_no_came_after_it(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide, Scope::Why]).await;
    let mira = portal.customer("mira@example.com").await;
    let allow = asks(&client, "mira@example.com", OFFERS).await.json();
    let lease = allow["lease"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/why?email=mira%40example.com&target={OFFERS}&lease={lease}");
    assert_eq!(client.gets(&path).await.json()["lease"]["changed_since"], false);
    turns_off(portal, &mira, "topic:offers").await;
    let proof = client.gets(&path).await.json()["lease"].clone();
    assert_eq!(proof["changed_since"], true);
    assert_eq!(proof["position"], 0);
    let other = format!("/api/v1/why?email=jo%40example.com&target={OFFERS}&lease={lease}");
    assert_eq!(client.gets(&other).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn why_names_the_signal_that_refused_what_became_a_sale_later(portal: &TestPortal) {
    const MEASURING: &str = "share:measuring/tallyhouse";
    let client = portal.client(&[Scope::Decide, Scope::Why]).await;
    let mira = portal.customer("mira@example.com").await;
    let allow = asks(&client, "mira@example.com", MEASURING).await.json();
    let lease = allow["lease"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/why?email=mira%40example.com&target={MEASURING}&lease={lease}");
    let signal = By { source: Source::PreferenceSignal, ..BY };
    let wish = Wish::StopSale(Voice::Signal);
    portal.service.record(Who::Person(mira.person), wish, signal).await.unwrap();
    let story = client.gets(&path).await.json();
    assert_eq!((&story["entries"], &story["decision"]["decision"]), (&json!([]), &json!("allow")));
    assert_eq!(story["lease"]["changed_since"], false);
    // The first purpose of the example that is no sale.
    let source = CATALOGUE.replacen("sale_or_sharing = false", "sale_or_sharing = true", 1);
    publish(portal.store(), &source, portal.clock.now()).await.unwrap();
    portal.service.notices.refresh().await.unwrap();
    let story = client.gets(&path).await.json();
    assert_eq!(story["decision"]["reason"], "preference_signal");
    let told: Vec<_> = story["entries"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 1, "{story}");
    assert_eq!(told[0]["position"], story["decision"]["choice"]);
    assert_eq!(told[0]["source"], "preference_signal");
    assert_eq!(story["lease"]["changed_since"], true);
}

async fn without_the_database_it_is_a_no(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    asks(&client, "mira@example.com", OFFERS).await;
    portal.breaks().await;
    let answer = asks(&client, "mira@example.com", OFFERS).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.text().contains("allow"));
}
