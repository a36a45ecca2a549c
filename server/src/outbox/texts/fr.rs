//! French.

use super::Words;

/// French.
pub const WORDS: Words = Words {
    confirmation_subject: "{brand} : vos choix sont enregistrés",
    confirmation_heading: "Vos choix sont enregistrés",
    confirmation_lede: "Voici ce qui a changé, et depuis quand cela compte.",
    change: "{target} : {act}",
    counts_from: "Depuis le {date}",
    choices: "Voir et modifier vos choix",
    undo: "Annuler un changement",
    undo_until: "Jusqu’au {date}, ce lien annule les changements qui figurent dans ce message, et rien d’autre. Veuillez ne pas le transmettre : toute personne qui l’a peut annuler ces changements.",
    changed_mind: "Avec ce lien personnel, vous pouvez désactiver d’autres choses à tout moment. Pour réactiver quelque chose, nous vous envoyons un code, afin que personne d’autre ne puisse le faire à votre place.",
    not_you: "Ce n’était pas vous ? Écrivez à {email} en indiquant la référence.",
    why_confirmation: "Vous recevez ce seul message parce que vos choix ont changé. Ce n’est pas de la publicité.",
    why_code: "Vous recevez ce message parce qu’un code a été demandé avec cette adresse. Ce n’est pas de la publicité.",
    answer_subject: "Votre demande {reference}",
    why_answer: "Vous recevez ce message parce que vous nous avez posé une question. Ce n’est pas de la publicité.",
    reach: "Notre équipe chargée de la vie privée : {email} ou {phone}",
    portal: "Vos choix de confidentialité : {url}",
};
