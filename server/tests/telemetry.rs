//! Traces as a real collector gets them from the real program.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::Client;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

/// What may be in no trace.
const EMAIL: &str = "mira.canary@example.com";
const TOKEN: &str = "Wm9yYmFnb2xkY2FuYXJ5MQ";
/// The trace of a client that asks.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[derive(Clone, Default)]
struct Collected {
    bodies: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Collected {
    /// Listens on a port of its own, for traces and for one system's webhooks.
    async fn listens(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let take = |State(this): State<Self>, headers: HeaderMap, body: Bytes| async move {
            this.bodies.lock().unwrap().push((headers, body));
        };
        let router = Router::new()
            .route("/v1/traces", post(take))
            .route("/hook", post(|| async { (StatusCode::ACCEPTED, "") }))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn exports(&self) -> Vec<ExportTraceServiceRequest> {
        let bodies = self.bodies.lock().unwrap();
        bodies.iter().map(|(_, body)| ExportTraceServiceRequest::decode(&**body).unwrap()).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let resources = self.exports().into_iter().flat_map(|export| export.resource_spans);
        resources.flat_map(|one| one.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// The spans of a name, once there are so many.
    async fn named(&self, name: &str, count: usize) -> Vec<Span> {
        let found = async {
            loop {
                let mut spans = self.spans();
                spans.retain(|span| span.name == name);
                if spans.len() >= count {
                    return spans;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(20), found).await.unwrap_or_else(|_| {
            let names: Vec<String> = self.spans().into_iter().map(|span| span.name).collect();
            panic!("{count} × {name} did not come, but {names:?}")
        })
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|one| (one.key.clone(), text(&one.value))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The program, and where it lives.
struct Sayso {
    folder: PathBuf,
    server: Option<Child>,
    address: String,
}

impl Sayso {
    /// The example's register, its mailer reached at an address.
    fn new(name: &str, hook: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sayso-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let source = include_str!("../../example/catalogue.toml");
        let known = "https://hooks.mailer.example/sayso";
        assert!(source.contains(known));
        std::fs::write(folder.join("catalogue.toml"), source.replace(known, hook)).unwrap();
        let this = Self { folder, server: None, address: String::new() };
        let catalogue = this.folder.join("catalogue.toml");
        this.does(&["catalogue", "publish", catalogue.to_str().unwrap()]);
        this.does(&["system", "secret", "mailer"]);
        this
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).arg("--data").arg(self.folder.join("data"));
        if matches!(arguments[0], "catalogue" | "serve") {
            command.args(["--allow-network", "127.0.0.1"]);
        }
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command
    }

    fn does(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let troubles = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{troubles}");
        said
    }

    fn serves(&mut self, collector: &str) {
        let mut serve = self.command(&["serve", "--port", "0"]);
        serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector).env("OTEL_BSP_SCHEDULE_DELAY", "100");
        let mut server = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let address =
            lines.find_map(|line| line.ok()?.strip_prefix("Listening on ").map(str::to_owned));
        self.server = Some(server);
        self.address = address.expect("it says where it listens");
    }

    fn key(&self) -> String {
        let scopes = ["key", "create", "--name", "shop", "--scope", "decide", "--scope", "choices"];
        let said = self.does(&scopes);
        said.split_whitespace().find(|word| word.starts_with("sayso_")).unwrap().to_owned()
    }

    /// Asks it to stop, and gives what it logged.
    fn stops(&mut self) -> String {
        let mut server = self.server.take().unwrap();
        let stop = Command::new("kill").arg(server.id().to_string()).status().unwrap();
        assert!(stop.success());
        let mut logged = String::new();
        server.stderr.take().unwrap().read_to_string(&mut logged).unwrap();
        assert!(server.wait().unwrap().success(), "{logged}");
        logged
    }
}

impl Drop for Sayso {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            drop(server.kill());
            drop(server.wait());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

async fn asks(client: &Client, sayso: &Sayso, key: &str) -> StatusCode {
    let body = json!({ "person": { "email": EMAIL }, "target": "message:offers/email" });
    let asked = client
        .post(format!("{}/api/v1/decisions", sayso.address))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
        .body(body.to_string());
    asked.send().await.unwrap().status()
}

fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_hears_of_requests_commits_and_webhooks_and_of_no_person() {
    let collected = Collected::default();
    let address = collected.listens().await;
    let mut sayso = Sayso::new("traces", &format!("{address}/hook"));
    let (key, client) = (sayso.key(), client());
    sayso.serves(&address);
    assert_eq!(asks(&client, &sayso, &key).await, StatusCode::OK);
    let choice = json!({ "person": { "email": EMAIL }, "target": "message:offers/email",
                         "act": "opt_out" });
    let told = client
        .post(format!("{}/api/v1/choices", sayso.address))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(choice.to_string());
    let told = told.send().await.unwrap();
    assert!(told.status().is_success());
    let number = told.headers()["x-request-id"].to_str().unwrap().to_owned();
    let page = format!("{}/c/{TOKEN}?email={EMAIL}", sayso.address);
    client.get(page).send().await.unwrap();

    let decided = collected.named("POST /api/v1/decisions", 1).await.swap_remove(0);
    assert_eq!(hex(&decided.trace_id), TRACE, "a client's trace goes on");
    assert_eq!((decided.kind, hex(&decided.parent_span_id).as_str()), (2, "b7ad6b7169203331"));
    let chosen = texts(&collected.named("POST /api/v1/choices", 1).await[0].attributes);
    assert_eq!(chosen["http.route"], "/api/v1/choices");
    assert_eq!(chosen["http.request.method"], "POST");
    assert_eq!(chosen["http.response.status_code"], told.status().as_str());
    assert_eq!(chosen["sayso.request_id"], number);
    let visited = texts(&collected.named("GET /c/{token}", 1).await[0].attributes);
    assert_eq!(visited["http.route"], "/c/{token}");
    let commit = texts(&collected.named("ledger commit", 1).await[0].attributes);
    assert_eq!((commit["sayso.wishes"].as_str(), commit["sayso.entries"].as_str()), ("1", "1"));
    let webhook = collected.named("POST webhook mailer", 1).await.swap_remove(0);
    let posted = texts(&webhook.attributes);
    assert_eq!(webhook.kind, 3);
    for (name, value) in [
        ("sayso.system", "mailer"),
        ("sayso.attempt", "1"),
        ("sayso.outcome", "taken"),
        ("http.response.status_code", "202"),
        ("server.address", "127.0.0.1"),
    ] {
        assert_eq!(posted[name], value, "{name}");
    }

    assert_eq!(sayso.stops(), "");
    for (headers, body) in collected.bodies.lock().unwrap().iter() {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        let text = String::from_utf8_lossy(body);
        for secret in [EMAIL, "canary", TOKEN, &key] {
            assert!(!text.contains(secret), "{secret} is in a trace");
        }
    }
    let resource = collected.exports()[0].resource_spans[0].resource.clone().unwrap();
    assert_eq!(texts(&resource.attributes)["service.name"], "sayso");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_costs_nobody_anything_and_is_mentioned_once() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut sayso = Sayso::new("untraced", "https://hooks.mailer.example/sayso");
    let (key, client) = (sayso.key(), client());
    sayso.serves(&format!("http://{nobody}"));
    for _ in 0..12 {
        assert_eq!(asks(&client, &sayso, &key).await, StatusCode::OK);
        sleep(Duration::from_millis(250)).await;
    }
    let logged = sayso.stops();
    assert_eq!(logged.matches("don't reach their collector").count(), 1, "{logged}");
    assert_eq!(logged.lines().count(), 1, "{logged}");
}

#[test]
fn another_protocol_is_refused_before_anything_is_served() {
    let output = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(["serve", "--port", "0", "--otlp-endpoint", "http://127.0.0.1:4317"])
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("http/protobuf"), "{said}");
}
