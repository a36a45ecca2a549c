//! Customers in files: loading them, and making their links.

use std::path::PathBuf;

use crate::cli::{Failure, Premises};
use crate::store::PersonRow;

/// What to import and how.
#[derive(Clone, Debug)]
pub struct Import {
    /// The CSV file.
    pub file: PathBuf,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// People that are new.
    pub added: u64,
}

impl Import {
    /// An import without progress bar.
    #[must_use]
    pub fn quiet(file: PathBuf) -> Self {
        Self { file }
    }
}

/// Loads customers.
///
/// # Errors
/// A sentence for the person at the keyboard.
pub async fn import(_premises: &Premises, _import: &Import) -> Result<Report, Failure> {
    Err(Failure::new("unwritten"))
}

/// A person's link under a base URL; its digest is stored.
///
/// # Errors
/// A sentence for the person at the keyboard.
pub async fn mint(premises: &Premises, person: &PersonRow, base: &str) -> Result<String, Failure> {
    let token = premises.vault.link_token(person.id, person.link_epoch);
    let digest = crate::vault::token_digest(&token).unwrap_or_default();
    let row = (digest, person.id, person.link_epoch);
    premises.store.insert_links(&[row]).await.map_err(Failure::new)?;
    Ok(format!("{base}{}", app::routes::link(&token)))
}
