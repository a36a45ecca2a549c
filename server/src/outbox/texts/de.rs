//! German.

use super::Words;

/// German.
pub const WORDS: Words = Words {
    confirmation_subject: "{brand}: Ihre Einstellungen sind gespeichert",
    confirmation_heading: "Ihre Einstellungen sind gespeichert",
    confirmation_lede: "Das hat sich geändert, und seit wann es gilt.",
    change: "{target}: {act}",
    counts_from: "Seit {date}",
    choices: "Einstellungen ansehen und ändern",
    undo: "Eine Änderung rückgängig machen",
    undo_until: "Bis zum {date} macht dieser Link rückgängig, was in dieser Nachricht steht, und nichts anderes. Bitte geben Sie ihn nicht weiter: Wer ihn hat, kann diese Änderungen rückgängig machen.",
    changed_mind: "Mit diesem persönlichen Link können Sie jederzeit mehr abschalten. Um etwas wieder einzuschalten, bekommen Sie von uns einen Code, damit es niemand anderes für Sie tun kann.",
    not_you: "Waren Sie das nicht? Schreiben Sie an {email} und nennen Sie die Referenz.",
    why_confirmation: "Sie erhalten diese eine Nachricht, weil sich Ihre Einstellungen geändert haben. Sie ist keine Werbung.",
    why_code: "Sie erhalten diese Nachricht, weil mit dieser Adresse ein Code angefordert wurde. Sie ist keine Werbung.",
    answer_subject: "Ihre Anfrage {reference}",
    why_answer: "Sie erhalten diese Nachricht, weil Sie uns etwas gefragt haben. Sie ist keine Werbung.",
    reach: "Unser Datenschutzteam: {email} oder {phone}",
    portal: "Ihre Datenschutz-Einstellungen: {url}",
};
