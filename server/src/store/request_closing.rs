//! Closing cases: by itself, or with the letter that answers it.

use domain::Reference;
use domain::request::Basis;

use super::letter::{NewLetter, insert_letter};
use super::pool::{Opens, Store, StoreError, on_pool};
use super::request::Closing;

macro_rules! close_request {
    ($db:expr, $reference:expr, $closing:expr) => {
        sqlx::query(
            "update request set state = 'closed', nature = $2, response = $3, denial_basis = $4,
                                responded_at = $5
             where reference = $1 and state = 'open'",
        )
        .bind($reference.as_str())
        .bind($closing.nature.as_str())
        .bind($closing.response.as_str())
        .bind($closing.denial_basis.map(Basis::as_str))
        .bind($closing.responded_at)
        .execute($db)
        .await
        .map(|done| done.rows_affected() == 1)
    };
}

impl Store {
    /// Closes an open request; false when there is none of that number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, also by its own rules of what a closed one holds.
    pub async fn record_closing(
        &self,
        reference: &Reference,
        closing: &Closing,
    ) -> Result<bool, StoreError> {
        Ok(on_pool!(&self.durable, db => close_request!(db, reference, closing))?)
    }

    /// Closes an open request and lays the letter that answers it out for sending, both or
    /// neither; false when there is none of that number, or it has its letter already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, also by its own rules of what a closed one holds.
    pub async fn record_answered(
        &self,
        reference: &Reference,
        closing: &Closing,
        letter: &NewLetter,
    ) -> Result<bool, StoreError> {
        on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            let done = close_request!(&mut *work, reference, closing)?
                && insert_letter!(&mut *work, letter)?;
            if done {
                work.commit().await?;
            } else {
                work.rollback().await?;
            }
            Ok(done)
        })
    }
}
