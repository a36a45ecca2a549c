//! Opening either engine, and running one statement on both.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    Database, Encode, PgPool, Postgres, QueryBuilder, SqlSafeStr, Sqlite, SqlitePool, Transaction,
    Type,
};

/// Connections of either engine.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Opening a transaction whose caller may go away at any moment, as whoever closes a browser does.
pub(super) trait Opens<DB: Database> {
    /// A transaction. Given up in the middle, none stays open behind.
    fn opens(&self) -> impl Future<Output = Result<Transaction<'static, DB>, sqlx::Error>> + Send;
}

impl Opens<Sqlite> for SqlitePool {
    async fn opens(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.begin().await
    }
}

impl Opens<Postgres> for PgPool {
    /// sqlx 0.9 takes back only a transaction that it has heard to be open: given up before that,
    /// the connection would go on inside of it and swallow what it writes next. A task of its own
    /// is not given up, and what it opened for nobody is taken back.
    async fn opens(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let pool = self.clone();
        let opened = tokio::spawn(async move { pool.begin().await });
        opened.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

/// Runs the same expression on whichever engine is there. `$db` names the pool (or transaction)
/// in it, `Db` the engine's type.
macro_rules! on_pool {
    ($pool:expr, $db:ident => $body:expr) => {
        match $pool {
            $crate::store::pool::Pool::Sqlite($db) => {
                #[allow(dead_code, reason = "not every statement names its engine")]
                type Db = sqlx::Sqlite;
                $body
            }
            $crate::store::pool::Pool::Postgres($db) => {
                #[allow(dead_code, reason = "not every statement names its engine")]
                type Db = sqlx::Postgres;
                $body
            }
        }
    };
}
pub(super) use on_pool;

/// Adds values to a statement, with commas between them.
pub(super) fn push_list<'t, D, T>(
    statement: &mut QueryBuilder<D>,
    values: impl IntoIterator<Item = T>,
) where
    D: Database,
    T: Encode<'t, D> + Type<D>,
{
    let mut list = statement.separated(", ");
    for value in values {
        list.push_bind(value);
    }
}

/// The store of one installation.
#[derive(Clone, Debug)]
pub struct Store {
    /// Reads, and writes that may be lost in a power cut (sessions).
    pub(super) quick: Pool,
    /// Writes that are on disk before they are answered. On SQLite a single connection.
    pub(super) durable: Pool,
}

/// The store did not do what was asked. Says nothing of the data.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine or the connection failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds what this version can't read.
    #[error("a row of table {0} can't be read")]
    Unreadable(&'static str),
    /// A file beside the database can't be read or written.
    #[error("a file can't be read or written: {0}")]
    File(std::io::ErrorKind),
    /// The URL names no engine that is known.
    #[error("a database URL starts with sqlite: or postgres:")]
    UnknownEngine,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        fn migrations(postgres: bool) -> Vec<Migration> {
            vec![$({
                let sql = if postgres {
                    include_str!(concat!("../../migrations/postgres/", $name, ".sql"))
                } else {
                    include_str!(concat!("../../migrations/sqlite/", $name, ".sql"))
                };
                let kind = MigrationType::Simple;
                Migration::new($number, $name.into(), kind, sql.into_sql_str(), false)
            }),*]
        }
    };
}

migrations!(
    1 "0001_foundation",
    2 "0002_index",
    3 "0003_delivery",
    4 "0004_api",
    5 "0005_feed",
    6 "0006_newcomer",
    7 "0007_outbox",
    8 "0008_request",
    10 "0010_agent",
    11 "0011_short_code",
    12 "0012_proof",
    13 "0013_delivery_at_scale",
);

impl Store {
    /// Opens the store at a URL (`sqlite:FILE` or `postgres://…`) and brings its schema up to
    /// date, under a lock where several nodes may start together.
    ///
    /// # Errors
    /// [`StoreError`] when the engine can't be reached or its schema is newer than this program.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect(url)
                .await?;
            Self { quick: Pool::Postgres(pool.clone()), durable: Pool::Postgres(pool) }
        } else if url.starts_with("sqlite:") {
            open_sqlite(url).await?
        } else {
            return Err(StoreError::UnknownEngine);
        };
        let postgres = matches!(store.durable, Pool::Postgres(_));
        let migrator = Migrator::with_migrations(migrations(postgres));
        match &store.durable {
            Pool::Postgres(db) => migrator.run(db).await?,
            // SQLite has no lock that outlives a transaction: who comes second, looks again.
            Pool::Sqlite(db) => {
                if migrator.run(db).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    migrator.run(db).await?;
                }
            }
        }
        Ok(store)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_pool!(&self.quick, db => sqlx::query("select 1").execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes memory (64 MB) for what is written everywhere at once, as loading millions does. On
    /// PostgreSQL the server has its own.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn widen(&self) -> Result<(), StoreError> {
        if let Pool::Sqlite(db) = &self.durable {
            sqlx::query("pragma cache_size = -65536").execute(db).await?;
        }
        Ok(())
    }

    /// Closes every connection, so that a file may be moved away.
    pub async fn close(&self) {
        on_pool!(&self.quick, db => db.close().await);
        on_pool!(&self.durable, db => db.close().await);
    }
}

async fn open_sqlite(url: &str) -> Result<Store, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(64);
    let durable = SqlitePoolOptions::new()
        .max_connections(1)
        // The only one that writes durably is never exchanged for another.
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options.clone().synchronous(SqliteSynchronous::Full))
        .await?;
    // What is asked often is in memory already; eight large page caches would only weigh.
    // Rows cross from the engine's thread to ours: the more at a time, the fewer hand-overs.
    let quick_options = options.pragma("cache_size", "-512").row_buffer_size(1_024);
    let quick = SqlitePoolOptions::new()
        .max_connections(8)
        // A file does not go away between two questions; asking first would double each.
        .test_before_acquire(false)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(quick_options.synchronous(SqliteSynchronous::Normal))
        .await?;
    Ok(Store { quick: Pool::Sqlite(quick), durable: Pool::Sqlite(durable) })
}
