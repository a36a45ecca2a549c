use super::sample;
use crate::catalogue::{Inventory, parse};

const EXAMPLE: &str = include_str!("../../../example/catalogue.toml");

/// The example without its own inventory, and with this one instead.
fn with(inventory: &str) -> String {
    let (before, _) = EXAMPLE.split_once("[inventory]").expect("the example has an inventory");
    format!("{before}{inventory}")
}

fn problems(inventory: &str) -> String {
    let problems = parse(&with(inventory)).expect_err("it has problems");
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_register_without_an_inventory_is_good_and_says_what_it_lacks() {
    let bare = parse(&with("")).expect("still good");
    assert_eq!(bare.inventory, Inventory::default());
    let gaps = bare.gaps().join("\n");
    for field in ["storage", "retention", "people", "security", "safeguard"] {
        assert!(gaps.contains(field), "{field}: {gaps}");
    }
    assert!(sample::catalogue().gaps().is_empty(), "{:?}", sample::catalogue().gaps());
}

#[test]
fn the_narrowest_retention_counts() {
    let example = sample::catalogue();
    let english = |target: &str| {
        let text = example.retention(&target.parse().unwrap()).expect("a retention");
        text.get(crate::Language::English).to_owned()
    };
    assert_ne!(english("message:offers/email"), english("exception:tax"));
    assert_eq!(english("message:offers/email"), english("topic:offers"));
}

#[test]
fn a_wrong_inventory_is_refused_with_its_line() {
    let text = r#"{ en = "a", "zh-Hans" = "a", es = "a", de = "a", fr = "a", ar = "a" }"#;
    assert!(problems("[inventory]\nstorage = [\"Narnia\"]\n").contains("Narnia"));
    assert!(problems("[inventory]\nstorege = [\"GB\"]\n").contains("storege"));
    assert!(problems("[inventory]\npeople = { en = \"Customers\" }\n").contains("“people”"));
    let gone =
        format!("[inventory]\n[[inventory.kept]]\nof = \"topic:gone\"\nretention = {text}\n");
    assert!(problems(&gone).contains("topic:gone"));
    let gone =
        format!("[inventory]\n[[inventory.transfer]]\nrecipient = \"gone\"\nsafeguard = {text}\n");
    assert!(problems(&gone).contains("gone"));
}
