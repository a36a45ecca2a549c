//! Cases that somebody must answer (11 CCR 7101).

use domain::request::{Basis, Manner, Nature, Response, State};
use domain::{Language, Reference};
use uuid::Uuid;

use super::arrival::{ArrivalRow, insert_arrival};
use super::pool::{Opens, Store, StoreError, on_pool};

/// A request as stored. Times in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id.
    pub id: Uuid,
    /// The number that is quoted.
    pub reference: Reference,
    /// When it came.
    pub received_at: i64,
    /// How it was made.
    pub manner: Manner,
    /// What it is about.
    pub nature: Nature,
    /// In which language to answer.
    pub language: Language,
    /// How far it has come.
    pub state: State,
    /// When it must be answered.
    pub due_at: i64,
    /// Whose it is, as far as is known.
    pub person_id: Option<Uuid>,
    /// What was said, sealed.
    pub sealed: Option<Vec<u8>>,
    /// When it was answered.
    pub responded_at: Option<i64>,
    /// What the answer was.
    pub response: Option<Response>,
    /// Why it was refused.
    pub denial_basis: Option<Basis>,
}

/// How a request ends (11 CCR 7101(b)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What it was about, now that it was read.
    pub nature: Nature,
    /// What the answer was.
    pub response: Response,
    /// Why it was refused.
    pub denial_basis: Option<Basis>,
    /// When it was answered, in milliseconds since 1970.
    pub responded_at: i64,
}

/// Which requests to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those about this.
    pub nature: Option<Nature>,
}

/// How many open requests there are of one nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenRequests {
    /// The nature.
    pub nature: Nature,
    /// All of them.
    pub all: i64,
    /// Those with at least half of the time gone, and some of it left.
    pub amber: i64,
    /// Those with at least four fifths gone, and some left.
    pub red: i64,
    /// Those whose time is over.
    pub overdue: i64,
}

macro_rules! insert_request {
    ($row:expr) => {
        sqlx::query(
            "insert into request (id, reference, received_at, manner, nature, language, state,
                                  due_at, person_id, sealed)
             values ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9)",
        )
        .bind($row.id)
        .bind($row.reference.as_str())
        .bind($row.received_at)
        .bind($row.manner.as_str())
        .bind($row.nature.as_str())
        .bind($row.language.tag())
        .bind($row.due_at)
        .bind($row.person_id)
        .bind(&$row.sealed)
    };
}
pub(super) use insert_request;

pub(super) type Tuple = (
    Uuid,
    String,
    i64,
    String,
    String,
    String,
    String,
    i64,
    Option<Uuid>,
    Option<Vec<u8>>,
    Option<i64>,
    Option<String>,
    Option<String>,
);

pub(super) const COLUMNS: &str =
    "select id, reference, received_at, manner, nature, language, state, due_at,
    person_id, sealed, responded_at, response, denial_basis from request ";

/// Reads a row of table `request`.
pub(super) fn read(row: Tuple) -> Result<RequestRow, StoreError> {
    let (id, reference, received_at, manner, nature, language, state, due_at, ..) = row;
    let (.., person_id, sealed, responded_at, response, denial_basis) = row;
    let whole = || {
        Some(RequestRow {
            id,
            reference: reference.parse().ok()?,
            received_at,
            manner: Manner::from_word(&manner)?,
            nature: Nature::from_word(&nature)?,
            language: language.parse().ok()?,
            state: State::from_word(&state)?,
            due_at,
            person_id,
            sealed,
            responded_at,
            response: known(response.as_deref(), Response::from_word).ok()?,
            denial_basis: known(denial_basis.as_deref(), Basis::from_word).ok()?,
        })
    };
    whole().ok_or(StoreError::Unreadable("request"))
}

/// The value of a word that may be missing; an error for a word that is none.
fn known<T>(word: Option<&str>, of: fn(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
    word.map(|word| of(word).ok_or(StoreError::Unreadable("request"))).transpose()
}

impl Store {
    /// Files a request, together with what it came in. False when that had come before: then
    /// nothing is filed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_request(
        &self,
        row: &RequestRow,
        arrival: Option<&ArrivalRow>,
    ) -> Result<bool, StoreError> {
        let filed = on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            if let Some(arrival) = arrival {
                let noted = insert_arrival!(arrival).execute(&mut *work).await?;
                if noted.rows_affected() == 0 {
                    return Ok(false);
                }
            }
            insert_request!(row).execute(&mut *work).await?;
            work.commit().await
        });
        filed.map(|()| true).map_err(StoreError::from)
    }

    /// A request by its number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or the row can't be read.
    pub async fn find_request(
        &self,
        reference: &Reference,
    ) -> Result<Option<RequestRow>, StoreError> {
        let row: Option<Tuple> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(COLUMNS);
            statement.push("where reference = ").push_bind(reference.as_str());
            statement.build_query_as().fetch_optional(db).await
        })?;
        row.map(read).transpose()
    }

    /// A request by its id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or the row can't be read.
    pub async fn find_request_by_id(&self, id: Uuid) -> Result<Option<RequestRow>, StoreError> {
        let row: Option<Tuple> = on_pool!(&self.durable, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(COLUMNS);
            statement.push("where id = ").push_bind(id);
            statement.build_query_as().fetch_optional(db).await
        })?;
        row.map(read).transpose()
    }

    /// Requests, the one that is due first at the top.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_requests(
        &self,
        filter: &RequestFilter,
        limit: i64,
    ) -> Result<Vec<RequestRow>, StoreError> {
        let rows: Vec<Tuple> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(COLUMNS);
            statement.push("where true");
            if let Some(state) = filter.state {
                statement.push(" and state = ").push_bind(state.as_str());
            }
            if let Some(nature) = filter.nature {
                statement.push(" and nature = ").push_bind(nature.as_str());
            }
            statement.push(" order by state desc, due_at, id limit ").push_bind(limit);
            statement.build_query_as().fetch_all(db).await
        })?;
        rows.into_iter().map(read).collect()
    }

    /// How many requests wait, and how near their deadlines are, by nature (the shares are those
    /// of `domain::deadline::Urgency`).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn count_open_requests(&self, now: i64) -> Result<Vec<OpenRequests>, StoreError> {
        type Row = (String, i64, i64, i64, i64);
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select nature, count(*),
                    count(case when due_at >= $1
                                and ($1 - received_at) * 2 >= due_at - received_at
                                and ($1 - received_at) * 5 < (due_at - received_at) * 4
                               then 1 end),
                    count(case when due_at >= $1
                                and ($1 - received_at) * 5 >= (due_at - received_at) * 4
                               then 1 end),
                    count(case when due_at < $1 then 1 end)
             from request where state = 'open' group by nature order by nature")
            .bind(now)
            .fetch_all(db)
            .await)?;
        let read = |(nature, all, amber, red, overdue): Row| {
            let nature = Nature::from_word(&nature).ok_or(StoreError::Unreadable("request"))?;
            Ok(OpenRequests { nature, all, amber, red, overdue })
        };
        rows.into_iter().map(read).collect()
    }
}
