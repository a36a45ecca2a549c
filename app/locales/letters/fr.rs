//! French: letters, the phone and the link kit.

use super::Letters;

/// French.
pub const TEXTS: Letters = Letters {
    // Typing a code
    go_title: "Saisissez le code de votre lettre",
    go_lede: "Il ouvre vos choix de confidentialité. Rien ne change tant que vous n’avez pas choisi.",
    go_label: "Code de la lettre",
    go_hint: "Huit lettres et chiffres, par exemple {example}. Majuscules, espaces et traits d’union sont sans importance.",
    go_submit: "Ouvrir mes choix",
    go_empty: "Saisissez le code qui figure dans votre lettre.",
    go_length: "Un code comporte huit lettres et chiffres. Veuillez le comparer avec la lettre.",
    go_character: "Un code ne comporte que des lettres de A à Z et des chiffres. Veuillez le comparer avec la lettre.",
    go_checksum: "Un caractère est inexact, ou deux sont inversés. Veuillez comparer le code avec la lettre.",
    go_unknown_title: "Ce code n’ouvre rien",
    go_unknown: "Il est peut-être trop ancien ou pas tout à fait exact. Vous pouvez le saisir à nouveau, ou désactiver ci-dessous, sans code, ce que vous ne souhaitez pas.",
    go_many_title: "Trop de codes inexacts",
    go_many: "Veuillez patienter une minute avant d’en essayer un autre. Un code exact ouvre toujours. Vous pouvez aussi désactiver ci-dessous, immédiatement et sans code, ce que vous ne souhaitez pas.",
    go_without: "Pas de code sous la main\u{a0}? Désactiver sans code",

    // The form to post
    form_title: "Désactiver par courrier",
    form_lede: "Cochez ce qui doit cesser et envoyez-nous cette page par la poste. Ni motif ni signature ne sont nécessaires.",
    form_print: "Imprimez cette page avec votre navigateur. Elle tient sur une feuille.",
    form_who: "Pour que nous vous retrouvions",
    form_name: "Votre nom ou numéro client",
    form_reach: "Une adresse e-mail, un numéro de téléphone ou une adresse postale",
    form_messages: "Ne m’envoyez plus",
    form_profiling: "Cessez vos suppositions à mon sujet",
    form_sharing: "Ne partagez plus mes données",
    form_empty: "Les cases laissées vides ne changent rien.",
    form_law: "La loi l’exige, cela continue donc\u{a0}: {list}.",
    form_to: "À envoyer à",
    form_when: "Cela compte dès le jour où nous le recevons. Ce qui est déjà imprimé ou en route peut encore vous parvenir.",
    form_faster: "Avec effet immédiat sur {url} ou par téléphone\u{a0}: {phone}",

    // What staff read out
    script_title: "Désactiver par téléphone",
    script_use: "Lisez à voix haute ce qui suit un trait. Le reste est pour vous.",
    script_greeting_heading: "Accueil",
    script_greeting: "Bonjour, ici {brand}. Je peux arrêter dès maintenant ce que vous ne souhaitez pas. Vous n’avez pas à donner de motif.",
    script_find_heading: "Pour qui",
    script_find: "Quel est votre numéro client, votre adresse e-mail ou votre numéro de téléphone\u{a0}?",
    script_find_second: "Et votre nom, s’il vous plaît\u{a0}?",
    script_find_note: "Demandez le nom uniquement si la première réponse ne suffit pas. Ne demandez rien d’autre\u{a0}: ni date de naissance, ni mot de passe, ni pièce d’identité. Si personne n’est trouvé, notez quand même le choix pour cette adresse ou ce numéro.",
    script_what_heading: "Ce qui doit cesser",
    script_what: "Que faut-il arrêter\u{a0}? Je peux tout désactiver, ou l’un de ces éléments\u{a0}:",
    script_what_note: "Ne demandez pas pourquoi, ne proposez rien à la place et ne demandez pas si la personne est sûre.",
    script_repeat_heading: "Redites ce que vous avez fait",
    script_repeat: "J’ai désactivé\u{a0}: {what}. Cela compte dès maintenant. Votre référence est {reference}.",
    script_messages: "Les messages déjà en route peuvent encore vous parvenir, au plus tard jusqu’au {date}.",
    script_post: "Ce qui est déjà imprimé, comme un catalogue, peut encore arriver par la poste, au plus tard jusqu’au {date}.",
    script_companies: "Les entreprises qui reçoivent vos données cessent au plus tard le {date}.",
    script_repeat_note: "Lisez seulement les phrases qui correspondent à ce qui a été désactivé, et épelez la référence.",
    script_law_heading: "Ce qui continue",
    script_law_note: "Dites-le si le partage ou tout a été désactivé, ou si la personne le demande.",
    script_goodbye_heading: "Au revoir",
    script_goodbye: "C’est tout. Vous pouvez le voir et le modifier à tout moment sur {url} ou par téléphone. Au revoir.",
    script_goodbye_note: "Cet appel vaut confirmation. Notez le jour et l’heure avec la référence.",

    // The answer to a letter
    letter_title: "Nous avons fait ce que vous avez demandé",
    letter_body: "Votre lettre nous est parvenue le {day}. Depuis, ceci est désactivé\u{a0}: {what}. Votre référence est {reference}.",
    letter_more: "Vous pouvez le voir et le modifier à tout moment sur {url}, ou par téléphone\u{a0}: {phone}",

    // What the business copies
    kit_unsubscribe: "Se désinscrire",
    kit_choices: "Vos choix de confidentialité",
    kit_policy: "Vous pouvez à tout moment, gratuitement et sans vous connecter, voir ce que nous vous envoyons et qui reçoit vos données, et le désactiver\u{a0}:",
    kit_letter: "Vous n’en voulez plus\u{a0}? Scannez le code, ou allez sur {url} et saisissez {code}.",
};
