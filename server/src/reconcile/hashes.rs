//! People as a system knows them by its keyed hashes: made when a list has such a column, since the
//! store keeps none of them.

use domain::contact::IdentifierKind;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Tools;
use crate::store::StoreError;
use crate::vault::system_hash;

/// The kinds of identifiers that a list may have hashes of, in the order of its columns.
pub(super) const KINDS: [IdentifierKind; 3] =
    [IdentifierKind::Email, IdentifierKind::Phone, IdentifierKind::Customer];
/// Identifiers that are read at a time.
const PAGE: i64 = 2_000;

/// Half of a hash, which is enough to tell any two apart, and whose it is; in order.
type Sorted = Vec<(u128, Uuid)>;

/// One system's hashes of everybody who can be named: 32 bytes for each identifier of the kinds
/// that a list has.
pub struct Hashes<'a> {
    tools: Tools<'a>,
    key: [u8; 32],
    kinds: [OnceCell<Sorted>; 3],
}

/// The first half of a hash; nothing where it is none.
pub(super) fn half(text: &str) -> Option<u128> {
    let whole = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.get(..32).filter(|_| whole).and_then(|half| u128::from_str_radix(half, 16).ok())
}

impl<'a> Hashes<'a> {
    /// The hashes of a system; none is made yet.
    #[must_use]
    pub fn new(tools: Tools<'a>, system: &str) -> Self {
        let key = tools.vault.system_key(system);
        Self { tools, key, kinds: [const { OnceCell::const_new() }; 3] }
    }

    /// Whose hash it is, of the kind of a column.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn owners(&self, column: usize, half: u128) -> Result<Vec<Uuid>, StoreError> {
        let sorted = self.kinds[column].get_or_try_init(|| self.load(KINDS[column])).await?;
        let start = sorted.partition_point(|(hash, _)| *hash < half);
        let same = sorted[start..].iter().take_while(|(hash, _)| *hash == half);
        Ok(same.map(|(_, person)| *person).collect())
    }

    async fn load(&self, kind: IdentifierKind) -> Result<Sorted, StoreError> {
        let mut sorted = Sorted::new();
        let mut after = (Vec::new(), Uuid::nil());
        loop {
            let page = self.tools.store.list_sealed(kind.as_str(), &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = (last.digest.clone(), last.person_id);
            for row in &page {
                if let Some(normal) = self.tools.vault.open(kind.as_str(), &row.cipher) {
                    let hash = system_hash(&self.key, kind, &normal);
                    let half =
                        hash[..16].iter().fold(0, |half, byte| half << 8 | u128::from(*byte));
                    sorted.push((half, row.person_id));
                }
            }
        }
        sorted.sort_unstable();
        // An identifier has one row for each of the store's own keys.
        sorted.dedup();
        Ok(sorted)
    }
}
