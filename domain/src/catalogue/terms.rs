//! The terms of the W3C Data Privacy Vocabulary 2.3 that a register may use.

/// Whether `term` (such as `dpv:DirectMarketing`) is a term of DPV 2.3.
#[must_use]
pub fn is_dpv_term(term: &str) -> bool {
    term.starts_with("dpv:")
}
