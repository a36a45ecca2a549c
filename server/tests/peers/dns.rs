//! Keys of signatures, asked from a name server.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::net::TcpStream;

use crate::campaign::{DOMAIN, PUBLIC, signed};
use crate::place::{BASE_URL, Place};
use crate::{free_port, has, soon};

const PROGRAM: &str = "/usr/sbin/dnsmasq";

/// dnsmasq with some records of our signer and of nothing else; it ends with the test.
struct Dnsmasq {
    child: Child,
    port: u16,
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Dnsmasq {
    async fn starts(records: &[(&str, &[&str])]) -> Option<Self> {
        if !has(Path::new(PROGRAM).exists(), "dnsmasq") {
            return None;
        }
        let port = free_port().await;
        let me = Command::new("id").arg("-un").output().unwrap().stdout;
        let me = String::from_utf8(me).unwrap();
        let mut dnsmasq = Command::new(PROGRAM);
        dnsmasq.args(["--keep-in-foreground", "--conf-file=/dev/null", "--pid-file="]);
        dnsmasq.args(["--no-resolv", "--no-hosts", "--bind-interfaces"]);
        dnsmasq.args(["--listen-address=127.0.0.1", "--local=/northwind.example/"]);
        dnsmasq.args([format!("--port={port}"), format!("--user={}", me.trim())]);
        for (selector, strings) in records {
            let strings = strings.join(",");
            dnsmasq.arg(format!("--txt-record={selector}._domainkey.{DOMAIN},{strings}"));
        }
        let child = dnsmasq.stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, port };
        let listens = async || TcpStream::connect(("127.0.0.1", port)).await.ok();
        soon("dnsmasq", listens).await;
        Some(server)
    }
}

fn checks(place: &Place, selector: &str, port: u16) -> (Option<i32>, String) {
    let file = signed(place, selector);
    let server = format!("127.0.0.1:{port}");
    let words = ["mail", "check", file.to_str().unwrap(), "--offline", "--base-url", BASE_URL];
    place.runs(&[&words[..], &["--dns", "--dns-server", &server]].concat())
}

#[tokio::test]
async fn a_key_is_found_missing_or_revoked() {
    let place = Place::new("dns");
    let other = format!("v=DKIM1; k=ed25519; p={}", PUBLIC.replace("11q", "22q"));
    let (begins, ends) = (format!("v=DKIM1; n={}; k=ed", "long".repeat(50)), "25519; p=");
    let whole = format!("v=DKIM1; k=ed25519; p={PUBLIC}");
    let records: [(&str, &[&str]); 5] = [
        ("whole", &[&whole]),
        // One string of a record holds at most 255 bytes (RFC 1035 §3.3).
        ("long", &[&begins, ends, PUBLIC]),
        ("old", &["v=DKIM1; k=ed25519; p="]),
        ("wrong", &[&other]),
        ("other", &["google-site-verification=1"]),
    ];
    let Some(dnsmasq) = Dnsmasq::starts(&records).await else { return };
    for selector in ["whole", "long"] {
        let (status, said) = checks(&place, selector, dnsmasq.port);
        assert_eq!(status, Some(0), "{selector}: {said}");
        assert!(said.contains("Nothing is wrong") && !said.contains("not verified"), "{said}");
    }
    for (selector, why) in [
        ("gone", "the name service has no key at gone._domainkey.news.northwind.example"),
        ("old", "the key at old._domainkey.news.northwind.example is revoked (p= is empty)"),
        ("wrong", "the signature of news.northwind.example is not good: "),
        ("other", "what the name service has at other._domainkey.news.northwind.example is no key"),
    ] {
        let (status, said) = checks(&place, selector, dnsmasq.port);
        assert_eq!(status, Some(3), "{selector}: {said}");
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("dkim: ")).collect();
        assert_eq!(lines.len(), 1, "{said}");
        assert!(lines[0].contains(why), "{said}");
    }
}

#[tokio::test]
async fn a_name_server_that_is_away_leaves_nothing_verified() {
    let place = Place::new("dns-away");
    let (status, said) = checks(&place, "whole", free_port().await);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("dkim: the name service did not answer for whole._domainkey."), "{said}");
}
