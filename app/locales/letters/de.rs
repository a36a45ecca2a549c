//! German: letters, the phone and the link kit.

use super::Letters;

/// German.
pub const TEXTS: Letters = Letters {
    // Typing a code
    go_title: "Geben Sie den Code aus Ihrem Brief ein",
    go_lede: "Er öffnet Ihre Datenschutz-Einstellungen. Nichts ändert sich, bevor Sie wählen.",
    go_label: "Code aus dem Brief",
    go_hint: "Acht Buchstaben und Ziffern, etwa {example}. Großschreibung, Leerzeichen und Bindestriche sind egal.",
    go_submit: "Meine Einstellungen öffnen",
    go_empty: "Geben Sie den Code ein, der in Ihrem Brief steht.",
    go_length: "Ein Code hat acht Buchstaben und Ziffern. Bitte vergleichen Sie ihn mit dem Brief.",
    go_character: "Ein Code hat nur Buchstaben von A bis Z und Ziffern. Bitte vergleichen Sie ihn mit dem Brief.",
    go_checksum: "Ein Zeichen stimmt nicht, oder zwei sind vertauscht. Bitte vergleichen Sie den Code mit dem Brief.",
    go_unknown_title: "Dieser Code öffnet nichts",
    go_unknown: "Er ist vielleicht zu alt oder nicht ganz richtig. Sie können ihn noch einmal eingeben oder unten ohne Code ausschalten, was Sie nicht möchten.",
    go_many_title: "Zu viele falsche Codes",
    go_many: "Bitte warten Sie eine Minute, bevor Sie einen anderen versuchen. Ein richtiger Code öffnet immer. Unten können Sie auch sofort ohne Code ausschalten, was Sie nicht möchten.",
    go_without: "Kein Code zur Hand? Ohne Code ausschalten",

    // The form to post
    form_title: "Per Post ausschalten",
    form_lede: "Kreuzen Sie an, was aufhören soll, und schicken Sie uns diese Seite. Es braucht weder Grund noch Unterschrift.",
    form_print: "Drucken Sie diese Seite mit Ihrem Browser. Sie passt auf ein Blatt.",
    form_who: "Damit wir Sie finden",
    form_name: "Ihr Name oder Ihre Kundennummer",
    form_reach: "Eine E-Mail-Adresse, Telefonnummer oder Postanschrift",
    form_messages: "Senden Sie mir nicht mehr",
    form_profiling: "Stellen Sie keine Vermutungen mehr über mich an",
    form_sharing: "Geben Sie meine Daten nicht mehr weiter",
    form_empty: "Leere Kästchen ändern nichts.",
    form_law: "Ein Gesetz verlangt dies, deshalb bleibt es dabei: {list}.",
    form_to: "Bitte senden an",
    form_when: "Es gilt ab dem Tag, an dem es bei uns ankommt. Was schon gedruckt oder unterwegs ist, kann Sie noch erreichen.",
    form_faster: "Sofort geht es unter {url} oder telefonisch: {phone}",

    // What staff read out
    script_title: "Ausschalten am Telefon",
    script_use: "Lesen Sie vor, was hinter einem Strich steht. Der Rest ist für Sie.",
    script_greeting_heading: "Begrüßung",
    script_greeting: "Guten Tag, Sie sprechen mit {brand}. Ich kann sofort für Sie abstellen, was Sie nicht möchten. Einen Grund brauchen Sie nicht zu nennen.",
    script_find_heading: "Für wen es ist",
    script_find: "Wie lautet Ihre Kundennummer, Ihre E-Mail-Adresse oder Ihre Telefonnummer?",
    script_find_second: "Und wie ist Ihr Name, bitte?",
    script_find_note: "Fragen Sie nach dem Namen nur, wenn die erste Antwort nicht reicht. Fragen Sie nach nichts anderem: kein Geburtsdatum, kein Passwort, kein Ausweis. Wird niemand gefunden, vermerken Sie die Entscheidung trotzdem für diese Adresse oder Nummer.",
    script_what_heading: "Was aufhören soll",
    script_what: "Was soll aufhören? Ich kann alles ausschalten oder einzelne Dinge:",
    script_what_note: "Fragen Sie nicht nach dem Grund, bieten Sie nichts anderes an und fragen Sie nicht, ob jemand sicher ist.",
    script_repeat_heading: "Sagen Sie, was Sie getan haben",
    script_repeat: "Ich habe ausgeschaltet: {what}. Das gilt ab jetzt. Ihre Vorgangsnummer ist {reference}.",
    script_messages: "Nachrichten, die schon unterwegs sind, können Sie noch erreichen, spätestens bis zum {date}.",
    script_post: "Schon Gedrucktes, etwa ein Katalog, kann noch per Post kommen, spätestens bis zum {date}.",
    script_companies: "Die Unternehmen, die Ihre Daten erhalten, hören spätestens bis zum {date} auf.",
    script_repeat_note: "Lesen Sie nur die Sätze vor, die zum Ausgeschalteten passen, und buchstabieren Sie die Vorgangsnummer.",
    script_law_heading: "Was weitergeht",
    script_law_note: "Sagen Sie dies, wenn die Weitergabe oder alles ausgeschaltet wurde oder wenn danach gefragt wird.",
    script_goodbye_heading: "Verabschiedung",
    script_goodbye: "Das ist alles. Sie können es jederzeit unter {url} oder am Telefon ansehen und ändern. Auf Wiederhören.",
    script_goodbye_note: "Dieses Gespräch ist die Bestätigung. Vermerken Sie Tag und Uhrzeit bei der Vorgangsnummer.",

    // The answer to a letter
    letter_title: "Wir haben getan, worum Sie gebeten haben",
    letter_body: "Ihr Brief hat uns am {day} erreicht. Seitdem ist ausgeschaltet: {what}. Ihre Vorgangsnummer ist {reference}.",
    letter_more: "Sie können es jederzeit unter {url} oder telefonisch ansehen und ändern: {phone}",

    // What the business copies
    kit_unsubscribe: "Abbestellen",
    kit_choices: "Ihre Datenschutz-Einstellungen",
    kit_policy: "Sie können jederzeit kostenlos und ohne Anmeldung sehen, was wir Ihnen senden und wer Ihre Daten erhält, und es ausschalten:",
    kit_letter: "Sie möchten das nicht mehr? Scannen Sie den Code oder geben Sie unter {url} diesen Code ein: {code}.",
};
