//! Messages into a folder, for development and tests: nothing leaves the machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use domain::contact::Contact;

use super::message::write;
use crate::ports::{Clock, Letter, Mail, NotSent, Random, new_uuid};

/// Writes each message as a file that mail programs open (`.eml`), and its plain text beside it
/// (`.txt`). What would be a text message is a plain text alone.
pub struct FileOutbox {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl FileOutbox {
    /// An outbox in a folder, which is made when it is missing.
    #[must_use]
    pub fn new(folder: PathBuf, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { folder, clock, random }
    }
}

#[async_trait]
impl Mail for FileOutbox {
    async fn send(&self, letter: Letter) -> Result<(), NotSent> {
        tokio::fs::create_dir_all(&self.folder).await.map_err(|error| refuse(&error))?;
        let name = new_uuid(self.clock.now(), self.random.as_ref());
        let file = |form| self.folder.join(format!("{name}.{form}"));
        if matches!(letter.to, Contact::Email(_)) {
            put(&file("eml"), &write(&letter)?.formatted()).await?;
        }
        let text =
            format!("To: {}\nSubject: {}\n\n{}", letter.to.as_str(), letter.subject, letter.body);
        put(&file("txt"), text.as_bytes()).await
    }
}

/// Writes a file aside and renames it, so that a reader never sees half a message.
async fn put(path: &Path, content: &[u8]) -> Result<(), NotSent> {
    let part = path.with_extension("part");
    tokio::fs::write(&part, content).await.map_err(|error| refuse(&error))?;
    tokio::fs::rename(&part, path).await.map_err(|error| refuse(&error))
}

fn refuse(error: &std::io::Error) -> NotSent {
    NotSent::Later(error.kind().to_string())
}
