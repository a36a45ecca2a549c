//! An installation that the program itself runs.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sqlx::{Connection, SqliteConnection};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../example");
/// Who is known, in English and in Chinese; nobody takes mail for the last one.
const CUSTOMERS: &str = "customer_number,name,email,phone,language,region,birth_year,permissions\n\
    N-1,Mira,mira@example.com,,en,,,\n\
    N-2,Lin,lin@example.com,,zh-Hans,,,\n\
    N-3,Gone,gone@example.com,,en,,,\n";
/// The mailbox of mailto unsubscribes.
pub const MAILBOX: &str = "unsubscribe@in.example.com";
/// What every address of the portal begins with.
pub const BASE_URL: &str = "https://privacy.northwind.example";

/// A user of this machine.
#[derive(Clone, Copy)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

/// An installation in a folder of its own, gone when the test ends.
pub struct Place {
    pub folder: PathBuf,
    pub program: PathBuf,
    user: Option<User>,
}

impl Place {
    /// One that the test's own user runs.
    pub fn new(name: &str) -> Self {
        Self::make(name, None)
    }

    /// One that somebody else runs: mail servers call nothing as root.
    pub fn of(user: User, name: &str) -> Self {
        Self::make(name, Some(user))
    }

    fn make(name: &str, user: Option<User>) -> Self {
        let folder =
            std::env::temp_dir().join(format!("sayso-peers-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let built = Path::new(env!("CARGO_BIN_EXE_sayso"));
        let program = match user {
            None => built.to_owned(),
            Some(User { uid, gid }) => {
                open_to_all(&folder);
                chown(folder.join("data"), Some(uid), Some(gid)).unwrap();
                // Where it was built only its builder may look.
                let lent = folder.join("sayso");
                std::fs::hard_link(built, &lent)
                    .or_else(|_| std::fs::copy(built, &lent).map(drop))
                    .unwrap();
                lent
            }
        };
        let place = Self { folder, program, user };
        let (register, customers) = (place.folder.join("c.toml"), place.folder.join("c.csv"));
        std::fs::copy(format!("{EXAMPLE}/catalogue.toml"), &register).unwrap();
        std::fs::write(&customers, CUSTOMERS).unwrap();
        place.does(&["catalogue", "publish", register.to_str().unwrap()]);
        place.does(&["people", "import", customers.to_str().unwrap()]);
        place
    }

    /// The folder with the database and the keys.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The program with these words, for this installation.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).arg("--data").arg(self.data()).current_dir(&self.folder);
        if let Some(User { uid, gid }) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// How it ends and all that it says.
    pub fn runs(&self, words: &[&str]) -> (Option<i32>, String) {
        read(&self.command(words).output().unwrap())
    }

    /// What it says, where it must end well.
    pub fn does(&self, words: &[&str]) -> String {
        let (status, said) = self.runs(words);
        assert_eq!(status, Some(0), "{words:?}: {said}");
        said
    }

    /// The two header fields of a mail to a customer, as they are printed.
    pub fn fields(&self, email: &str, base_url: &str) -> String {
        let words = ["headers", email, "--topic", "offers", "--base-url", base_url];
        self.does(&[&words[..], &["--unsubscribe-mailbox", MAILBOX]].concat())
    }

    /// The address that opts a customer out, whoever writes there.
    pub fn tagged(&self, email: &str) -> String {
        let fields = self.fields(email, BASE_URL);
        let address = fields.split_once("<mailto:").unwrap().1.split_once('?').unwrap().0;
        address.to_owned()
    }

    /// The link's path that opts a customer out of offers.
    pub fn one_click(&self, email: &str) -> String {
        let fields = self.fields(email, BASE_URL);
        let path = fields.split_once(BASE_URL).unwrap().1.split_once('>').unwrap().0;
        path.to_owned()
    }

    /// Whether the gate lets offers by mail go to a customer.
    pub fn lets_offers_go_to(&self, email: &str) -> bool {
        let list = self.folder.join("list.csv");
        std::fs::write(&list, format!("email\n{email}\n")).unwrap();
        let words = ["gate", "filter", "--target", "message:offers/email", list.to_str().unwrap()];
        let output = self.command(&words).output().unwrap();
        assert!(output.status.success(), "{}", read(&output).1);
        String::from_utf8(output.stdout).unwrap().contains(email)
    }

    /// What became of everything that came in.
    pub async fn outcomes(&self) -> Vec<String> {
        self.asks("select outcome from arrival order by arrived_at, outcome").await
    }

    /// The kinds of the marked addresses: one for each.
    pub async fn marked(&self) -> Vec<String> {
        self.asks("select kind from identifier where bounced_at is not null").await
    }

    async fn asks(&self, sql: &'static str) -> Vec<String> {
        let url = format!("sqlite:{}?mode=ro", self.data().join("sayso.db").display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let found = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        found
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Lets every user look into a folder.
pub fn open_to_all(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn read(output: &Output) -> (Option<i32>, String) {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8_lossy(&both).into_owned())
}
