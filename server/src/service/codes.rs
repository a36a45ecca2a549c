//! One-time codes: eight digits, once, ten minutes, five tries (ASVS 5.0 6.5.1, 6.5.5, 6.6.3).

use app::portal::PortalError;
use domain::change::WINDOW;
use domain::contact::Contact;
use domain::outbox::{Kind, lifetime};
use domain::{Language, PersonId};
use uuid::Uuid;

use super::Service;
use super::portal::logged;
use crate::outbox::{Content, Says, sealed};
use crate::ports::new_uuid;
use crate::store::{CodeRow, NewLetter};
use crate::vault::same;

/// Tries of one code.
const TRIES: i64 = 5;
/// Codes for one contact within ten minutes.
const CODES: i64 = 3;

impl Service {
    /// Makes a code for a contact and lays the letter with it out for sending, both or neither.
    /// Where nobody is known by the contact, the same is done and no letter goes out (ASVS 5.0
    /// 6.3.8).
    pub(super) async fn issue_code(
        &self,
        to: &Contact,
        person: Option<Uuid>,
        language: Language,
    ) -> Result<Uuid, PortalError> {
        let now = self.clock.now();
        let contact = self.vault.lookup(to.kind(), to.as_str()).swap_remove(0).digest;
        let id = new_uuid(now, self.random.as_ref());
        let code = self.new_code();
        let row = CodeRow {
            id,
            person_id: person,
            contact_digest: contact,
            digest: self.vault.code_digest(id, &code),
            created_at: now.0,
        };
        let content = Content { to: to.clone(), language, says: Says::Code(code) };
        let sealed = sealed(&content, &self.vault, self.random.as_ref());
        let letter = NewLetter {
            id: new_uuid(now, self.random.as_ref()),
            kind: Kind::Code,
            person,
            dedup: None,
            sealed: person.map(|_| sealed),
            next_at: now.0,
            give_up_at: now.plus(lifetime(Kind::Code)).0,
            created_at: now.0,
        };
        let since = now.plus(-WINDOW).0;
        if !self.store.insert_code(&row, &letter, since, CODES).await.map_err(logged)? {
            return Err(PortalError::TooMany(600));
        }
        Ok(id)
    }

    /// Who a code was for, if it is right, fresh, unused and not tried too often.
    pub(super) async fn redeem_code(
        &self,
        id: Uuid,
        code: &str,
    ) -> Result<Option<PersonId>, PortalError> {
        let now = self.clock.now();
        let since = now.plus(-WINDOW).0;
        let Some(row) = self.store.record_try(id, since, TRIES).await.map_err(logged)? else {
            return Ok(None);
        };
        let right = same(&self.vault.code_digest(id, code), &row.digest);
        let Some(person) = row.person_id.filter(|_| right) else { return Ok(None) };
        let first = self.store.record_used(id, now.0).await.map_err(logged)?;
        Ok(first.then_some(PersonId(person)))
    }

    /// Eight digits, each as likely as any other.
    fn new_code(&self) -> String {
        let mut code = String::with_capacity(8);
        while code.len() < 8 {
            let mut byte = [0];
            self.random.fill(&mut byte);
            // 250 is the largest multiple of ten in a byte.
            if byte[0] < 250 {
                code.push(char::from(b'0' + byte[0] % 10));
            }
        }
        code
    }
}
