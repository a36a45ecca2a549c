//! Outgoing mail: letters wait in the database, are written when they are sent, and are sent again
//! until they are taken.

mod compose;
mod confirmation;
mod content;
mod folder;
mod html;
mod message;
mod options;
mod postman;
mod sendmail;
mod smtp;
mod texts;
mod url;

pub use compose::Stationery;
pub use content::{Content, Says, sealed};
pub use folder::FileOutbox;
pub use message::{Unwritable, write};
pub use options::{Confirmations, MailOptions};
pub use postman::Postman;
pub use sendmail::Sendmail;
pub use smtp::{Security, Smtp};
pub use url::MailUrl;
pub(crate) use url::is_loopback;
