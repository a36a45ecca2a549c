//! A fresh database for each test, on either engine.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;

use server::ports::{Random, SystemRandom};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

/// Where PostgreSQL is, such as `postgres://postgres@127.0.0.1:5432/postgres`.
const URL: &str = "SAYSO_TEST_POSTGRES_URL";
/// Set to 1 where PostgreSQL must not be left out.
const REQUIRED: &str = "SAYSO_REQUIRE_POSTGRES";

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database that is nobody else's.
#[derive(Debug)]
pub enum Place {
    Folder { folder: PathBuf, url: String },
    Database { admin: String, name: String, url: String },
}

impl Place {
    /// A new, empty database; nothing where PostgreSQL is neither there nor required.
    pub async fn make(engine: Engine) -> Option<Self> {
        let mut bytes = [0; 8];
        SystemRandom.fill(&mut bytes);
        let name = format!("t_{:016x}", u64::from_be_bytes(bytes));
        match engine {
            Engine::Sqlite => {
                let folder = std::env::temp_dir().join(format!("sayso-{name}"));
                fs::create_dir(&folder).expect("the temporary folder can be written");
                let url = format!("sqlite:{}", folder.join("sayso.db").display());
                Some(Self::Folder { folder, url })
            }
            Engine::Postgres => {
                let admin = postgres()?;
                let statement = AssertSqlSafe(format!("create database {name}"));
                let mut door = PgConnection::connect(&admin).await.expect("PostgreSQL answers");
                sqlx::query(statement).execute(&mut door).await.expect("a database is made");
                let (base, options) = admin.split_once('?').unwrap_or((&admin, ""));
                let (server, _) = base.rsplit_once('/').expect("the URL names a database");
                let url = format!("{server}/{name}?{options}");
                Some(Self::Database { admin, name, url })
            }
        }
    }

    pub fn engine(&self) -> Engine {
        match self {
            Self::Folder { .. } => Engine::Sqlite,
            Self::Database { .. } => Engine::Postgres,
        }
    }

    /// What `Store::open` takes.
    pub fn url(&self) -> &str {
        match self {
            Self::Folder { url, .. } | Self::Database { url, .. } => url,
        }
    }

    /// Runs a statement past the portal, as somebody with the database's password could.
    pub async fn runs(&self, statement: &str) -> Result<u64, sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Folder { url, .. } => {
                let mut door = SqliteConnection::connect(url).await?;
                let done = sqlx::query(statement).execute(&mut door).await?;
                door.close().await?;
                Ok(done.rows_affected())
            }
            Self::Database { url, .. } => {
                let mut door = PgConnection::connect(url).await?;
                let done = sqlx::query(statement).execute(&mut door).await?;
                door.close().await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// How many rows a question finds.
    pub async fn counts(&self, question: &str) -> usize {
        let question = AssertSqlSafe(question.to_owned());
        match self {
            Self::Folder { url, .. } => {
                let mut door = SqliteConnection::connect(url).await.expect("the file");
                sqlx::query(question).fetch_all(&mut door).await.expect("rows").len()
            }
            Self::Database { url, .. } => {
                let mut door = PgConnection::connect(url).await.expect("the database");
                sqlx::query(question).fetch_all(&mut door).await.expect("rows").len()
            }
        }
    }

    /// Takes the ledger's own protection away.
    pub async fn disarms(&self) {
        let triggers: &[&str] = match self.engine() {
            Engine::Sqlite => &[
                "drop trigger choice_is_never_updated",
                "drop trigger choice_is_never_deleted",
                "drop trigger choice_is_never_replaced",
            ],
            Engine::Postgres => &[
                "drop trigger choice_is_never_changed on choice",
                "drop trigger choice_is_never_truncated on choice",
            ],
        };
        for statement in triggers {
            self.runs(statement).await.expect("the trigger was there");
        }
    }

    /// Everything that a thief of the database would have: on SQLite each byte of its files, on
    /// PostgreSQL each row of each table.
    pub async fn dump(&self) -> Vec<u8> {
        match self {
            Self::Folder { folder, .. } => {
                let mut bytes = every_file(folder);
                self.runs("pragma wal_checkpoint(truncate)").await.expect("the log is folded in");
                bytes.extend(every_file(folder));
                bytes
            }
            Self::Database { url, .. } => {
                let mut door = PgConnection::connect(url).await.expect("PostgreSQL answers");
                let tables = "select tablename from pg_tables where schemaname = 'public'";
                let tables = sqlx::query(tables).fetch_all(&mut door).await.expect("tables");
                let mut bytes = Vec::new();
                for table in tables {
                    let table: String = table.get(0);
                    let rows = AssertSqlSafe(format!("select t::text from {table} as t"));
                    for row in sqlx::query(rows).fetch_all(&mut door).await.expect("rows") {
                        bytes.extend(row.get::<String, _>(0).into_bytes());
                    }
                }
                bytes
            }
        }
    }

    /// Leaves nothing behind.
    pub async fn clear(self) {
        match self {
            Self::Folder { folder, .. } => drop(fs::remove_dir_all(folder)),
            Self::Database { admin, name, .. } => {
                let statement = AssertSqlSafe(format!("drop database {name} with (force)"));
                let mut door = PgConnection::connect(&admin).await.expect("PostgreSQL answers");
                sqlx::query(statement).execute(&mut door).await.expect("the database is dropped");
            }
        }
    }
}

/// Whether a dump holds a secret, as it is or in the hexadecimal that PostgreSQL writes bytes in.
pub fn holds(dump: &[u8], secret: &[u8]) -> bool {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("half a byte");
    let hex = secret.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    let hex: String = hex.collect();
    [secret, hex.as_bytes()].iter().any(|part| dump.windows(part.len()).any(|seen| seen == *part))
}

fn every_file(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).expect("the folder is there");
    files.flat_map(|file| fs::read(file.expect("a file").path()).expect("it can be read")).collect()
}

/// Where PostgreSQL is, if anywhere.
fn postgres() -> Option<String> {
    static SKIPPED: Once = Once::new();
    if let Ok(url) = std::env::var(URL) {
        return Some(url);
    }
    let required = std::env::var(REQUIRED).is_ok_and(|value| value == "1");
    assert!(!required, "{REQUIRED}=1, but {URL} is not set");
    SKIPPED.call_once(|| {
        // Past the test runner's capture, so that nobody takes half a suite for the whole.
        let line = format!("skipped: {URL} is not set, so no test runs on PostgreSQL\n");
        drop(std::io::stderr().write_all(line.as_bytes()));
    });
    None
}
