//! Reading an agent's message and the agents' directory: no bytes may break either, and none but
//! signed ones are taken.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Moment;
use ed25519_dalek::{Signer, SigningKey};
use libfuzzer_sys::fuzz_target;
use server::agent::{Agents, Directory};

const NOW: Moment = Moment(1_781_515_800_000);

fuzz_target!(|bytes: &[u8]| {
    drop(Directory::read(bytes));
    let key = SigningKey::from_bytes(&[1; 32]);
    let verify_key = STANDARD.encode(key.verifying_key().to_bytes());
    let listed = format!(r#"[{{"id": "A", "verify_key": "{verify_key}"}}]"#);
    let directory = Directory::read(listed.as_bytes()).expect("a directory");
    let agents = Agents { directory, business: "B".into() };
    assert!(!agents.accept("A", bytes, NOW), "nobody signed it");
    let signed = [&key.sign(bytes).to_bytes()[..], bytes].concat();
    let signed = STANDARD.encode(signed);
    let taken = agents.accept("A", signed.as_bytes(), NOW);
    assert_eq!(taken, agents.accept("A", format!(" {signed}\n").as_bytes(), NOW));
    assert!(!agents.accept("C", signed.as_bytes(), NOW), "of another agent");
});
