//! English: letters, the phone and the link kit.

use super::Letters;

/// English.
pub const TEXTS: Letters = Letters {
    // Typing a code
    go_title: "Enter the code from your letter",
    go_lede: "It opens your privacy choices. Nothing changes until you choose.",
    go_label: "Code from the letter",
    go_hint: "Eight letters and digits, like {example}. Capitals, spaces and hyphens make no difference.",
    go_submit: "Open my choices",
    go_empty: "Enter the code that stands in your letter.",
    go_length: "A code has eight letters and digits. Please compare yours with the letter.",
    go_character: "A code has only letters from A to Z and digits. Please compare yours with the letter.",
    go_checksum: "One character is not right, or two have changed places. Please compare the code with the letter.",
    go_unknown_title: "This code opens nothing",
    go_unknown: "It may be too old, or not quite right. You can enter it once more, or opt out below without a code.",
    go_many_title: "Too many wrong codes",
    go_many: "Please wait a minute before you try another one. A right code always opens. You can also opt out below at once, without a code.",
    go_without: "No code at hand? Opt out without one",

    // The form to post
    form_title: "Opt out by post",
    form_lede: "Tick what should stop and post this page to us. You need give no reason and no signature.",
    form_print: "Print this page with your browser. It fits on one sheet.",
    form_who: "So that we find you",
    form_name: "Your name or customer number",
    form_reach: "One email address, phone number or postal address",
    form_messages: "Stop sending me",
    form_profiling: "Stop guessing about me",
    form_sharing: "Stop sharing my data",
    form_empty: "Boxes that stay empty change nothing.",
    form_law: "A law requires this, so it continues: {list}.",
    form_to: "Post it to",
    form_when: "It counts from the day it reaches us. Something already printed or on its way may still arrive.",
    form_faster: "It works at once at {url}, or by phone: {phone}",

    // What staff read out
    script_title: "Opting out by phone",
    script_use: "Read aloud what stands behind a bar. The rest is for you.",
    script_greeting_heading: "Greeting",
    script_greeting: "Hello, you have reached {brand}. I can stop for you whatever you don’t want, right now. You need give no reason.",
    script_find_heading: "Who it is for",
    script_find: "What is your customer number, your email address or your phone number?",
    script_find_second: "And your name, please?",
    script_find_note: "Ask for the name only if the first answer is not enough. Ask for nothing else: no date of birth, no password, no proof of identity. If nobody is found, note the choice for that address or number all the same.",
    script_what_heading: "What should stop",
    script_what: "What should stop? I can turn off everything, or any of these:",
    script_what_note: "Do not ask why, offer nothing instead, and do not ask whether they are sure.",
    script_repeat_heading: "Say back what you did",
    script_repeat: "I have turned off: {what}. It counts from now on. Your reference is {reference}.",
    script_messages: "Messages already on their way may still reach you, until {date} at the latest.",
    script_post: "Printed matter such as a catalogue may still reach you by post, until {date} at the latest.",
    script_companies: "The companies that receive your data stop by {date} at the latest.",
    script_repeat_note: "Read out only the sentences that fit what was turned off, and spell the reference.",
    script_law_heading: "What continues",
    script_law_note: "Say this when sharing or everything was turned off, or when they ask.",
    script_goodbye_heading: "Goodbye",
    script_goodbye: "That is all. You can see and change it at any time at {url} or by phone. Goodbye.",
    script_goodbye_note: "This call is the confirmation. Note its day and time with the reference.",

    // The answer to a letter
    letter_title: "We have done what you asked",
    letter_body: "Your letter reached us on {day}. Since then this is turned off: {what}. Your reference is {reference}.",
    letter_more: "You can see and change it at any time at {url}, or by phone: {phone}",

    // What the business copies
    kit_unsubscribe: "Unsubscribe",
    kit_choices: "Your Privacy Choices",
    kit_policy: "You can see what we send you and who receives your data, and turn it off at any time, free of charge and without signing in:",
    kit_letter: "You don’t want this any more? Scan the code, or go to {url} and enter {code}.",
};
