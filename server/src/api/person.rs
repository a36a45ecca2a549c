//! A person in a request: by one identifier, which is hashed at once.

use app::portal::{Handle, HandleKind};
use domain::contact::IdentifierKind;
use serde::Deserialize;
use utoipa::ToSchema;

use super::json::given;
use super::problem::{Kind, Problem};
use crate::gate::Subject;
use crate::service::Service;
use crate::tell::seal_contact;

/// Who it is about: exactly one of the fields.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Person)]
pub struct PersonRef {
    /// Email address.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, format = Email, max_length = 254, example = "mira@example.com")]
    pub email: Option<String>,
    /// Phone number; without a country code it is read as from the business's country.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 64)]
    pub phone: Option<String>,
    /// Number in the business's own books.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub customer_number: Option<String>,
    /// Random id of a browser, as the site of the business has it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 16, max_length = 64, pattern = "^[A-Za-z0-9_-]*$")]
    pub browser: Option<String>,
}

impl PersonRef {
    /// The identifier in its normal form.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when there is none, more than one, or one that is not of its form.
    pub fn subject(&self, service: &Service) -> Result<Subject, Problem> {
        self.subject_at(&service.notices.current().catalogue.controller.country)
    }

    /// The same where phone numbers without a country code are read as from `home`.
    ///
    /// # Errors
    /// As for [`PersonRef::subject`].
    pub fn subject_at(&self, home: &str) -> Result<Subject, Problem> {
        let (kind, text) = match (&self.email, &self.phone, &self.customer_number, &self.browser) {
            (Some(text), None, None, None) => (IdentifierKind::Email, text),
            (None, Some(text), None, None) => (IdentifierKind::Phone, text),
            (None, None, Some(text), None) => (IdentifierKind::Customer, text),
            (None, None, None, Some(text)) => (IdentifierKind::Browser, text),
            _ => {
                let detail =
                    "person: give exactly one of email, phone, customer_number and browser.";
                return Err(Problem::new(Kind::Invalid, detail));
            }
        };
        let field = match kind {
            IdentifierKind::Email => "person.email",
            IdentifierKind::Phone => "person.phone",
            IdentifierKind::Customer => "person.customer_number",
            IdentifierKind::Browser => "person.browser",
        };
        Subject::read(kind, text, home).map_err(|why| invalid(field, why))
    }

    /// The keyed hashes of the identifier.
    ///
    /// # Errors
    /// As for [`PersonRef::subject`].
    pub fn handle(&self, service: &Service) -> Result<Handle, Problem> {
        let subject = self.subject(service)?;
        let kind = match subject.kind() {
            IdentifierKind::Email => HandleKind::Email,
            IdentifierKind::Phone => HandleKind::Phone,
            IdentifierKind::Customer => HandleKind::Customer,
            IdentifierKind::Browser => HandleKind::Browser,
        };
        Ok(handle(service, kind, subject.normal()))
    }
}

/// The keyed hashes of an identifier in normal form.
pub(super) fn handle(service: &Service, kind: HandleKind, normal: &str) -> Handle {
    let of = match kind {
        HandleKind::Email => IdentifierKind::Email,
        HandleKind::Phone => IdentifierKind::Phone,
        HandleKind::Customer => IdentifierKind::Customer,
        HandleKind::Browser => IdentifierKind::Browser,
    };
    let digests = service.vault.lookup(of, normal);
    Handle {
        kind,
        digests: digests.into_iter().map(|one| (one.key_id, one.digest)).collect(),
        sealed: seal_contact(&service.vault, service.random.as_ref(), &[(of, normal)]),
    }
}

/// The problem of a field that can't be taken; the field's text is not in it.
pub(super) fn invalid(field: &str, why: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::Invalid, format!("{field}: {why}."))
}
