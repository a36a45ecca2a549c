//! Publishing the ledger's head, once a day.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Moment;
use domain::moment::DAY;

use super::head::{SignedHead, date, day_of, instant};
use crate::ports::Clock;
use crate::store::{PublishedHead, Store, StoreError};

use super::keys::ProofKeys;

/// Most days that are caught up at once: ten years.
const MOST: i64 = 3_660;

/// Signs the head of today and of the days that were missed; tells how many. Days on which the
/// portal did not run get the head that is found now, and say when they were signed. Two nodes make
/// one, because only one at a time holds the ledger.
///
/// # Errors
/// [`StoreError`] when the database fails; then there is none.
pub async fn publish_heads(
    store: &Store,
    keys: &ProofKeys,
    clock: &dyn Clock,
) -> Result<usize, StoreError> {
    let now = clock.now();
    let today = day_of(now);
    let is_done =
        |newest: &Option<PublishedHead>| newest.as_ref().is_some_and(|newest| newest.day >= today);
    if keys.current().is_none() || is_done(&store.find_newest_published_head().await?) {
        return Ok(0);
    }
    let mut group = store.begin_group().await?;
    let mut newest = group.find_newest_published_head().await?;
    if is_done(&newest) {
        group.rollback().await?;
        return Ok(0);
    }
    let head = group.head();
    let first = newest.as_ref().map_or(today, |newest| newest.day.plus(DAY));
    let first = first.max(today.plus(-MOST * DAY));
    let mut made = 0;
    let mut day = first;
    while day <= today {
        let signed = SignedHead {
            date: date(day),
            position: head.position.0,
            hash: URL_SAFE_NO_PAD.encode(head.link),
            previous: newest.as_ref().map(|newest| signed_head(newest).digest()),
            signed_at: instant(now),
            key: String::new(),
            signature: String::new(),
        };
        let Some(signed) = signed.sign(keys) else { break };
        let row = row(signed, day, head.link.to_vec(), now);
        group.insert_published_head(&row).await?;
        newest = Some(row);
        made += 1;
        day = day.plus(DAY);
    }
    group.commit().await?;
    Ok(made)
}

fn row(head: SignedHead, day: Moment, hash: Vec<u8>, signed_at: Moment) -> PublishedHead {
    let SignedHead { position, previous, key: signer, signature, .. } = head;
    PublishedHead { day, position, hash, previous, signed_at, signer, signature }
}

/// A stored head as it is published.
#[must_use]
pub fn signed_head(row: &PublishedHead) -> SignedHead {
    SignedHead {
        date: date(row.day),
        position: row.position,
        hash: URL_SAFE_NO_PAD.encode(&row.hash),
        previous: row.previous.clone(),
        signed_at: instant(row.signed_at),
        key: row.signer.clone(),
        signature: row.signature.clone(),
    }
}
