//! Server functions: parse, authorise, ask the portal, send the visitor on.
//!
//! Each answers a form post with a redirect it chose itself, errors included: Leptos' own answer
//! would put them into the address and lose what was typed. The island posts the very same forms.

#![expect(missing_docs, reason = "the server macro leaves no place for docs on its fields")]

mod choose;
mod codes;
mod forms;
mod tools;
mod undo;

pub use choose::{Choose, Confirm};
pub use codes::{CheckCode, Leave, SendCode};
pub use forms::{OptOut, Unsubscribe};
pub use tools::Caller;
pub use undo::Undo;
