//! Requests looked back on: for the records that a business keeps, and until they are forgotten.

use uuid::Uuid;

use super::pool::{Store, StoreError, on_pool};
use super::request::{COLUMNS, RequestRow, Tuple, read};

impl Store {
    /// Requests that came from a moment on and before another (milliseconds since 1970), in order
    /// of id, behind one of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_requests_received(
        &self,
        (from, to): (i64, i64),
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<RequestRow>, StoreError> {
        let rows: Vec<Tuple> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(COLUMNS);
            statement.push("where id > ").push_bind(after);
            statement.push(" and received_at >= ").push_bind(from);
            statement.push(" and received_at < ").push_bind(to);
            statement.push(" order by id limit ").push_bind(limit);
            statement.build_query_as().fetch_all(db).await
        })?;
        rows.into_iter().map(read).collect()
    }

    /// Forgets requests that were closed before a moment; open ones stay (11 CCR 7101(a), (d)).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_old_requests(&self, closed_before: i64) -> Result<u64, StoreError> {
        let deleted = on_pool!(&self.durable, db =>
            sqlx::query("delete from request where state = 'closed' and responded_at < $1")
                .bind(closed_before)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        Ok(deleted)
    }
}
