//! Postfix with a folder, ports and a configuration of its own. Nothing leaves this machine, and
//! what the handbook says of it is read from there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::authority::Papers;
use crate::place::{Place, User, open_to_all};
use crate::{free_port, has, soon};

const HANDBOOK: &str = include_str!("../../../docs/mail.md");
const PROGRAM: &str = "/usr/sbin/postfix";
/// Whom mail is delivered as.
const NOBODY: &str = "nobody";
/// Those who have a mailbox.
const MAILBOXES: [&str; 2] = ["mira", "lin"];

/// The mail server; it stops when this is dropped.
pub struct Postfix {
    folder: PathBuf,
    /// Where it refuses whom it does not know, and anything without TLS.
    pub strict: u16,
    /// Where it takes mail for anybody at first, as one that passes mail on does.
    pub trusting: u16,
    /// The authority of its certificate, which is for `localhost`.
    pub authority: String,
}

impl Drop for Postfix {
    fn drop(&mut self) {
        drop(self.control("abort"));
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Starts an installation and the mail server that calls it, where that can be.
pub async fn with_postfix(name: &str) -> Option<(Place, Postfix)> {
    let id = |flag: &str| {
        let output = Command::new("id").args([flag, NOBODY]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let me = Command::new("id").arg("-u").output().unwrap().stdout;
    // Postfix is started by root alone.
    if !has(me == b"0\n" && Path::new(PROGRAM).exists(), "postfix") {
        return None;
    }
    let user = User { uid: id("-u").unwrap(), gid: id("-g").unwrap() };
    let place = Place::of(user, name);
    let postfix = Postfix::starts(&place, user, name).await;
    Some((place, postfix))
}

impl Postfix {
    async fn starts(place: &Place, user: User, name: &str) -> Self {
        let folder = format!("sayso-peers-postfix-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        drop(std::fs::remove_dir_all(&folder));
        for part in ["etc", "spool", "data", "mail", "log"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        open_to_all(&folder);
        let User { uid, gid } = user;
        std::os::unix::fs::chown(folder.join("mail"), Some(uid), Some(gid)).unwrap();
        let given = Command::new("chown").arg("postfix").arg(folder.join("data")).status();
        assert!(given.unwrap().success());
        let papers = Papers::of("localhost");
        let etc = folder.join("etc");
        papers.lay(&etc);
        let (strict, trusting) = (free_port().await, free_port().await);
        let authority = papers.authority;
        let postfix = Self { folder, strict, trusting, authority };
        std::fs::write(etc.join("main.cf"), postfix.main(user)).unwrap();
        std::fs::write(etc.join("master.cf"), postfix.master(place)).unwrap();
        std::fs::write(etc.join("transport"), block("in.example.com ")).unwrap();
        let started = postfix.control("start");
        assert!(started.status.success(), "{started:?}: {}", postfix.log());
        let greets = async || tokio::net::TcpStream::connect(("127.0.0.1", strict)).await.ok();
        soon("Postfix", greets).await;
        postfix
    }

    fn main(&self, User { uid, gid }: User) -> String {
        let root = self.folder.display();
        let known = MAILBOXES.map(|name| format!("{name}@example.com={name}/")).join(" ");
        let ours = block("relay_domains ")
            .replace("hash:/etc/postfix/transport", &format!("texthash:{root}/etc/transport"));
        format!(
            "compatibility_level = 3.6\nqueue_directory = {root}/spool\n\
             data_directory = {root}/data\nmaillog_file = {root}/log/mail\n\
             maillog_file_prefixes = {root}\nmyhostname = mx.example.com\nmydestination =\n\
             local_recipient_maps =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
             smtpd_peername_lookup = no\nmynetworks =\n\
             smtpd_relay_restrictions = reject_unauth_destination\n\
             default_transport = error:nothing leaves this machine\n\
             relay_transport = error:nothing leaves this machine\n\
             virtual_mailbox_domains = example.com\nvirtual_mailbox_base = {root}/mail\n\
             virtual_mailbox_maps = inline:{{ {known} }}\nvirtual_minimum_uid = 1\n\
             virtual_uid_maps = static:{uid}\nvirtual_gid_maps = static:{gid}\n\
             message_size_limit = 200000\nsmtpd_tls_security_level = encrypt\n\
             smtpd_tls_received_header = yes\nsmtpd_tls_cert_file = {root}/etc/certificate.pem\n\
             smtpd_tls_key_file = {root}/etc/key.pem\nqueue_run_delay = 1s\n\
             minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nnotify_classes =\n{ours}"
        )
    }

    fn master(&self, place: &Place) -> String {
        let Self { strict, trusting, .. } = self;
        let data = place.data();
        let ours = block("sayso  unix ")
            .replace("user=sayso", &format!("user={NOBODY}"))
            .replace("/usr/bin/sayso", place.program.to_str().unwrap())
            .replace("/var/lib/sayso", data.to_str().unwrap())
            .replace("/etc/sayso/keys.toml", data.join("keys.toml").to_str().unwrap());
        format!(
            "127.0.0.1:{strict} inet n - n - - smtpd\n\
             127.0.0.1:{trusting} inet n - n - - smtpd\n  \
             -o smtpd_reject_unlisted_recipient=no\n  -o smtpd_tls_security_level=may\n\
             cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
             tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n\
             bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n\
             trace unix - - n - 0 bounce\nproxymap unix - - n - - proxymap\n\
             error unix - - n - - error\nretry unix - - n - - error\n\
             virtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\n\
             postlog unix-dgram n - n - 1 postlogd\n{ours}"
        )
    }

    fn control(&self, what: &str) -> Output {
        Command::new(PROGRAM).arg("-c").arg(self.folder.join("etc")).arg(what).output().unwrap()
    }

    /// The authority as a file.
    pub fn authority_file(&self) -> PathBuf {
        self.folder.join("etc/authority.pem")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log/mail")).unwrap_or_default()
    }

    /// Brings it a message, as another mail server does.
    pub async fn gets(&self, from: &str, to: &[&str], raw: &str) {
        let root = Certificate::from_pem(self.authority.as_bytes()).unwrap();
        let tls = TlsParameters::builder("localhost".into()).add_root_certificate(root);
        let wire = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("localhost")
            .port(self.strict)
            .tls(Tls::Required(tls.build().unwrap()))
            .timeout(Some(Duration::from_secs(10)))
            .build();
        let from = (!from.is_empty()).then(|| from.parse().unwrap());
        let to = to.iter().map(|to| to.parse().unwrap()).collect();
        let envelope = Envelope::new(from, to).unwrap();
        wire.send_raw(&envelope, raw.replace('\n', "\r\n").as_bytes()).await.unwrap();
    }

    /// The messages in somebody's maildir.
    pub fn delivered(&self, name: &str) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.folder.join("mail").join(name).join("new"));
        let files = files.into_iter().flatten();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

/// The block of the handbook that begins so.
fn block(beginning: &str) -> String {
    let blocks = HANDBOOK.split("```").skip(1).step_by(2);
    let text = |block: &str| block.split_once('\n').map(|(_, text)| text.to_owned());
    let mut found = blocks.filter_map(text).filter(|text| text.starts_with(beginning));
    found.next().unwrap_or_else(|| panic!("docs/mail.md has no block “{beginning}”"))
}
