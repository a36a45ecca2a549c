//! Spanish: letters, the phone and the link kit.

use super::Letters;

/// Spanish.
pub const TEXTS: Letters = Letters {
    // Typing a code
    go_title: "Introduzca el código de su carta",
    go_lede: "Abre sus opciones de privacidad. Nada cambia hasta que usted elija.",
    go_label: "Código de la carta",
    go_hint: "Ocho letras y cifras, como {example}. Las mayúsculas, los espacios y los guiones no importan.",
    go_submit: "Abrir mis opciones",
    go_empty: "Introduzca el código que figura en su carta.",
    go_length: "Un código tiene ocho letras y cifras. Compárelo con su carta.",
    go_character: "Un código solo tiene letras de la A a la Z y cifras. Compárelo con su carta.",
    go_checksum: "Un carácter no es correcto o dos están cambiados de lugar. Compare el código con su carta.",
    go_unknown_title: "Este código no abre nada",
    go_unknown: "Puede ser demasiado antiguo o no del todo correcto. Puede introducirlo otra vez o desactivar aquí abajo, sin código, lo que no quiera.",
    go_many_title: "Demasiados códigos incorrectos",
    go_many: "Espere un minuto antes de probar otro. Un código correcto siempre abre. También puede desactivar aquí abajo en el acto, sin código, lo que no quiera.",
    go_without: "¿No tiene el código a mano? Desactivar sin él",

    // The form to post
    form_title: "Desactivar por correo postal",
    form_lede: "Marque lo que debe terminar y envíenos esta página por correo. No hace falta motivo ni firma.",
    form_print: "Imprima esta página con su navegador. Cabe en una hoja.",
    form_who: "Para que le encontremos",
    form_name: "Su nombre o número de cliente",
    form_reach: "Una dirección de correo electrónico, un teléfono o una dirección postal",
    form_messages: "Dejen de enviarme",
    form_profiling: "Dejen de hacer suposiciones sobre mí",
    form_sharing: "Dejen de compartir mis datos",
    form_empty: "Las casillas vacías no cambian nada.",
    form_law: "La ley lo exige, por eso continúa: {list}.",
    form_to: "Envíelo a",
    form_when: "Cuenta desde el día en que nos llega. Aún puede recibir algo ya impreso o en camino.",
    form_faster: "En {url} o por teléfono ({phone}) tiene efecto en el acto",

    // What staff read out
    script_title: "Desactivar por teléfono",
    script_use: "Lea en voz alta lo que va tras una barra. Lo demás es para usted.",
    script_greeting_heading: "Saludo",
    script_greeting: "Buenos días, le atiende {brand}. Puedo detener ahora mismo lo que usted no quiera. No hace falta que dé un motivo.",
    script_find_heading: "Para quién es",
    script_find: "¿Cuál es su número de cliente, su correo electrónico o su teléfono?",
    script_find_second: "¿Y su nombre, por favor?",
    script_find_note: "Pregunte el nombre solo si la primera respuesta no basta. No pida nada más: ni fecha de nacimiento, ni contraseña, ni documento de identidad. Si no se encuentra a nadie, anote igualmente la decisión para esa dirección o ese número.",
    script_what_heading: "Qué debe terminar",
    script_what: "¿Qué debe terminar? Puedo desactivarlo todo, o cualquiera de estas cosas:",
    script_what_note: "No pregunte por qué, no ofrezca nada a cambio y no pregunte si está seguro.",
    script_repeat_heading: "Repita lo que ha hecho",
    script_repeat: "He desactivado: {what}. Cuenta desde ahora. Su referencia es {reference}.",
    script_messages: "Los mensajes que ya están en camino aún pueden llegarle, a más tardar hasta el {date}.",
    script_post: "Aún puede recibir por correo algo ya impreso, como un catálogo, a más tardar hasta el {date}.",
    script_companies: "Las empresas que reciben sus datos dejan de usarlos a más tardar el {date}.",
    script_repeat_note: "Lea solo las frases que correspondan a lo desactivado y deletree la referencia.",
    script_law_heading: "Lo que continúa",
    script_law_note: "Dígalo si se ha desactivado el uso compartido o todo, o si lo preguntan.",
    script_goodbye_heading: "Despedida",
    script_goodbye: "Eso es todo. Puede verlo y cambiarlo cuando quiera en {url} o por teléfono. Adiós.",
    script_goodbye_note: "Esta llamada es la confirmación. Anote el día y la hora junto con la referencia.",

    // The answer to a letter
    letter_title: "Hemos hecho lo que nos pidió",
    letter_body: "Su carta nos llegó el {day}. Desde entonces está desactivado: {what}. Su referencia es {reference}.",
    letter_more: "Puede verlo y cambiarlo cuando quiera en {url} o por teléfono: {phone}",

    // What the business copies
    kit_unsubscribe: "Darse de baja",
    kit_choices: "Sus opciones de privacidad",
    kit_policy: "Puede ver qué le enviamos y quién recibe sus datos, y desactivarlo en cualquier momento, gratis y sin iniciar sesión:",
    kit_letter: "¿Ya no quiere recibir esto? Escanee el código o vaya a {url} e introduzca {code}.",
};
