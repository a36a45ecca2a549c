//! A mail server that keeps what it is given, and behaves as badly as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A command that the sink may answer badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Greeting,
    From,
    To,
    Data,
    /// After the message itself.
    End,
}

/// How it behaves at one command.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// With this answer.
    Says(&'static str),
    /// Not at all.
    Hangs,
    /// By hanging up.
    HangsUp,
}

/// A message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub from: String,
    pub to: String,
    pub text: String,
    pub encrypted: bool,
    pub user: Option<String>,
}

impl Message {
    /// A header field, unfolded.
    pub fn field(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let of = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned());
        head.split("\r\n").find_map(of)
    }
}

/// Which protection it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    Nothing,
    StartTls,
    Wrapped,
}

#[derive(Default)]
struct Inner {
    messages: Mutex<Vec<Message>>,
    moods: Mutex<VecDeque<(Stage, Mood)>>,
    connections: Mutex<Vec<JoinHandle<()>>>,
}

/// The server.
pub struct Sink {
    pub port: u16,
    /// The certificate that it shows, in PEM.
    pub certificate: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl Sink {
    pub async fn opens(offer: Offer) -> Self {
        Self::opens_at(0, offer).await
    }

    pub async fn opens_at(port: u16, offer: Offer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let names = vec!["localhost".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("a certificate");
        let tls = acceptor(cert.der().clone(), signing_key.serialize_der());
        let inner = Arc::new(Inner::default());
        let shared = Arc::clone(&inner);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (inner, tls) = (Arc::clone(&shared), tls.clone());
                let talk = async move { drop(serve(inner, stream, tls, offer).await) };
                shared.connections.lock().expect("whole").push(tokio::spawn(talk));
            }
        });
        Self { port, certificate: pem(cert.der()), inner, server }
    }

    /// Goes away: it hangs up everywhere, and nobody listens at its port any more.
    pub async fn closes(&mut self) {
        self.server.abort();
        self.inner.connections.lock().expect("whole").iter().for_each(JoinHandle::abort);
        drop((&mut self.server).await);
    }

    /// Behaves like this, once each, at the next command of each kind.
    pub fn feels(&self, moods: impl IntoIterator<Item = (Stage, Mood)>) {
        self.inner.moods.lock().expect("whole").extend(moods);
    }

    /// What it was given since it was asked last.
    pub fn received(&self) -> Vec<Message> {
        std::mem::take(&mut self.inner.messages.lock().expect("whole"))
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.inner.connections.lock().expect("whole").len()
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: Vec<u8>) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    TlsAcceptor::from(Arc::new(config))
}

fn pem(certificate: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

async fn serve(
    inner: Arc<Inner>,
    stream: TcpStream,
    tls: TlsAcceptor,
    offer: Offer,
) -> std::io::Result<()> {
    let talk = |encrypted| Talk { inner: Arc::clone(&inner), offer, encrypted, user: None };
    if offer == Offer::Wrapped {
        let stream = tls.accept(stream).await?;
        return talk(true).greets(BufReader::new(stream)).await;
    }
    let mut plain = BufReader::new(stream);
    plain.write_all(b"").await?;
    let mut talk_plain = talk(false);
    if talk_plain.greet(&mut plain).await? && talk_plain.listen(&mut plain).await? {
        let stream = tls.accept(plain.into_inner()).await?;
        talk(true).listen(&mut BufReader::new(stream)).await?;
    }
    Ok(())
}

/// One connection.
struct Talk {
    inner: Arc<Inner>,
    offer: Offer,
    encrypted: bool,
    user: Option<String>,
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl Talk {
    async fn greets(mut self, mut wire: BufReader<impl Wire>) -> std::io::Result<()> {
        if self.greet(&mut wire).await? {
            self.listen(&mut wire).await?;
        }
        Ok(())
    }

    async fn greet(&mut self, wire: &mut BufReader<impl Wire>) -> std::io::Result<bool> {
        self.answer(wire, Some(Stage::Greeting), "220 sink.example ESMTP")
            .await
            .map(|said| said.is_some())
    }

    /// Answers as it feels, or else well. None: it hung up. False: it refused.
    async fn answer(
        &self,
        wire: &mut BufReader<impl Wire>,
        stage: Option<Stage>,
        well: &str,
    ) -> std::io::Result<Option<bool>> {
        let mood = {
            let mut moods = self.inner.moods.lock().expect("whole");
            let at = moods.iter().position(|(of, _)| Some(*of) == stage);
            at.and_then(|at| moods.remove(at))
        };
        let said = match mood {
            None => well,
            Some((_, Mood::Says(said))) => said,
            Some((_, Mood::HangsUp)) => return Ok(None),
            Some((_, Mood::Hangs)) => {
                tokio::time::sleep(Duration::from_hours(1)).await;
                return Ok(None);
            }
        };
        wire.write_all(format!("{said}\r\n").as_bytes()).await?;
        wire.flush().await?;
        Ok(Some(said == well))
    }

    /// Listens until the end; true when the client wants TLS now.
    async fn listen(&mut self, wire: &mut BufReader<impl Wire>) -> std::io::Result<bool> {
        let (mut from, mut to) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if wire.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let line = line.trim_end();
            let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let (stage, well) = match word.as_str() {
                "EHLO" => (None, self.features()),
                "STARTTLS" if self.offer == Offer::StartTls && !self.encrypted => {
                    self.answer(wire, None, "220 go ahead").await?;
                    return Ok(true);
                }
                "AUTH" => {
                    self.user = Some(line.to_owned());
                    (None, "235 2.7.0 welcome".to_owned())
                }
                "MAIL" => {
                    from = address(line);
                    (Some(Stage::From), "250 2.1.0 ok".to_owned())
                }
                "RCPT" => {
                    to = address(line);
                    (Some(Stage::To), "250 2.1.5 ok".to_owned())
                }
                "DATA" => (Some(Stage::Data), "354 go ahead".to_owned()),
                "NOOP" | "RSET" => (None, "250 2.0.0 ok".to_owned()),
                "QUIT" => {
                    self.answer(wire, None, "221 2.0.0 bye").await?;
                    return Ok(false);
                }
                _ => (None, "502 5.5.2 what?".to_owned()),
            };
            let Some(taken) = self.answer(wire, stage, &well).await? else { return Ok(false) };
            if word == "DATA" && taken {
                let text = read_message(wire).await?;
                let answered = self.answer(wire, Some(Stage::End), "250 2.0.0 queued").await?;
                if answered == Some(true) {
                    let (from, to) = (std::mem::take(&mut from), std::mem::take(&mut to));
                    let (encrypted, user) = (self.encrypted, self.user.clone());
                    let message = Message { from, to, text, encrypted, user };
                    self.inner.messages.lock().expect("whole").push(message);
                } else if answered.is_none() {
                    return Ok(false);
                }
            }
        }
    }

    fn features(&self) -> String {
        let mut lines = vec!["250-sink.example", "250-8BITMIME", "250-AUTH PLAIN LOGIN"];
        if self.offer == Offer::StartTls && !self.encrypted {
            lines.push("250-STARTTLS");
        }
        lines.push("250 ENHANCEDSTATUSCODES");
        lines.join("\r\n")
    }
}

fn address(line: &str) -> String {
    let start = line.find('<').map_or(0, |at| at + 1);
    let end = line.find('>').unwrap_or(line.len());
    line[start..end].to_owned()
}

async fn read_message(wire: &mut BufReader<impl Wire>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
