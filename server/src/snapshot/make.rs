//! Making a snapshot while the portal goes on.

use std::collections::HashSet;
use std::sync::{Arc, RwLockReadGuard};
use std::time::Duration;

use domain::{Position, Target};
use uuid::Uuid;

use super::{Builder, Cursor, Plan, Since, Snapshot};
use crate::index::{FRESH, Index, Table};
use crate::service::Service;
use crate::store::{Reached, StoreError};

/// Parts of the table looked through before writers are let in: some milliseconds.
const STRIDE: usize = 4;

/// Time between two looks at an index that does not vouch just now.
const PAUSE: Duration = Duration::from_millis(20);

/// A snapshot could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The key file has no key for it.
    #[error("the key file has no [snapshot]")]
    NoKey,
    /// The index can't vouch for everyone.
    #[error("the index does not vouch for everyone")]
    NotVouched,
    /// The register does not have a target, or it is no single switch.
    #[error("{0} is no single switch of the register")]
    Target(Target),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Service {
    /// Makes a snapshot of these targets for a client: what changed since `after`, or a full one
    /// where that can't be told.
    ///
    /// # Errors
    /// [`NotMade`].
    pub async fn make_snapshot(
        &self,
        client: &str,
        targets: Vec<Target>,
        after: Option<Cursor>,
    ) -> Result<Snapshot, NotMade> {
        let keys = self.vault.snapshot().ok_or(NotMade::NoKey)?.clone();
        // Read before the table, so that it never claims more than was taken into account.
        let (reached, made_at) = (self.index.reached(), self.clock.now());
        let mut plan = Plan {
            notice: self.notices.current(),
            targets,
            client: client.to_owned(),
            keys,
            made_at,
            reached,
            since: None,
        };
        let known = |target: &&Target| {
            let catalogue = &plan.notice.catalogue;
            match target {
                Target::Exception(key) => catalogue.exception(key).is_some(),
                leaf => catalogue.leaves().any(|known| known == **leaf),
            }
        };
        if let Some(unknown) = plan.targets.iter().find(|target| !known(target)) {
            return Err(NotMade::Target(unknown.clone()));
        }
        if let Some(cursor) = after.filter(|cursor| self.can_follow(cursor, &plan)) {
            let changed = self.list_changed_since(cursor.reached).await?;
            plan.since = Some(Since { cursor, changed });
        }
        let index = Arc::clone(&self.index);
        let built = tokio::task::spawn_blocking(move || build(&index, &plan)).await;
        built.ok().flatten().ok_or(NotMade::NotVouched)
    }

    /// Whether all that happened since a snapshot was made can be told.
    fn can_follow(&self, cursor: &Cursor, plan: &Plan) -> bool {
        let Some(whole) = self.index.whole_at() else { return false };
        let Reached { position, revision } = cursor.reached;
        cursor.notice == plan.notice.number
            && cursor.keys == plan.keys.fingerprint(&plan.client)
            && (whole.position..=plan.reached.position).contains(&position)
            && (whole.revision..=plan.reached.revision).contains(&revision)
            && cursor.made_at <= plan.made_at
            && plan.defaults_as_at(cursor.made_at)
    }

    async fn list_changed_since(&self, reached: Reached) -> Result<HashSet<Uuid>, StoreError> {
        // To the very end: the table may be ahead of what it claims.
        let end = Position(i64::MAX);
        let chose = self.store.list_people_with_choices(reached.position, end).await?;
        let changed = self.store.list_changed_people(reached.revision, i64::MAX).await?;
        Ok(chose.into_iter().chain(changed).collect())
    }
}

/// Builds part by part; none when the index stops vouching for everyone.
fn build(index: &Index, plan: &Plan) -> Option<Snapshot> {
    let mut builder = Builder::new(plan);
    let (mut at, mut parts) = (0, None);
    loop {
        let table = wait(index)?;
        if parts != Some(table.parts()) {
            // It was divided anew, and everything may have moved.
            parts = Some(table.parts());
            builder.clear();
            at = 0;
        }
        let end = table.parts().min(at + STRIDE);
        builder.take(&table, at..end);
        if end == table.parts() {
            break;
        }
        at = end;
    }
    Some(builder.finish())
}

/// The table as soon as it is vouched for; none when it is not for a second.
fn wait(index: &Index) -> Option<RwLockReadGuard<'_, Table>> {
    for _ in 0..FRESH.as_millis() / PAUSE.as_millis() {
        if let Some(table) = index.everyone() {
            return Some(table);
        }
        std::thread::sleep(PAUSE);
    }
    index.everyone()
}

#[cfg(test)]
mod tests {
    use app::portal::Notice;
    use domain::catalogue::parse;
    use domain::decision::Standpoint;
    use domain::preference::Step;
    use domain::{Act, Moment, NoticeNumber, Preferences, Rulebook, Voice};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::index::{Entered, prefix};
    use crate::keys::Keys;
    use crate::ports::SystemRandom;
    use crate::vault::Vault;

    const PEOPLE: u32 = 40_000;

    /// Many, of whom every third said no.
    fn table(target: &Target) -> Table {
        let mut table = Table::default();
        table.begin(PEOPLE as usize);
        let voice = Voice::Own;
        let step =
            Step { position: Position(1), target, act: Act::Withdrawn, at: Moment(0), voice };
        let no = Preferences::fold_steps(std::iter::once(step));
        for number in 0..PEOPLE {
            let chose = if number % 3 == 0 { no.clone() } else { Preferences::default() };
            table.put(&Entered {
                id: Uuid::from_u128(u128::from(number)),
                preferences: &chose,
                revision: 1,
                standpoint: Standpoint::default(),
                language: None,
                digests: &[prefix(&Sha256::digest(number.to_be_bytes()))],
            });
        }
        table
    }

    #[tokio::test]
    async fn what_is_built_part_by_part_is_the_same() {
        let catalogue = parse(include_str!("../../../example/catalogue.toml")).expect("good");
        let notice = Notice {
            number: NoticeNumber(1),
            rules: Rulebook::new(&catalogue),
            catalogue,
            published_at: Moment(0),
        };
        let target: Target = "message:offers/email".parse().expect("a target");
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let plan = Plan {
            notice: Arc::new(notice),
            targets: vec![target.clone()],
            client: "3f9a0c7e5b21d846".into(),
            keys: vault.snapshot().expect("a key").clone(),
            made_at: Moment(1),
            reached: Reached::default(),
            since: None,
        };
        let table = table(&target);
        assert!(table.parts() > 2 * STRIDE, "in more than two steps");
        let at_once = Snapshot::build(&table, &plan);
        assert_eq!(at_once.lists[0].denied.len(), PEOPLE.div_ceil(3) as usize);
        assert_eq!(build(&Index::of(table), &plan), Some(at_once));
        assert_eq!(build(&Index::empty(), &plan), None, "it vouches for nobody");
    }
}
