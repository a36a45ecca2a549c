//! English.

use super::Words;

/// English.
pub const WORDS: Words = Words {
    confirmation_subject: "{brand}: your choices are saved",
    confirmation_heading: "Your choices are saved",
    confirmation_lede: "This is what changed, and since when it counts.",
    change: "{target}: {act}",
    counts_from: "Since {date}",
    choices: "See and change your choices",
    undo: "Take a change back",
    undo_until: "Until {date} this link takes back what stands in this letter, and nothing else. Please don’t pass it on: whoever has it can take these changes back.",
    changed_mind: "With this personal link you can turn off more at any time. To turn something on again, you get a code from us, so that nobody else can do it for you.",
    not_you: "Was this not you? Write to {email} and quote the reference.",
    why_confirmation: "You get this one letter because your choices changed. It is not advertising.",
    why_code: "You get this letter because a code was asked for with this address. It is not advertising.",
    answer_subject: "Your request {reference}",
    why_answer: "You get this letter because you asked us something. It is not advertising.",
    reach: "Our privacy team: {email} or {phone}",
    portal: "Your privacy choices: {url}",
};
