//! Messages into a folder, for development and tests: nothing leaves the machine.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::ports::{Clock, Letter, Mail, NotSent, Random, new_uuid};

/// Writes each message as one text file.
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
        let refuse = |error: std::io::Error| NotSent(error.kind().to_string());
        tokio::fs::create_dir_all(&self.folder).await.map_err(refuse)?;
        let name = new_uuid(self.clock.now(), self.random.as_ref());
        let text =
            format!("To: {}\nSubject: {}\n\n{}", letter.to.as_str(), letter.subject, letter.body);
        // Written aside and renamed, so that a reader never sees half a message.
        let part = self.folder.join(format!("{name}.part"));
        tokio::fs::write(&part, text).await.map_err(refuse)?;
        tokio::fs::rename(&part, self.folder.join(format!("{name}.txt"))).await.map_err(refuse)
    }
}
