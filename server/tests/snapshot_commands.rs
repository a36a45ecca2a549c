//! Deciding by a snapshot on the command line, without portal and database.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use app::portal::Notice;
use domain::catalogue::parse;
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::moment::{HOUR, MINUTE};
use domain::preference::Step;
use domain::{Act, Moment, NoticeNumber, Position, Preferences, Rulebook, Target, Voice};
use server::index::{Entered, Table, prefix};
use server::keys::Keys;
use server::ports::{Clock, SystemClock};
use server::snapshot::{Plan, Snapshot};
use server::store::Reached;
use server::vault::Vault;
use uuid::Uuid;

const CATALOGUE: &str = include_str!("../../example/catalogue.toml");
const OFFERS: &str = "message:offers/email";

struct Scene {
    folder: PathBuf,
}

impl Scene {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sayso-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).args(["--data", &self.path("data")]).output().unwrap()
    }

    /// Makes a key and gives its id.
    fn makes_key(&self, scope: &str) -> String {
        let output = self.run(&["key", "create", "--name", "sender", "--scope", scope]);
        assert!(output.status.success(), "{}", said(&output));
        said(&output).split('_').nth(1).unwrap().to_owned()
    }

    fn keys(&self) -> Keys {
        Keys::read(Path::new(&self.path("data/keys.toml"))).unwrap()
    }

    /// A file of a moment, in which mira said no to offers.
    fn makes_snapshot(&self, name: &str, client: &str, made_at: Moment) -> String {
        let vault = Vault::new(&self.keys());
        let catalogue = parse(CATALOGUE).unwrap();
        let notice = Notice {
            number: NoticeNumber(1),
            rules: Rulebook::new(&catalogue),
            catalogue,
            published_at: Moment(0),
        };
        let target: Target = OFFERS.parse().unwrap();
        let step = Step {
            position: Position(1),
            target: &target,
            act: Act::Withdrawn,
            at: made_at,
            voice: Voice::Own,
        };
        let mut table = Table::default();
        table.put(&Entered {
            id: Uuid::from_u128(1),
            preferences: &Preferences::fold_steps(std::iter::once(step)),
            revision: 1,
            standpoint: Standpoint::default(),
            language: None,
            digests: &[prefix(&vault.lookup(IdentifierKind::Email, "mira@example.com")[0].digest)],
        });
        let keys = vault.snapshot().unwrap().clone();
        let plan = Plan {
            notice: Arc::new(notice),
            targets: vec![target],
            client: client.to_owned(),
            keys: keys.clone(),
            made_at,
            reached: Reached { position: Position(1), revision: 1 },
            since: None,
        };
        let pieces = Snapshot::build(&table, &plan).into_pieces(keys);
        let path = self.path(name);
        std::fs::write(&path, pieces.collect::<Vec<_>>().concat()).unwrap();
        path
    }

    /// Filters the list where there is no portal.
    fn filters(&self, snapshot: &str, credentials: &str, more: &[&str]) -> Output {
        let list = self.path("list.csv");
        std::fs::write(&list, "email\nmira@example.com\nnoah@example.com\n").unwrap();
        let arguments = ["gate", "filter", &list, "--target", OFFERS, "--snapshot", snapshot];
        let rest = ["--credentials", credentials, "--data", &self.path("nowhere")];
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        let output = command.args(arguments).args(rest).args(more).output().unwrap();
        assert!(!self.folder.join("nowhere").exists(), "no portal was opened");
        output
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// Makes sure that nothing was let through, and says why.
#[track_caller]
fn refused(output: &Output, status: i32) -> String {
    let said = said(output);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(output.stdout.is_empty(), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

#[test]
fn a_list_is_filtered_without_portal_and_database() {
    let scene = Scene::new("offline");
    let client = scene.makes_key("snapshot");
    let credentials = scene.path("credentials.toml");
    let write =
        |key: &str, out: &str| scene.run(&["snapshot", "credentials", "--key", key, "--out", out]);
    let output = write(&client, &credentials);
    assert!(output.status.success(), "{}", said(&output));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&credentials).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(refused(&write(&client, &credentials), 1).contains("can't be used"), "never twice");
    let now = SystemClock.now();
    let snapshot = scene.makes_snapshot("now", &client, now);
    let output = scene.filters(&snapshot, &credentials, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(output.stdout, b"email\nnoah@example.com\n");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(told.trim(), "2 in, 1 allowed, 1 held back: 1 denied");
    let older = scene.makes_snapshot("older", &client, now.plus(-2 * HOUR));
    let output = scene.filters(&older, &credentials, &["--max-age", "3h"]);
    assert_eq!(output.stdout, b"email\nnoah@example.com\n");
}

#[test]
fn what_can_not_be_believed_lets_nobody_through() {
    let scene = Scene::new("unbelieved");
    let (client, other) = (scene.makes_key("snapshot"), scene.makes_key("snapshot"));
    let write = |client: &str, name: &str| {
        let path = scene.path(name);
        let arguments = ["snapshot", "credentials", "--key", client, "--out", &path];
        assert!(scene.run(&arguments).status.success());
        path
    };
    let (mine, theirs) = (write(&client, "mine"), write(&other, "theirs"));
    let now = SystemClock.now();
    let good = scene.makes_snapshot("good", &client, now);
    let out = scene.path("out.csv");
    let refuses = |snapshot: &str, credentials: &str, more: &[&str], status| {
        let more = [more, &["--out", &out]].concat();
        let sentence = refused(&scene.filters(snapshot, credentials, &more), status);
        assert!(!Path::new(&out).exists(), "{sentence}");
        sentence
    };
    let stale = scene.makes_snapshot("stale", &client, now.plus(-HOUR - 1));
    assert!(refuses(&stale, &mine, &[], 1).contains("too old"));
    assert!(refuses(&good, &mine, &["--max-age", "1ms"], 1).contains("too old"));
    let future = scene.makes_snapshot("future", &client, now.plus(10 * MINUTE));
    assert!(refuses(&future, &mine, &[], 1).contains("from the future"));
    let changed = scene.path("changed");
    let mut bytes = std::fs::read(&good).unwrap();
    std::fs::write(&changed, &bytes[..bytes.len() - 70]).unwrap();
    assert!(refuses(&changed, &mine, &[], 1).contains("not whole"));
    let at = bytes.len() - 65;
    bytes[at] ^= 1;
    std::fs::write(&changed, &bytes).unwrap();
    assert!(refuses(&changed, &mine, &[], 1).contains("signature is wrong"));
    std::fs::write(&changed, b"email\nnoah@example.com\n").unwrap();
    assert!(refuses(&changed, &mine, &[], 1).contains("not a snapshot"));
    assert!(refuses(&good, &theirs, &[], 1).contains("another client"));
    assert!(refuses(&good, &good, &[], 1).contains("can't be used"));
    assert!(refuses(&good, &scene.path("none"), &[], 1).contains("can't be used"));
    assert!(refuses(&scene.path("none"), &mine, &[], 1).contains("can't be read"));
    for more in [&["--max-age", "25h"][..], &["--max-age", "0s"], &["--max-age", "soon"]] {
        refuses(&good, &mine, more, 2);
    }
    let list = scene.path("list.csv");
    let filter = ["gate", "filter", &list, "--out", &out];
    let trips = ["--snapshot", &good, "--credentials", &mine, "--target", "message:trips/email"];
    let absent = refused(&scene.run(&[&filter[..], &trips].concat()), 1);
    assert!(absent.contains("does not hold message:trips/email"), "{absent}");
    for half in [["--snapshot", &good], ["--credentials", &mine]] {
        refused(&scene.run(&[&filter[..], &["--target", OFFERS], &half].concat()), 2);
    }
    assert!(!Path::new(&out).exists());
}

#[test]
fn credentials_are_made_for_a_key_with_the_scope_and_where_there_is_a_secret() {
    let scene = Scene::new("credentials");
    let (sender, asker) = (scene.makes_key("snapshot"), scene.makes_key("decide"));
    let out = scene.path("credentials.toml");
    let write = |key: &str, mode: &str| {
        let arguments = ["snapshot", "credentials", "--key", key, "--out", &out, "--mode", mode];
        scene.run(&arguments)
    };
    assert!(refused(&write(&asker, "development"), 1).contains("without the scope snapshot"));
    assert!(refused(&write("0000000000000000", "development"), 1).contains("no key of that id"));
    // A key file from before there were snapshots is used as it is in production.
    let path = scene.path("data/keys.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once("[snapshot]").unwrap();
    let rest = after.split_once("\n[").map_or(String::new(), |(_, rest)| format!("[{rest}"));
    let older = format!("{before}{rest}");
    std::fs::write(&path, &older).unwrap();
    assert!(refused(&write(&sender, "production"), 1).contains("no [snapshot]"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), older);
    assert!(!Path::new(&out).exists());
    let output = write(&format!("sayso_{sender}_secret"), "development");
    assert!(output.status.success(), "{}", said(&output));
    let added = std::fs::read_to_string(&path).unwrap();
    assert!(added.starts_with(&older) && added.contains("[snapshot]"));
    scene.keys();
    assert!(scene.run(&["key", "revoke", &sender]).status.success());
    std::fs::remove_file(&out).unwrap();
    assert!(refused(&write(&sender, "development"), 1).contains("was revoked"));
}
