//! Texts of receipts, of checking them, and of the record of processing: apart from those of the
//! other pages, which most visitors see.

#[path = "../../locales/proof/ar.rs"]
mod ar;
#[path = "../../locales/proof/de.rs"]
mod de;
#[path = "../../locales/proof/en.rs"]
mod en;
#[path = "../../locales/proof/es.rs"]
mod es;
#[path = "../../locales/proof/fr.rs"]
mod fr;
#[path = "../../locales/proof/zh_hans.rs"]
mod zh_hans;

use domain::Language;

/// What receipts, the page that checks them, and the record of processing say.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the English file beside it says what each one is")]
pub struct ProofTexts {
    // In receipts
    pub see_policy: &'static str,
    // The receipt
    pub receipt: &'static str,
    pub receipt_of: &'static str,
    pub receipt_title: &'static str,
    pub receipt_lede: &'static str,
    pub receipt_asked: &'static str,
    pub receipt_choice: &'static str,
    pub receipt_when: &'static str,
    pub receipt_how: &'static str,
    pub receipt_reference: &'static str,
    pub receipt_notice: &'static str,
    pub receipt_notice_number: &'static str,
    pub receipt_person: &'static str,
    pub receipt_person_hint: &'static str,
    pub receipt_ledger: &'static str,
    pub receipt_entry: &'static str,
    pub receipt_means: &'static str,
    pub receipt_holds: &'static str,
    pub holds_until_changed: &'static str,
    pub holds_until: &'static str,
    pub state_withdrew: &'static str,
    pub state_refused: &'static str,
    pub state_objected: &'static str,
    pub state_opted_out: &'static str,
    pub state_paused: &'static str,
    pub state_given: &'static str,
    pub state_renewed: &'static str,
    pub state_opted_in: &'static str,
    pub state_requested: &'static str,
    pub state_open: &'static str,
    pub receipt_check: &'static str,
    pub receipt_scan: &'static str,
    pub receipt_download: &'static str,
    pub receipt_print: &'static str,
    pub receipt_signed: &'static str,
    pub receipt_key: &'static str,
    // Checking a receipt
    pub verify_title: &'static str,
    pub verify_lede: &'static str,
    pub verify_paste: &'static str,
    pub verify_file: &'static str,
    pub verify_submit: &'static str,
    pub verify_genuine: &'static str,
    pub verify_genuine_lede: &'static str,
    pub verify_code_lede: &'static str,
    pub verify_says: &'static str,
    pub verify_in_ledger: &'static str,
    pub verify_not_genuine: &'static str,
    pub verify_unsure: &'static str,
    pub verify_changed: &'static str,
    pub verify_altered: &'static str,
    pub verify_removed: &'static str,
    pub verify_added: &'static str,
    pub verify_unknown_key: &'static str,
    pub verify_signature: &'static str,
    pub verify_not_json: &'static str,
    pub verify_twice: &'static str,
    pub verify_large: &'static str,
    pub verify_no_receipt: &'static str,
    pub verify_no_code: &'static str,
    pub verify_not_in_ledger: &'static str,
    pub verify_empty: &'static str,
    pub verify_other_way: &'static str,
    pub verify_keys: &'static str,
    pub verify_heads: &'static str,
    // The record of processing
    pub article30_title: &'static str,
    pub article30_lede: &'static str,
    pub article30_controller: &'static str,
    pub article30_officer: &'static str,
    pub article30_authority: &'static str,
    pub article30_activity: &'static str,
    pub article30_purpose: &'static str,
    pub article30_basis: &'static str,
    pub article30_people: &'static str,
    pub article30_data: &'static str,
    pub article30_recipients: &'static str,
    pub article30_transfers: &'static str,
    pub article30_retention: &'static str,
    pub article30_security: &'static str,
    pub article30_term: &'static str,
    pub article30_none: &'static str,
    pub article30_unsaid: &'static str,
}

impl ProofTexts {
    /// The texts of a language.
    #[must_use]
    pub const fn of(language: Language) -> &'static Self {
        texts_of!(language)
    }
}
