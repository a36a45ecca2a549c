//! Whether the keys are those that the database was filled with.

use domain::contact::IdentifierKind;

use crate::cli::{Failure, Premises};

/// Refuses keys that don't open what is stored. With other keys nobody would be found again, and
/// an import would make second records that know nothing of any opt-out.
///
/// # Errors
/// A sentence for the person at the keyboard.
pub async fn check_keys(premises: &Premises) -> Result<(), Failure> {
    for sample in premises.store.list_sealed_samples().await.map_err(Failure::new)? {
        let kind = IdentifierKind::ALL.into_iter().find(|kind| kind.as_str() == sample.kind);
        let opened = premises.vault.open(&sample.kind, &sample.cipher);
        let fits = kind.zip(opened).is_some_and(|(kind, normal)| {
            premises.vault.lookup(kind, &normal).iter().any(|found| found.digest == sample.digest)
        });
        if !fits {
            return Err(Failure::new(
                "the keys don't fit this database: it was filled with others; \
                 name their file with --keys",
            ));
        }
    }
    Ok(())
}
