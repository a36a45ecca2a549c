//! A person in a request: by one identifier, which is hashed at once.

use app::portal::{Handle, HandleKind};
use domain::contact::{Email, IdentifierKind, Malformed, disguises};
use serde::Deserialize;
use utoipa::ToSchema;

use super::problem::{Kind, Problem};
use crate::identify::read_phone;
use crate::service::Service;
use crate::tell::seal_contact;

/// Longest customer number, in characters.
const NUMBER_LIMIT: usize = 64;

/// Who it is about: exactly one of the fields.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Person)]
pub struct PersonRef {
    /// Email address.
    #[schema(nullable = false, format = Email, max_length = 254, example = "mira@example.com")]
    pub email: Option<String>,
    /// Phone number; without a country code it is read as from the business's country.
    #[schema(nullable = false, max_length = 64)]
    pub phone: Option<String>,
    /// Number in the business's own books.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub customer_number: Option<String>,
}

impl PersonRef {
    /// The keyed hashes of the identifier.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when there is none, more than one, or one that is not of its form.
    pub fn handle(&self, service: &Service) -> Result<Handle, Problem> {
        let bad = |field: &str, why: Malformed| invalid(&format!("person.{field}"), why);
        let (kind, normal) = match (&self.email, &self.phone, &self.customer_number) {
            (Some(text), None, None) => {
                let email: Email = text.parse().map_err(|why| bad("email", why))?;
                (HandleKind::Email, email.as_str().to_owned())
            }
            (None, Some(text), None) => {
                let home = &service.notices.current().catalogue.controller.country;
                let phone = read_phone(text, home).map_err(|why| bad("phone", why))?;
                (HandleKind::Phone, phone.as_str().to_owned())
            }
            (None, None, Some(text)) => {
                let number = read_number(text).map_err(|why| bad("customer_number", why))?;
                (HandleKind::Customer, number)
            }
            _ => {
                let detail = "person: give exactly one of email, phone and customer_number.";
                return Err(Problem::new(Kind::Invalid, detail));
            }
        };
        Ok(handle(service, kind, &normal))
    }
}

/// The keyed hashes of an identifier in normal form.
pub(super) fn handle(service: &Service, kind: HandleKind, normal: &str) -> Handle {
    let of = match kind {
        HandleKind::Email => IdentifierKind::Email,
        HandleKind::Phone => IdentifierKind::Phone,
        HandleKind::Customer => IdentifierKind::Customer,
    };
    let digests = service.vault.lookup(of, normal);
    Handle {
        kind,
        digests: digests.into_iter().map(|one| (one.key_id, one.digest)).collect(),
        sealed: seal_contact(&service.vault, service.random.as_ref(), &[(of, normal)]),
    }
}

/// Reads a customer number: trimmed, otherwise as it is.
///
/// # Errors
/// [`Malformed`], without the text.
pub fn read_number(text: &str) -> Result<String, Malformed> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Malformed::Empty);
    }
    if text.chars().count() > NUMBER_LIMIT {
        return Err(Malformed::TooLong);
    }
    if disguises(text) {
        return Err(Malformed::Control);
    }
    Ok(text.to_owned())
}

/// The problem of a field that can't be taken; the field's text is not in it.
pub(super) fn invalid(field: &str, why: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::Invalid, format!("{field}: {why}."))
}
