//! Texts in every language, checked at compile time: a language that lacks one does not build.
//!
//! Placeholders stand in braces and are the same in every language; a test compares them.

#[path = "../../locales/ar.rs"]
mod ar;
#[path = "../../locales/de.rs"]
mod de;
#[path = "../../locales/en.rs"]
mod en;
#[path = "../../locales/es.rs"]
mod es;
#[path = "../../locales/fr.rs"]
mod fr;
#[path = "../../locales/zh_hans.rs"]
mod zh_hans;

/// The texts of a language, from the modules that stand where it is called.
macro_rules! texts_of {
    ($language:expr) => {
        match $language {
            Language::English => &en::TEXTS,
            Language::Chinese => &zh_hans::TEXTS,
            Language::Spanish => &es::TEXTS,
            Language::German => &de::TEXTS,
            Language::French => &fr::TEXTS,
            Language::Arabic => &ar::TEXTS,
        }
    };
}

mod format;
pub mod letters;
mod proof;
pub mod signal;
#[cfg(test)]
mod tests;

pub use format::{country, date, date_time, fill, list, number};
pub use proof::ProofTexts;

use domain::Language;

/// A text for each plural form of CLDR; `other` is never empty.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names are CLDR's")]
pub struct Plural {
    pub zero: &'static str,
    pub one: &'static str,
    pub two: &'static str,
    pub few: &'static str,
    pub many: &'static str,
    pub other: &'static str,
}

/// Every text that the portal itself shows; the register brings its own.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the English file beside it says what each one is")]
pub struct Texts {
    // Frame
    pub skip: &'static str,
    pub language: &'static str,
    pub footer_policy: &'static str,
    pub footer_contact: &'static str,
    pub footer_authority: &'static str,
    pub footer_heading: &'static str,
    pub footer_practice: &'static str,
    pub change_language: &'static str,
    // The choices page
    pub title: &'static str,
    pub who: &'static str,
    pub not_you: &'static str,
    pub lede: &'static str,
    pub object_heading: &'static str,
    pub object: &'static str,
    // Right now
    pub now: &'static str,
    pub now_sends: &'static str,
    pub now_sends_nothing: &'static str,
    pub now_item: &'static str,
    pub now_paused: &'static str,
    pub now_shares: Plural,
    pub now_shares_nothing: &'static str,
    pub now_profiles: &'static str,
    pub now_profiles_nothing: &'static str,
    pub all_off: &'static str,
    pub all_off_done: &'static str,
    pub pause_heading: &'static str,
    pub pause_days: Plural,
    pub resume: &'static str,
    // Switches
    pub on: &'static str,
    pub off: &'static str,
    pub paused: &'static str,
    pub since: &'static str,
    pub paused_until: &'static str,
    pub turn_off_for_good: &'static str,
    pub expired: &'static str,
    pub minor: &'static str,
    pub review_overdue: &'static str,
    // What we send
    pub marketing: &'static str,
    pub marketing_hint: &'static str,
    pub marketing_off: &'static str,
    pub channel_email: &'static str,
    pub channel_text: &'static str,
    pub channel_phone: &'static str,
    pub channel_post: &'static str,
    pub channel_push: &'static str,
    pub lead: Plural,
    pub lead_until: &'static str,
    pub regime_opt_in: &'static str,
    pub regime_opt_out: &'static str,
    pub basis_label: &'static str,
    pub basis_consent: &'static str,
    pub basis_contract: &'static str,
    pub basis_legal_obligation: &'static str,
    pub basis_legitimate_interest: &'static str,
    // Profiling
    pub profiling: &'static str,
    pub profiling_hint: &'static str,
    pub effect: &'static str,
    // Sharing
    pub sharing: &'static str,
    pub sharing_hint: &'static str,
    pub sharing_law_link: &'static str,
    pub sharing_off: &'static str,
    pub sale_or_sharing: &'static str,
    pub all_companies: &'static str,
    pub contact: &'static str,
    pub recipient_lead: Plural,
    pub exceptions: &'static str,
    pub exceptions_hint: &'static str,
    pub citation: &'static str,
    pub approved: &'static str,
    // After a change
    pub saved_off: &'static str,
    pub saved_on: &'static str,
    pub saved_pause: &'static str,
    pub saved_resume: &'static str,
    pub saved_undo: &'static str,
    pub saved_nothing: &'static str,
    pub reference: &'static str,
    pub undo: &'static str,
    pub undo_hint: &'static str,
    pub failed: &'static str,
    pub saving: &'static str,
    // Names of targets in sentences
    pub target_everything: &'static str,
    pub target_marketing: &'static str,
    pub target_sharing: &'static str,
    pub target_message: &'static str,
    pub target_share: &'static str,
    pub target_removed: &'static str,
    pub by_email: &'static str,
    pub by_text: &'static str,
    pub by_phone: &'static str,
    pub by_post: &'static str,
    pub by_push: &'static str,
    // History
    pub history: &'static str,
    pub history_empty: &'static str,
    pub history_locked: &'static str,
    pub history_unlock: &'static str,
    pub act_granted: &'static str,
    pub act_withdrawn: &'static str,
    pub act_paused: &'static str,
    pub act_resumed: &'static str,
    pub act_requested: &'static str,
    pub act_undone: &'static str,
    pub actor_person: &'static str,
    pub actor_staff: &'static str,
    pub actor_agent: &'static str,
    pub actor_system: &'static str,
    pub source_page: &'static str,
    pub source_one_click: &'static str,
    pub source_preference_signal: &'static str,
    pub source_form: &'static str,
    pub source_code: &'static str,
    pub source_staff_phone: &'static str,
    pub source_staff_post: &'static str,
    pub source_staff_person: &'static str,
    pub source_staff_email: &'static str,
    pub source_agent: &'static str,
    pub source_api: &'static str,
    pub source_import: &'static str,
    pub source_reply: &'static str,
    pub notice_link: &'static str,
    pub record_json: &'static str,
    pub record_page: &'static str,
    // The record
    pub record_title: &'static str,
    pub record_lede: &'static str,
    pub record_when: &'static str,
    pub record_what: &'static str,
    pub record_how: &'static str,
    pub record_notice: &'static str,
    pub back: &'static str,
    // Without a link
    pub practice_lede: &'static str,
    pub form_heading: &'static str,
    pub form_hint: &'static str,
    pub form_contact: &'static str,
    pub form_contact_hint: &'static str,
    pub form_what: &'static str,
    pub form_everything: &'static str,
    pub form_marketing: &'static str,
    pub form_sharing: &'static str,
    pub form_submit: &'static str,
    pub form_done: &'static str,
    pub see_heading: &'static str,
    pub see_hint: &'static str,
    pub see_submit: &'static str,
    // Codes
    pub code_title: &'static str,
    pub code_sent: &'static str,
    pub code_label: &'static str,
    pub code_hint: &'static str,
    pub code_submit: &'static str,
    pub code_again: &'static str,
    pub code_why_on: &'static str,
    pub code_to: &'static str,
    pub code_mail_subject: &'static str,
    pub code_mail_body: &'static str,
    /// Answers an opt-out by text message.
    pub text_stopped: &'static str,
    // Confirming
    pub confirm_title: &'static str,
    pub confirm_lede: &'static str,
    pub confirm_yes: &'static str,
    pub confirm_no: &'static str,
    pub confirm_resume_title: &'static str,
    pub confirm_resume_yes: &'static str,
    pub confirm_resume_no: &'static str,
    // A confirmation's way back
    pub undo_title: &'static str,
    pub undo_lede: &'static str,
    pub undo_none: &'static str,
    // One message's link
    pub unsubscribe_title: &'static str,
    pub unsubscribe_lede: &'static str,
    pub unsubscribe_submit: &'static str,
    pub unsubscribe_all: &'static str,
    pub unsubscribe_more: &'static str,
    pub unknown_link_title: &'static str,
    pub unknown_link: &'static str,
    // The register as it was
    pub notice_title: &'static str,
    pub notice_lede: &'static str,
    // Errors
    pub error_heading: &'static str,
    pub error_contact_empty: &'static str,
    pub error_contact_form: &'static str,
    pub error_contact_long: &'static str,
    pub error_contact_control: &'static str,
    pub error_target: &'static str,
    pub error_law: &'static str,
    pub error_stale: &'static str,
    pub error_undo: &'static str,
    pub error_pause: &'static str,
    pub error_one: &'static str,
    pub error_minor: &'static str,
    pub error_code: &'static str,
    pub error_code_empty: &'static str,
    pub error_session: &'static str,
    pub error_many: &'static str,
    pub error_form: &'static str,
    pub error_not_found_title: &'static str,
    pub error_not_found: &'static str,
    pub error_server_title: &'static str,
    pub error_server: &'static str,
    pub error_cross_site: &'static str,
    pub error_large: &'static str,
    pub error_number: &'static str,
    // How far choices have come
    pub progress: &'static str,
    pub progress_hint: &'static str,
    pub progress_more: &'static str,
    pub progress_confirmed: &'static str,
    pub progress_asked: &'static str,
    pub progress_waiting: &'static str,
    pub progress_late: &'static str,
    pub progress_pace: &'static str,
    pub minutes: Plural,
    pub hours: Plural,
}

impl Texts {
    /// The texts of a language.
    #[must_use]
    pub const fn of(language: Language) -> &'static Self {
        texts_of!(language)
    }
}
