//! Making codes for letters.

use domain::ShortCode;
use uuid::Uuid;

use crate::cli::Premises;
use crate::store::StoreError;

/// A new code for each of these people, in their order. Each is random and stands in the store by
/// its keyed digest alone: nobody can make it a second time.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub async fn mint(
    premises: &Premises,
    people: &[Uuid],
    mailing: &str,
) -> Result<Vec<ShortCode>, StoreError> {
    let now = premises.clock.now().0;
    let mut made: Vec<Option<ShortCode>> = vec![None; people.len()];
    // Of a million codes some fifteen meet one that is there already: those are drawn again.
    while made.iter().any(Option::is_none) {
        let open = made.iter().enumerate().filter(|(_, code)| code.is_none());
        let drawn: Vec<(usize, ShortCode, [u8; 32])> = open
            .map(|(at, _)| {
                let code = draw(premises);
                (at, code, premises.vault.short_code_digest(&code))
            })
            .collect();
        let rows: Vec<_> = drawn.iter().map(|(at, _, digest)| (*digest, people[*at])).collect();
        let mut taken = premises.store.insert_short_codes(&rows, mailing, now).await?;
        for (at, code, digest) in drawn {
            // Drawn twice in one turn, the first has it.
            if taken.remove(digest.as_slice()) {
                made[at] = Some(code);
            }
        }
    }
    Ok(made.into_iter().flatten().collect())
}

fn draw(premises: &Premises) -> ShortCode {
    let (mut bytes, mut left) = ([0; 16], 0);
    ShortCode::draw(|| {
        if left == 0 {
            premises.random.fill(&mut bytes);
            left = bytes.len();
        }
        left -= 1;
        bytes[left]
    })
}
