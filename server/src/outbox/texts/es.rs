//! Spanish.

use super::Words;

/// Spanish.
pub const WORDS: Words = Words {
    confirmation_subject: "{brand}: sus opciones están guardadas",
    confirmation_heading: "Sus opciones están guardadas",
    confirmation_lede: "Esto es lo que ha cambiado y desde cuándo cuenta.",
    change: "{target}: {act}",
    counts_from: "Desde el {date}",
    choices: "Ver y cambiar sus opciones",
    undo: "Deshacer un cambio",
    undo_until: "Hasta el {date}, este enlace deshace los cambios que figuran en este mensaje, y nada más. No se lo dé a nadie, por favor: quien lo tenga puede deshacer estos cambios.",
    changed_mind: "Con este enlace personal puede desactivar más cosas en cualquier momento. Para volver a activar algo, le enviamos un código, para que nadie más pueda hacerlo por usted.",
    not_you: "¿No ha sido usted? Escriba a {email} e indique la referencia.",
    why_confirmation: "Recibe este único mensaje porque sus opciones han cambiado. No es publicidad.",
    why_code: "Recibe este mensaje porque se ha pedido un código con esta dirección. No es publicidad.",
    answer_subject: "Su solicitud {reference}",
    why_answer: "Recibe este mensaje porque nos ha preguntado algo. No es publicidad.",
    reach: "Nuestro equipo de privacidad: {email} o {phone}",
    portal: "Sus opciones de privacidad: {url}",
};
