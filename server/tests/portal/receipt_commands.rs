//! `sayso receipt verify`, without a portal.

use std::path::{Path, PathBuf};
use std::process::Command;

use app::routes;
use axum::http::Method;
use domain::moment::DAY;
use serde_json::Value;
use server::proof::{Summary, publish_heads};

use crate::support::{TestPortal, on_sqlite};

on_sqlite![a_receipt_is_checked_offline_and_what_is_wrong_is_named];

struct Desk {
    folder: PathBuf,
}

impl Desk {
    fn keeps(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Exit status and what was said.
    fn checks(&self, receipt: &str, more: &[&str]) -> (Option<i32>, String) {
        let keys = self.folder.join("keys.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(["receipt", "verify", receipt]).current_dir(&self.folder);
        if !more.contains(&"--key") {
            command.arg("--keys").arg(keys);
        }
        let output = command.args(more).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn a_receipt_is_checked_offline_and_what_is_wrong_is_named(portal: &TestPortal) {
    let folder = std::env::temp_dir().join(format!("sayso-receipt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let desk = Desk { folder };
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let publish =
        || publish_heads(portal.store(), portal.service.vault.proof(), portal.clock.as_ref());
    publish().await.unwrap();
    let before = desk.keeps("before.json", browser.asks(Method::GET, routes::HEAD).await.body);
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    let receipt = crate::receipts::receipt(portal, &mut browser, "1").await;
    portal.clock.moves(DAY);
    publish().await.unwrap();
    let after = desk.keeps("after.json", browser.asks(Method::GET, routes::HEAD).await.body);
    let keys: Value =
        serde_json::from_slice(&browser.asks(Method::GET, routes::KEYS).await.body).unwrap();
    desk.keeps("keys.json", keys.to_string());
    let key = desk.keeps("key.json", keys["keys"][0].to_string());
    let file = desk.keeps("receipt.json", receipt.to_string());

    let (status, said) = desk.checks(text(&file), &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.starts_with("Genuine.\nNorthwind Outdoor Ltd recorded on 2026-06-15T09:30:00.000Z: Offers and new products by email: withdrawn.\n"), "{said}");
    assert!(
        said.contains("Entry 1 of the ledger.") && said.contains("dpv:ObjectingToProcess"),
        "{said}"
    );
    assert_eq!(desk.checks(text(&file), &["--key", text(&key)]).0, Some(0));
    let (status, said) = desk.checks(text(&file), &["--head", text(&after)]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("the head of 2026-06-16 reaches entry 1"), "{said}");
    let (status, said) = desk.checks(text(&file), &["--head", text(&before)]);
    assert_eq!(status, Some(3));
    assert!(said.contains("the head of 2026-06-15 does not contain"), "{said}");

    let signature = receipt["proof"]["signature"].as_str().unwrap();
    let query = Summary::of(&receipt).unwrap().to_query(signature);
    let address = format!("https://privacy.northwind.example/verify?{query}");
    assert_eq!(desk.checks(&address, &[]).0, Some(0));
    assert_eq!(desk.checks(&address.replace("withdrawn", "granted"), &[]).0, Some(3));

    let mut forged = receipt.clone();
    forged["record"]["parties"][0]["party_name"] = "Southwind".into();
    let forged = desk.keeps("forged.json", forged.to_string());
    let (status, said) = desk.checks(text(&forged), &[]);
    assert_eq!(status, Some(3));
    assert_eq!(
        said,
        "sayso: not genuine: it was changed after it was issued: /record/parties/0/party_name says something else\n"
    );
    let others = server::proof::ProofKeys::new(&crate::support::life::keys(44));
    let others = desk.keeps("others.json", others.published().to_json());
    let (status, said) = desk.checks(text(&file), &["--key", text(&others)]);
    assert_eq!(status, Some(3));
    assert!(said.contains("none of the published ones"), "{said}");
    for (bytes, status, told) in [
        (&b"not a receipt"[..], 3, "line 1"),
        (b"{}", 3, "there is no /proof"),
        (&vec![b'['; 400_000], 3, "larger than 256 KiB"),
    ] {
        let bad = desk.keeps("bad.json", bytes);
        let (found, said) = desk.checks(text(&bad), &[]);
        assert_eq!(found, Some(status), "{said}");
        assert!(said.contains(told), "{said}");
    }
    assert_eq!(desk.checks("none.json", &[]).0, Some(1));
    assert_eq!(desk.checks(text(&file), &["--head", text(&file)]).0, Some(1));
    std::fs::remove_dir_all(&desk.folder).unwrap();
}
