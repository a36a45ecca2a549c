//! A letter as a message (RFC 5322): what every transport hands on.

use std::time::{Duration, UNIX_EPOCH};

use domain::contact::Contact;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use crate::ports::{Letter, NotSent};

/// A letter that can't be made a message. Says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// It goes to a phone number.
    #[error("nothing here sends text messages")]
    Phone,
    /// An address is none that mail knows.
    #[error("the address can't be written into a message")]
    Address,
    /// A part is not as it must be.
    #[error("the message can't be put together")]
    Form,
}

impl From<Unwritable> for NotSent {
    fn from(why: Unwritable) -> Self {
        match why {
            Unwritable::Address => Self::NoSuchAddress(why.to_string()),
            Unwritable::Phone | Unwritable::Form => Self::Refused(why.to_string()),
        }
    }
}

macro_rules! field {
    ($(#[$about:meta])* $name:ident, $field:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($field)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

field!(
    /// Tells a mailbox that nobody is there to read its answer (RFC 3834 §5).
    AutoSubmitted,
    "Auto-Submitted"
);
field!(
    /// The same in the word that Exchange knows.
    NoAutoReply,
    "X-Auto-Response-Suppress"
);
field!(
    /// The language of the text (RFC 3282 §2).
    ContentLanguage,
    "Content-Language"
);

/// Puts a letter together: plain text and HTML, each saying the same (RFC 2046 §5.1.4). The same
/// letter has the same Message-ID and date however often it is sent.
///
/// # Errors
/// [`Unwritable`].
pub fn write(letter: &Letter) -> Result<Message, Unwritable> {
    let Contact::Email(to) = &letter.to else { return Err(Unwritable::Phone) };
    let address = |text: &str| text.parse::<Address>().map_err(|_| Unwritable::Address);
    let from = address(letter.from.email.as_str()).map_err(|_| Unwritable::Form)?;
    let millis = u64::try_from(letter.at.0).unwrap_or(0);
    let domain = from.domain().to_owned();
    let builder = Message::builder()
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .date(UNIX_EPOCH + Duration::from_millis(millis))
        .from(Mailbox::new(Some(one_line(&letter.from.name)), from))
        .to(Mailbox::new(None, address(to.as_str())?))
        .subject(one_line(&letter.subject))
        .header(AutoSubmitted("auto-generated".into()))
        .header(NoAutoReply("All".into()))
        .header(ContentLanguage(letter.language.tag().into()));
    let message = match &letter.html {
        Some(html) => {
            builder.multipart(MultiPart::alternative_plain_html(letter.body.clone(), html.clone()))
        }
        None => builder.singlepart(SinglePart::plain(letter.body.clone())),
    };
    message.map_err(|_| Unwritable::Form)
}

/// A header field has one line, whatever the register holds.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
