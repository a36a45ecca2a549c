//! Telling machines from people (RFC 3834), so that no absence note becomes a choice.

use domain::reply::squeeze;
use mail_parser::Message;

use super::mail::Kind;

/// Subjects of absence notes and returned mail, whole or before a colon. A longer subject that
/// begins so may be a customer's own.
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
    "Undeliverable",
    "Undelivered mail",
    "Undelivered mail returned to sender",
    "Delivery status notification",
    "Delivery status notification (failure)",
    "Delivery status notification (delay)",
    "Mail delivery failed",
    "Mail delivery failed: returning message to sender",
    "Mail delivery subsystem",
    "Returned mail",
    "Delivery failure",
    "Failure notice",
    "Unzustellbar",
    "Non remis",
    "No se puede entregar",
    "退信",
    "系统退信",
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
        None | Some("no" | "") => Kind::Written,
        Some(_) => Kind::Generated,
    }
}

fn answers(message: &Message<'_>) -> bool {
    let precedence = text(message, "precedence").unwrap_or_default().to_ascii_lowercase();
    let subject = message.subject().unwrap_or_default();
    let head = squeeze(subject.split([':', '：']).next().unwrap_or_default());
    let subject = squeeze(subject);
    let is_note = |known: &&str| [&head, &subject].contains(&&squeeze(known));
    let sender = message.from().and_then(|from| from.first()).and_then(|one| one.address());
    let local = sender.and_then(|one| one.split('@').next()).unwrap_or_default();
    matches!(precedence.trim(), "bulk" | "junk" | "list" | "auto_reply" | "auto-reply")
        || FIELDS.iter().any(|name| message.header_raw(*name).is_some())
        || message.header_raw("list-id").is_some()
        || text(message, "return-path").is_some_and(|path| path.trim() == "<>")
        || NOBODY.iter().any(|name| local.eq_ignore_ascii_case(name))
        || SUBJECTS.iter().any(is_note)
}

fn text<'a>(message: &'a Message<'_>, name: &'static str) -> Option<&'a str> {
    message.header_raw(name).map(str::trim)
}
