//! Customers: loading files of them, putting, merging and erasing single ones, making their links.

mod arrive;
mod blocks;
mod change;
mod columns;
mod crowd;
mod describe;
mod erase;
mod export;
mod fields;
mod fit;
mod import;
mod links;
mod merge;
pub(crate) mod progress;
mod reach;
pub(crate) mod records;
mod rejects;
mod row;
#[cfg(test)]
mod tests;

pub use change::{Put, put};
pub use erase::{erase, forget_contacts};
pub(crate) use export::harmless;
pub use export::{Export, Exported, export};
pub use fields::Fields;
pub use import::{Import, Report, import};
pub use links::{link, list_by_email, mint, nobody};
pub use merge::{UnknownNumber, adopt, merge};
pub(crate) use records::{Records, Step};
pub use row::Reason;
