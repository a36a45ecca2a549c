// What the English page calls things.

export const title = "Your privacy choices";

/** Switches of the example's register. All but the last two are on for an ordinary customer. */
export const switches = {
  offersEmail: "Offers and new products Email",
  offersPost: "Offers and new products Post",
  catalogue: "Printed catalogue Post",
  careText: "Care reminders for your gear Text message",
  recommendations: "Recommendations from what you bought",
  adlane: "Advertising Adlane GmbH",
  reachwell: "Advertising Reachwell Inc.",
  tallyhouse: "Measuring what sells Tallyhouse AB",
  offersPhone: "Offers and new products Phone",
  research: "Research into safer gear Sichtfels Institut gGmbH",
} as const;

export const buttons = {
  allOff: "Opt out of everything",
  marketingOff: "Stop all marketing",
  sharingOff: "Stop all sale and sharing",
  undo: "Undo",
  resume: "End the pause now",
  sendCode: "Send me a code",
  continue: "Continue",
  turnOn: "Turn it on",
  keepOff: "Keep it off",
  optOut: "Opt out",
  notYou: "Not you?",
} as const;

/** The languages of the register, and which way they are read. */
export const languages = [
  { tag: "en", name: "English", direction: "ltr" },
  { tag: "zh-Hans", name: "简体中文", direction: "ltr" },
  { tag: "es", name: "Español", direction: "ltr" },
  { tag: "de", name: "Deutsch", direction: "ltr" },
  { tag: "fr", name: "Français", direction: "ltr" },
  { tag: "ar", name: "العربية", direction: "rtl" },
] as const;
