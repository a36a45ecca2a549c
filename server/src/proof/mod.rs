//! Proof in hand: receipts, the ledger's published heads, and what exports say of both.
//!
//! A receipt is made from the ledger's entry whenever somebody asks, and stored nowhere: asked for
//! twice, it is the same. What is signed is a short summary with the digest of the whole document,
//! so that the summary alone fits into a QR code and is still proof.

pub mod article30;
mod canonical;
mod check;
mod context;
mod daily;
mod document;
pub mod export;
mod head;
mod issue;
mod keys;
mod milestones;
mod parties;
mod process;
mod summary;

pub use canonical::{LARGEST, Unreadable, canonical, leaves, parse};
pub use check::{Change, Checked, Fault, Genuine, check};
pub use context::CONTEXT;
pub use daily::{publish_heads, signed_head};
pub use document::{Anchor, Making, document};
pub use head::{HeadFault, SignedHead, date, day_of, instant, read_date};
pub use issue::{Asked, Issued, acknowledge, issue};
pub use keys::{KeySetError, ProofKeys, Published};
pub use milestones::{Milestones, Rewritten};
pub use summary::Summary;
