//! Other people's mail clients unsubscribe by the header fields that the program prints, over
//! HTTPS (RFC 8058).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Papers;
use crate::campaign::{DOMAIN, campaign};
use crate::dovecot::Dovecot;
use crate::place::Place;
use crate::portal::Portal;
use crate::python::python;

const MIRA: &str = "mira@example.com";
const LIN: &str = "lin@example.com";

/// A portal behind TLS, as a business's own proxy gives it.
struct Reached {
    place: Place,
    base_url: String,
    authority: PathBuf,
    _portal: Portal,
}

impl Reached {
    async fn opens(name: &str) -> Self {
        let place = Place::new(name);
        let papers = Papers::of("localhost");
        papers.lay(&place.folder);
        let authority = place.folder.join("authority.pem");
        let portal = Portal::starts(&place, &[], None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(passes_on(listener, acceptor(&papers), portal.address.clone()));
        Self { place, base_url, authority, _portal: portal }
    }

    fn message(&self, email: &str) -> String {
        campaign(&self.place, email, &self.base_url)
    }
}

fn acceptor(papers: &Papers) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(papers.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(papers.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn passes_on(listener: TcpListener, tls: TlsAcceptor, to: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, to) = (tls.clone(), to.clone());
        tokio::spawn(async move {
            let mut outer = tls.accept(stream).await?;
            let mut inner = TcpStream::connect(to).await?;
            tokio::io::copy_bidirectional(&mut outer, &mut inner).await
        });
    }
}

/// Runs the script with a message at hand; the portal goes on meanwhile.
async fn runs(python: &Path, words: &[&str], authority: &Path, message: String) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/one_click.py");
    let mut command = Command::new(python);
    command.arg(script).args(words).env("REQUESTS_CA_BUNDLE", authority);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let Output { status, stdout, stderr } = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[tokio::test]
async fn a_strict_library_makes_the_request_in_either_form() {
    let Some(python) = python() else { return };
    let reached = Reached::opens("request").await;
    let authority = reached.authority.to_str().unwrap();
    for (form, email, other) in [("multipart", MIRA, Some(LIN)), ("urlencoded", LIN, None)] {
        let message = reached.message(email);
        assert!(reached.place.lets_offers_go_to(email));
        let said = runs(&python, &["request", form, authority], &reached.authority, message).await;
        assert_eq!(said.trim(), "200", "{form}");
        assert!(!reached.place.lets_offers_go_to(email), "{form}");
        assert!(other.is_none_or(|other| reached.place.lets_offers_go_to(other)), "{form}");
    }
}

#[tokio::test]
async fn a_mail_client_unsubscribes_by_the_message_in_its_mailbox() {
    let Some(python) = python() else { return };
    let reached = Reached::opens("client").await;
    let Some(dovecot) = Dovecot::starts(Some(&reached.place.folder)).await else { return };
    dovecot.gets("1", &reached.message(MIRA));
    assert!(reached.place.lets_offers_go_to(MIRA));
    let words = ["client", &dovecot.port.to_string(), DOMAIN];
    let said = runs(&python, &words, &reached.authority, String::new()).await;
    assert!(said.contains("1click  HTTP 200"), "{said}");
    assert!(!reached.place.lets_offers_go_to(MIRA));
    assert!(reached.place.lets_offers_go_to(LIN));
    dovecot.stops().await;
}
