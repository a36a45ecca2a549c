//! Receipts as documents, by property: complete, signed, and whole or named.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::{Act, Language, Target};
use ed25519_dalek::SigningKey;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;
use server::keys::ReceiptKey;
use server::proof::{
    CONTEXT, Change, Fault, LARGEST, ProofKeys, Published, Summary, Unreadable, canonical, check,
    parse,
};
use server::qr::Qr;

use crate::support::life::{a_life, history, keys, notice_of, receipt, receipt_under};
use crate::support::portal::CATALOGUE;
use crate::support::scan::scan_svg;

const SCHEMA: &str = include_str!("../../../docs/receipt.schema.json");

/// Terms of DPV 2.3 that receipts use and a register does not: `2.3/dpv/dpv.csv` of
/// github.com/w3c/dpv at commit f01a55c.
const MORE_TERMS: [&str; 34] = [
    "dpv:Authority",
    "dpv:ConsentNotice",
    "dpv:ConsentReceipt",
    "dpv:ConsentRecord",
    "dpv:DataController",
    "dpv:LegalBasis",
    "dpv:LegalEntity",
    "dpv:LegitimateInterestNotObjected",
    "dpv:LegitimateInterestObjected",
    "dpv:PersonalData",
    "dpv:PrivacyNotice",
    "dpv:Process",
    "dpv:Recipient",
    "dpv:StorageDuration",
    "dpv:StorageLocation",
    "dpv:TemporalDuration",
    "dpv:ThirdParty",
    "dpv:UntilEventDuration",
    "dpv:UntilTimeDuration",
    "dpv:WithdrawConsent",
    "dpv:hasAddress",
    "dpv:hasAuthority",
    "dpv:hasConsentControl",
    "dpv:hasContact",
    "dpv:hasDataController",
    "dpv:hasDataSubject",
    "dpv:hasDuration",
    "dpv:hasEntity",
    "dpv:hasIdentifier",
    "dpv:hasIndicationMethod",
    "dpv:hasJurisdiction",
    "dpv:hasLegalBasis",
    "dpv:hasLocation",
    "dpv:hasName",
];
/// The rest of them.
const PROPERTIES: [&str; 11] = [
    "dpv:hasNotice",
    "dpv:hasPersonalData",
    "dpv:hasProcess",
    "dpv:hasPurpose",
    "dpv:hasRecipient",
    "dpv:hasRecordOfActivity",
    "dpv:hasStatus",
    "dpv:hasStorageCondition",
    "dpv:isIndicatedAtTime",
    "dpv:isIndicatedBy",
    "dpv:Purpose",
];

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

static KEYS: LazyLock<ProofKeys> = LazyLock::new(|| ProofKeys::new(&keys(1)));

fn fits_the_schema(receipt: &Value) -> Result<(), String> {
    let problems: Vec<_> =
        VALIDATOR.iter_errors(receipt).map(|e| format!("{}: {e}", e.instance_path())).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Every text in a value that has the form of a term.
fn terms(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.starts_with("dpv:") => drop(found.insert(text.clone())),
        Value::Array(list) => list.iter().for_each(|member| terms(member, found)),
        Value::Object(members) => members.values().for_each(|member| terms(member, found)),
        _ => {}
    }
}

fn bytes(receipt: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(receipt).unwrap()
}

fn a_receipt() -> Value {
    let acts = [
        ("share:safety-research/sichtfels".parse().unwrap(), Act::Granted, 0),
        ("message:offers/email".parse::<Target>().unwrap(), Act::Withdrawn, 5),
    ];
    receipt(&history(&acts, Language::English), &KEYS)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_receipt_has_every_field_and_is_genuine(life in a_life()) {
        let receipt = receipt(&life, &KEYS);
        fits_the_schema(&receipt).map_err(TestCaseError::fail)?;
        let genuine = check(&bytes(&receipt), KEYS.published()).unwrap();
        prop_assert_eq!(&genuine.receipt, &receipt);
        let mut used = BTreeSet::new();
        terms(&receipt, &mut used);
        for term in used {
            let known = domain::catalogue::is_dpv_term(&term)
                || MORE_TERMS.contains(&term.as_str())
                || PROPERTIES.contains(&term.as_str());
            prop_assert!(known, "{} is no term of DPV 2.3", term);
        }
        prop_assert!(bytes(&receipt).len() < LARGEST / 2);
    }

    #[test]
    fn a_receipt_written_in_another_way_is_still_genuine(life in a_life()) {
        let receipt = receipt(&life, &KEYS);
        for text in [serde_json::to_vec(&receipt).unwrap(), bytes(&receipt), canonical(&receipt)] {
            prop_assert!(check(&text, KEYS.published()).is_ok());
        }
        let mut marked = b"\xEF\xBB\xBF\r\n ".to_vec();
        marked.extend(bytes(&receipt));
        prop_assert!(check(&marked, KEYS.published()).is_ok());
        prop_assert_eq!(canonical(&parse(&canonical(&receipt)).unwrap()), canonical(&receipt));
    }

    #[test]
    fn one_flipped_bit_anywhere_is_found_and_named(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let receipt = a_receipt();
        let mut text = canonical(&receipt);
        let at = at.index(text.len());
        text[at] ^= 1 << bit;
        match check(&text, KEYS.published()) {
            Ok(_) => prop_assert_eq!(canonical(&parse(&text).unwrap()), canonical(&receipt)),
            Err(Fault::Changed(changes)) => {
                prop_assert!(!changes.is_empty() && changes.len() <= 2, "{:?}", changes);
            }
            Err(
                Fault::Unreadable(Unreadable::NotJson { .. } | Unreadable::Twice(_))
                | Fault::NotAReceipt(_)
                // Only the signature itself has no digest that would name it.
                | Fault::WrongSignature,
            ) => {}
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_other_value_of_any_member_is_named_by_its_place(at in any::<prop::sample::Index>()) {
        let receipt = a_receipt();
        let digests = receipt["proof"]["digests"].as_object().unwrap();
        let place = at.get(&digests.keys().cloned().collect::<Vec<_>>()).clone();
        let mut forged = receipt.clone();
        *forged.pointer_mut(&place).unwrap() = Value::from("something else");
        let fault = check(&bytes(&forged), KEYS.published()).unwrap_err();
        prop_assert_eq!(&fault, &Fault::Changed(vec![Change::Altered(place.clone())]));
        prop_assert!(fault.to_string().contains(&place));
    }

    #[test]
    fn nothing_that_is_read_makes_the_check_panic(text in ".{0,200}", noise in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(check(text.as_bytes(), KEYS.published()).is_err());
        prop_assert!(check(&noise, KEYS.published()).is_err());
        let _ = Summary::from_query(&text);
        let _ = Published::parse(&text);
    }
}

#[test]
fn a_removed_an_added_and_a_moved_member_are_told_apart() {
    let receipt = a_receipt();
    let mut forged = receipt.clone();
    forged["record"].as_object_mut().unwrap().remove("subject");
    forged["record"]["note"] = "trust me".into();
    let Err(Fault::Changed(changes)) = check(&bytes(&forged), KEYS.published()) else { panic!() };
    assert_eq!(
        changes,
        [Change::Removed("/record/subject".into()), Change::Added("/record/note".into())]
    );
    let mut forged = receipt.clone();
    forged["proof"]["digests"]["/record/act"] = "AAAAAAAAAAA".into();
    let Err(Fault::Changed(changes)) = check(&bytes(&forged), KEYS.published()) else { panic!() };
    assert_eq!(changes, [Change::Altered("/proof/digests/~1record~1act".into())]);
}

#[test]
fn a_forger_who_mends_the_digests_still_lacks_the_signature() {
    let mut forged = a_receipt();
    forged["record"]["act"] = "granted".into();
    let other = ProofKeys::new(&keys(2));
    let theirs =
        receipt(&history(&[(Target::Everything, Act::Granted, 0)], Language::English), &other);
    let digest = server::proof::leaves(&serde_json::json!({ "a": "granted" }))["/a"].clone();
    forged["proof"]["digests"]["/record/act"] = digest.into();
    assert_eq!(check(&bytes(&forged), KEYS.published()).unwrap_err(), Fault::WrongSignature);
    let unknown = check(&bytes(&theirs), KEYS.published()).unwrap_err();
    assert_eq!(unknown, Fault::UnknownKey(other.current().unwrap().to_owned()));
}

#[test]
fn what_says_two_things_is_not_read() {
    let text = String::from_utf8(canonical(&a_receipt())).unwrap();
    let two = text.replacen("\"act\":", "\"act\":\"granted\",\"act\":", 1);
    let fault = check(two.as_bytes(), KEYS.published()).unwrap_err();
    assert_eq!(fault, Fault::Unreadable(Unreadable::Twice("act".into())));
    let half = check(&text.as_bytes()[..500], KEYS.published()).unwrap_err();
    assert_eq!(half, Fault::Unreadable(Unreadable::NotJson { line: 1, column: 500 }));
    let large = vec![b' '; LARGEST + 1];
    assert_eq!(
        check(&large, KEYS.published()).unwrap_err(),
        Fault::Unreadable(Unreadable::TooLarge)
    );
    assert_eq!(check(b"{}", KEYS.published()).unwrap_err(), Fault::NotAReceipt("/proof"));
    assert!(check("[".repeat(5_000).as_bytes(), KEYS.published()).is_err());
}

#[test]
fn old_receipts_stay_valid_when_the_key_is_rotated_even_without_its_secret() {
    let mut file = keys(1);
    let old = receipt(&history(&[(Target::Marketing, Act::Withdrawn, 0)], Language::German), &KEYS);
    file.receipt.insert(2, keys(5).receipt[&1].clone());
    let both = ProofKeys::new(&file);
    assert_ne!(both.current(), KEYS.current());
    assert!(check(&bytes(&old), both.published()).is_ok());
    let new = receipt(&history(&[(Target::Marketing, Act::Withdrawn, 0)], Language::German), &both);
    assert!(check(&bytes(&new), both.published()).is_ok());
    assert!(matches!(check(&bytes(&new), KEYS.published()), Err(Fault::UnknownKey(_))));
    assert_eq!(old["record"], new["record"], "only the proof changes");
    // The published set is enough, and a set without the secret publishes the same.
    let set = Published::parse(&both.published().to_json()).unwrap();
    assert!(check(&bytes(&old), &set).is_ok() && check(&bytes(&new), &set).is_ok());
    let set: Value = serde_json::from_str(&both.published().to_json()).unwrap();
    let x = set["keys"][1]["x"].as_str().unwrap();
    let public = {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(x).unwrap()
    };
    file.receipt.insert(1, ReceiptKey::Public(public.try_into().unwrap()));
    let retired = ProofKeys::new(&file);
    assert!(check(&bytes(&old), retired.published()).is_ok());
    file.receipt.remove(&2);
    assert_eq!(ProofKeys::new(&file).current(), None, "a public key signs nothing");
}

#[test]
fn a_key_is_named_as_rfc_8037_names_it() {
    // RFC 8037 appendices A.1 to A.3.
    let secret = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c,
        0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae,
        0x7f, 0x60,
    ];
    let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
    let mut file = keys(1);
    file.receipt = [(1, ReceiptKey::Public(public))].into();
    let set: Value = serde_json::from_str(&ProofKeys::new(&file).published().to_json()).unwrap();
    assert_eq!(set["keys"][0]["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(set["keys"][0]["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn without_an_inventory_a_receipt_says_where_to_look() {
    let (bare, _) = CATALOGUE.split_once("[inventory]").unwrap();
    let history = history(&[(Target::Everything, Act::Withdrawn, 0)], Language::French);
    let receipt = receipt_under(&notice_of(bare), &history, &KEYS);
    fits_the_schema(&receipt).unwrap();
    let storage = &receipt["record"]["processes"][0]["storage_locations"][0];
    assert_eq!(storage["page"], "https://www.northwind.example/privacy");
}

#[test]
fn every_term_of_the_context_is_one_of_dpv() {
    let context: Value = serde_json::from_str(CONTEXT).unwrap();
    let mut used = BTreeSet::new();
    terms(&context["@context"], &mut used);
    for term in used {
        let known = domain::catalogue::is_dpv_term(&term)
            || MORE_TERMS.contains(&term.as_str())
            || PROPERTIES.contains(&term.as_str());
        assert!(known, "{term}");
    }
}

#[test]
fn the_code_holds_enough_to_check_and_can_be_read() {
    for (target, act) in [
        ("message:offers/email", Act::Withdrawn),
        ("share:safety-research/sichtfels", Act::Granted),
        ("marketing", Act::Paused { until: domain::Moment(1_800_000_000_000) }),
    ] {
        let receipt =
            receipt(&history(&[(target.parse().unwrap(), act, 0)], Language::Arabic), &KEYS);
        let summary = Summary::of(&receipt).unwrap();
        let signature = receipt["proof"]["signature"].as_str().unwrap();
        let address =
            format!("https://privacy.northwind.example/verify?{}", summary.to_query(signature));
        assert!(address.len() < 520, "{}: {address}", address.len());
        let read = scan_svg(&Qr::of(&address).unwrap().svg());
        assert_eq!(read, address);
        let (_, query) = read.split_once('?').unwrap();
        let (found, signed) = Summary::from_query(query).unwrap();
        assert_eq!((&found, signed.as_str()), (&summary, signature));
        assert!(KEYS.published().verify(&found.key, &found.message(), &signed));
        let forged = query.replacen("t=", "t=x", 1);
        let (found, signed) = Summary::from_query(&forged).unwrap();
        assert!(!KEYS.published().verify(&found.key, &found.message(), &signed));
        assert_eq!(Summary::from_query(&format!("{query}&r=0000-0000")), None, "twice");
        assert_eq!(Summary::from_query(&format!("{query}&z=1")), None, "more");
    }
}
