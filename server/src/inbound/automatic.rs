//! Telling machines from people (RFC 3834), so that no absence note becomes a choice.

use domain::reply::squeeze;
use mail_parser::Message;

use super::mail::Kind;

/// Subjects of absence notes, whole or before a colon. A longer subject that begins so may be a
/// customer's own. Those of returned mail are missing: customers write so of a parcel, and what is
/// returned has no sender or one of [`NOBODY`].
const SUBJECTS: &[&str] = &[
    "Automatic reply",
    "Auto-reply",
    "Autoreply",
    "Auto response",
    "Automatic response",
    "Automated reply",
    "Autoresponder",
    "Out of office",
    "Out of the office",
    "OOO",
    "Out of office reply",
    "Out of office auto reply",
    "Away from the office",
    "Automatische Antwort",
    "Automatische Abwesenheitsnotiz",
    "Abwesenheitsnotiz",
    "Abwesenheitsmeldung",
    "Abwesenheitsassistent",
    "Nicht im Büro",
    "Réponse automatique",
    "Absence du bureau",
    "Absent du bureau",
    "Message d’absence",
    "Respuesta automática",
    "Fuera de la oficina",
    "Ausente de la oficina",
    "自动回复",
    "自動回覆",
    "自动答复",
    "不在办公室",
    "رد تلقائي",
    "الرد التلقائي",
    "رد آلي",
    "خارج المكتب",
];

/// Fields that only automatic answers have.
const FIELDS: &[&str] = &[
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response",
    "x-mail-autoreply",
    "x-vacation",
    "x-failed-recipients",
];

/// Names before the @ that no person writes from.
const NOBODY: &[&str] = &["mailer-daemon", "postmaster", "mailerdaemon", "bounce", "bounces"];

/// What a message is that reports no delivery.
pub(super) fn sort(message: &Message<'_>) -> Kind {
    let auto = text(message, "auto-submitted").map(str::to_ascii_lowercase);
    let auto = auto.as_deref().map(|value| value.split(';').next().unwrap_or("").trim());
    if matches!(auto, Some("auto-replied" | "auto-notified")) || answers(message) {
        return Kind::Automatic;
    }
    match auto {
        Some(kind) if !matches!(kind, "no" | "") => Kind::Generated,
        _ if is_listed(message) => Kind::Listed,
        _ => Kind::Written,
    }
}

fn answers(message: &Message<'_>) -> bool {
    let subject = message.subject().unwrap_or_default();
    let head = squeeze(subject.split([':', '：']).next().unwrap_or_default());
    let subject = squeeze(subject);
    let is_note = |known: &&str| [&head, &subject].contains(&&squeeze(known));
    let sender = message.from().and_then(|from| from.first()).and_then(|one| one.address());
    let local = sender.and_then(|one| one.split('@').next()).unwrap_or_default();
    has_precedence(message, &["auto_reply", "auto-reply"])
        || FIELDS.iter().any(|name| message.header_raw(*name).is_some())
        || text(message, "return-path").is_some_and(|path| path.trim() == "<>")
        || NOBODY.iter().any(|name| local.eq_ignore_ascii_case(name))
        || SUBJECTS.iter().any(is_note)
}

/// Whether a list handed it on, which says nothing about who wrote it: a shared mailbox may be one.
fn is_listed(message: &Message<'_>) -> bool {
    message.header_raw("list-id").is_some() || has_precedence(message, &["bulk", "junk", "list"])
}

fn has_precedence(message: &Message<'_>, values: &[&str]) -> bool {
    text(message, "precedence")
        .is_some_and(|value| values.iter().any(|known| value.eq_ignore_ascii_case(known)))
}

fn text<'a>(message: &'a Message<'_>, name: &'static str) -> Option<&'a str> {
    message.header_raw(name).map(str::trim)
}
