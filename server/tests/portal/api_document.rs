//! The document is generated from the code, and every route is in it; what it says of keys
//! is so.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;

use crate::support::{Page, TestPortal, on_sqlite};

on_sqlite![
    the_document_is_openapi_3_1_and_names_this_portal,
    every_reference_in_the_document_leads_somewhere,
    every_operation_is_described,
    the_document_says_what_linters_ask_for,
    every_route_needs_the_key_and_the_scope_that_the_document_names,
    every_path_of_the_source_is_in_the_document,
    every_reason_of_the_source_is_described,
    the_page_shows_every_operation_and_runs_no_script,
    every_kind_of_problem_has_a_page,
    figures_are_for_those_with_the_scope,
    health_and_readiness_need_no_key,
];

async fn document(portal: &TestPortal) -> Value {
    portal.stranger().gets(paths::OPENAPI).await.json()
}

/// Every operation: path, method, what it says.
fn operations(document: &Value) -> Vec<(String, Method, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            let method = method.to_uppercase().parse().unwrap();
            (path.clone(), method, operation.clone())
        })
    });
    operations.collect()
}

async fn the_document_is_openapi_3_1_and_names_this_portal(portal: &TestPortal) {
    let document = document(portal).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["title"], "Sayso");
    assert_eq!(document["servers"][0]["url"], crate::support::portal::BASE_URL);
    assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
}

async fn every_reference_in_the_document_leads_somewhere(portal: &TestPortal) {
    let document = document(portal).await;
    let text = document.to_string();
    let mut seen = 0;
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        seen += 1;
    }
    assert!(seen > 3);
}

async fn every_operation_is_described(portal: &TestPortal) {
    let document = document(portal).await;
    let mut ids = BTreeMap::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert_eq!(ids.insert(id, path.clone()), None, "{path}");
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{method} {path}");
        let tag = &operation["tags"][0];
        let tags = document["tags"].as_array().unwrap();
        assert!(tags.iter().any(|known| known["name"] == *tag), "{method} {path}: {tag}");
        assert!(operation.get("security").is_some(), "{method} {path}");
    }
}

async fn the_document_says_what_linters_ask_for(portal: &TestPortal) {
    let document = document(portal).await;
    assert!(!document["info"]["license"]["name"].as_str().unwrap_or_default().is_empty());
    for (path, method, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        for class in ['2', '4', '5'] {
            assert!(answers.keys().any(|code| code.starts_with(class)), "{method} {path}: {class}");
        }
    }
    for name in ["Person", "Merge"] {
        let schema = &document["components"]["schemas"][name];
        let one_of = schema["oneOf"].as_array().unwrap();
        assert!(one_of.len() > 1, "{name}");
        for one in one_of {
            let fields: Vec<_> = one["properties"].as_object().unwrap().keys().collect();
            assert_eq!(serde_json::json!(fields), one["required"]);
            assert_eq!((fields.len(), &one["additionalProperties"]), (1, &false.into()));
        }
    }
}

async fn every_route_needs_the_key_and_the_scope_that_the_document_names(portal: &TestPortal) {
    let document = document(portal).await;
    let all = portal.client(Scope::ALL).await;
    let mut checked = 0;
    for (path, method, operation) in operations(&document) {
        let security = operation["security"].as_array().unwrap();
        let Some(scopes) = security.first().and_then(|one| one["key"].as_array()) else { continue };
        let path = path.replace(['{', '}'], "");
        let request = || {
            let request = Request::builder().method(method.clone()).uri(&path);
            let request = request.header(header::CONTENT_TYPE, "application/json");
            request.body(Body::from("{}")).unwrap()
        };
        portal.stranger().sends(request()).await.is_problem(Kind::Unauthorized);
        let answer = all.sends(request()).await;
        assert!(![401, 403, 405].contains(&answer.status.as_u16()), "{method} {path}: {answer:?}");
        for scope in scopes {
            let scope = Scope::from_word(scope.as_str().unwrap()).unwrap();
            let others = Scope::ALL.iter().copied().filter(|other| *other != scope);
            let lacking = portal.client(&others.collect::<Vec<_>>()).await;
            lacking.sends(request()).await.is_problem(Kind::MissingScope);
            checked += 1;
        }
    }
    assert!(checked >= 3);
}

async fn every_path_of_the_source_is_in_the_document(portal: &TestPortal) {
    let document = document(portal).await;
    let source = include_str!("../../src/api/paths.rs");
    let known = [paths::ROOT, paths::REST, paths::OPENAPI, paths::DOCS, paths::PROBLEM];
    let spelled = source.split('"').skip(1).step_by(2);
    for path in spelled.filter(|path| !known.contains(path)) {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
}

async fn every_reason_of_the_source_is_described(portal: &TestPortal) {
    let document = document(portal).await;
    let told = &document["components"]["schemas"]["Decision"]["properties"]["reason"];
    let told = told["description"].as_str().unwrap();
    let told: Vec<_> =
        told.split(|letter: char| !letter.is_alphabetic() && letter != '_').collect();
    let source = include_str!("../../../domain/src/decision.rs");
    let (_, source) = source.split_once("fn as_str(self)").unwrap();
    let (source, _) = source.split_once("\n    }\n").unwrap();
    let reasons: Vec<_> = source.split('"').skip(1).step_by(2).collect();
    assert!(reasons.contains(&domain::Reason::PreferenceSignal.as_str()));
    for reason in reasons {
        assert!(told.contains(&reason), "{reason}");
        let gate = include_str!("../../../docs/gate.md");
        assert!(gate.contains(&format!(" | `{reason}` | ")), "{reason}");
    }
}

async fn the_page_shows_every_operation_and_runs_no_script(portal: &TestPortal) {
    let answer = portal.stranger().gets(paths::DOCS).await;
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    let page: Page = answer.page();
    assert_eq!(page.all("script").count(), 0);
    for (path, method, _) in operations(&document(portal).await) {
        page.sees(&format!("{method} {path}"));
    }
    for link in page.all("a").filter_map(|link| link.get("href")) {
        if let Some(id) = link.strip_prefix('#') {
            page.one("id", id);
        } else {
            assert_eq!(portal.stranger().gets(link).await.status, 200, "{link}");
        }
    }
}

async fn every_kind_of_problem_has_a_page(portal: &TestPortal) {
    for kind in Kind::ALL {
        let path = paths::PROBLEM.replace("{slug}", kind.slug());
        let page = portal.stranger().gets(&path).await.page();
        page.sees(kind.title());
        page.sees(kind.slug());
    }
    let answer = portal.stranger().gets("/problems/none").await;
    answer.is_problem(Kind::NotFound);
}

async fn figures_are_for_those_with_the_scope(portal: &TestPortal) {
    let client = portal.client(&[Scope::Metrics]).await;
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("marketing").await;
    client.gets(paths::KEY).await;
    let answer = client.gets(paths::METRICS).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    for line in [
        "sayso_choices_total{source=\"page\"} 1",
        "sayso_api_requests_total{route=\"/api/v1/key\",status=\"200\"} 1",
        "sayso_ledger_queue 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}: {text}");
    }
    assert!(!text.contains("mira") && !text.contains(client.id()));
    portal.client(&[Scope::Decide]).await.gets(paths::METRICS).await.is_problem(Kind::MissingScope);
}

async fn health_and_readiness_need_no_key(portal: &TestPortal) {
    assert_eq!(portal.stranger().gets(paths::HEALTH).await.text(), "up\n");
    let ready = portal.stranger().gets(paths::READY).await.json();
    assert_eq!(ready, serde_json::json!({ "notice": 1, "position": 0 }));
    portal.store().close().await;
    assert_eq!(portal.stranger().gets(paths::HEALTH).await.status, 200);
    portal.stranger().gets(paths::READY).await.is_problem(Kind::Unavailable);
}
