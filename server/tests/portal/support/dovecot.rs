//! Dovecot with one user, in a folder and on ports of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

const PROGRAMS: [&str; 2] = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"];
const REQUIRED: &str = "SAYSO_REQUIRE_DOVECOT";

/// The mail server; it stops when this is dropped.
pub struct Dovecot {
    pub folder: PathBuf,
    /// Where it speaks IMAP, over TLS if it has papers and plainly if it has none.
    pub port: u16,
    server: tokio::process::Child,
}

impl Dovecot {
    /// Starts it, if it is installed: with TLS where a folder has its `certificate.pem` and
    /// `key.pem`. Its user is `replies`, with the password `wonder`.
    pub async fn starts(papers: Option<&Path>) -> Option<Self> {
        let Some(program) = PROGRAMS.into_iter().find(|path| Path::new(path).exists()) else {
            let required = std::env::var(REQUIRED).is_ok_and(|is| is == "1");
            assert!(!required, "{REQUIRED} is set, but dovecot is missing");
            eprintln!("skipped: dovecot is not installed");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let folder = std::env::temp_dir().join(format!("sayso-dovecot-{port}"));
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(folder.join("mail").join(part)).unwrap();
        }
        open_to_all(&folder);
        let file = folder.join("dovecot.conf");
        std::fs::write(&file, config(&folder, port, papers)).unwrap();
        let server = tokio::process::Command::new(program)
            .args(["-F", "-c"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let dovecot = Self { folder, port, server };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(dovecot);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("dovecot does not start: {}", dovecot.log());
    }

    /// Lays a message into its user's maildir.
    pub fn gets(&self, name: &str, raw: &str) {
        std::fs::write(self.folder.join("mail/new").join(name), raw).unwrap();
        open_to_all(&self.folder.join("mail"));
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Ends it and clears up.
    pub async fn stops(mut self) {
        self.server.kill().await.unwrap();
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn config(folder: &Path, port: u16, papers: Option<&Path>) -> String {
    let root = folder.display();
    let me = Command::new("id").arg("-un").output().unwrap().stdout;
    let me = String::from_utf8(me).unwrap().trim().to_owned();
    // Dovecot lends root to nobody; its package has users for that.
    let (inner, outer, owner) = match me.as_str() {
        "root" => ("dovecot", "dovenull", "mail"),
        me => (me, me, me),
    };
    let (tls, plain_port, tls_port) = match papers {
        None => ("ssl = no".to_owned(), port, 0),
        Some(papers) => {
            let papers = papers.display();
            let files =
                format!("ssl_cert = <{papers}/certificate.pem\nssl_key = <{papers}/key.pem");
            (format!("ssl = required\n{files}"), 0, port)
        }
    };
    format!(
        "base_dir = {root}/run\nstate_dir = {root}/state\nlog_path = {root}/log\n\
         protocols = imap\nlisten = 127.0.0.1\n{tls}\ndisable_plaintext_auth = no\n\
         mail_location = maildir:{root}/mail\nfirst_valid_uid = 1\n\
         default_internal_user = {inner}\ndefault_login_user = {outer}\n\
         service imap-login {{\n chroot =\n inet_listener imap {{\n port = {plain_port}\n }}\n \
         inet_listener imaps {{\n port = {tls_port}\n ssl = yes\n }}\n}}\n\
         service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n\
         passdb {{\n driver = static\n args = password=wonder\n}}\n\
         userdb {{\n driver = static\n args = uid={owner} gid={owner} home={root}\n}}\n"
    )
}

fn open_to_all(folder: &Path) {
    let chmod = Command::new("chmod").args(["-R", "777"]).arg(folder).status();
    assert!(chmod.unwrap().success());
}
