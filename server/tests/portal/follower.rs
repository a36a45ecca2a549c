//! Whoever follows the change feed knows what the gate knows: random wishes of several people,
//! then every system's feed from its beginning, and as it was read meanwhile.

use std::collections::BTreeMap;

use app::portal::{By, Portal, Who};
use domain::catalogue::System;
use domain::change::Assurance;
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::moment::MINUTE;
use domain::{Language, Preferences, Reference, Source, Target, Wish, decide};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use server::api::scope::Scope;
use server::ports::Clock;
use server::vault::system_digest;

use crate::support::client::{Client, Key};
use crate::support::{Customer, Engine, TestPortal};

#[derive(Clone, Debug)]
enum Step {
    Off(&'static str),
    Pause(u16),
    Undo,
    On(&'static str),
}

const LEAVES: [&str; 9] = [
    "message:offers/email",
    "message:offers/text",
    "message:trips/email",
    "message:catalogue/post",
    "profiling:recommendations",
    "profiling:interests",
    "share:advertising/adlane",
    "share:measuring/tallyhouse",
    "share:safety-research/sichtfels",
];
const WIDE: [&str; 6] =
    ["everything", "marketing", "sharing", "purpose:advertising", "topic:offers", "channel:email"];
const EMAILS: [&str; 3] = ["mira@example.com", "ola@example.com", "wen@example.com"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => select(LEAVES.to_vec()).prop_map(Step::Off),
        2 => select(WIDE.to_vec()).prop_map(Step::Off),
        4 => select(LEAVES.to_vec()).prop_map(Step::On),
        1 => Just(Step::On("marketing")),
        1 => select(vec![30, 90, 180]).prop_map(Step::Pause),
        2 => Just(Step::Undo),
    ]
}

/// Somebody, and the number of what they did last.
struct Actor {
    customer: Customer,
    email: &'static str,
    last: Option<Reference>,
}

impl Actor {
    /// Takes a step. What is refused changes nothing, for a follower neither.
    async fn takes(&mut self, portal: &TestPortal, step: &Step) {
        let target = |text: &str| text.parse::<Target>().unwrap();
        let who = Who::Person(self.customer.person);
        let (source, language) = (Source::Page, Language::English);
        let by = By { assurance: Assurance::Verified, source, language };
        portal.clock.moves(MINUTE);
        let wish = match step {
            Step::Off(text) => Wish::TurnOff(target(text)),
            Step::Pause(days) => Wish::Pause(*days),
            Step::Undo => match self.last.clone() {
                Some(reference) => Wish::Undo(reference),
                None => return,
            },
            Step::On(text) => {
                let asked = Wish::AskOn(target(text));
                let Ok(asked) = portal.service.record(who.clone(), asked, by).await else { return };
                Wish::ConfirmOn { target: target(text), seen: asked.version }
            }
        };
        if let Ok(recorded) = portal.service.record(who, wish, by).await {
            self.last = Some(recorded.reference);
        }
    }
}

/// What one system knows, by the hash of a person and the switch.
struct Follower {
    client: Client,
    system: System,
    after: i64,
    switches: BTreeMap<(String, String), (i64, bool)>,
    newest: BTreeMap<String, i64>,
}

impl Follower {
    async fn of(portal: &TestPortal, system: &System) -> Self {
        let scopes = [Scope::Changes];
        let system_key = Some(system.key.as_str());
        let key = Key { scopes: &scopes, system: system_key, ..Key::default() };
        Self {
            client: portal.client_with(key).await,
            system: system.clone(),
            after: 0,
            switches: BTreeMap::new(),
            newest: BTreeMap::new(),
        }
    }

    /// Reads what is new. Of two changes of a switch, the one that knows of more holds.
    async fn reads(&mut self) {
        loop {
            let path = format!("/api/v1/changes?after={}&limit=5", self.after);
            let answer = self.client.gets(&path).await.json();
            let changes = answer["changes"].as_array().unwrap();
            if changes.is_empty() {
                return;
            }
            for change in changes {
                self.takes_up(change);
            }
            self.after = answer["next"].as_i64().unwrap();
        }
    }

    fn takes_up(&mut self, change: &Value) {
        let person = change["person"]["hashes"]["email"][0].as_str().unwrap();
        let as_of = change["as_of"].as_i64().unwrap();
        let newest = self.newest.entry(person.to_owned()).or_default();
        *newest = as_of.max(*newest);
        for (switch, may) in change["switches"].as_object().unwrap() {
            let known = self.switches.entry((person.to_owned(), switch.clone())).or_default();
            if as_of >= known.0 {
                *known = (as_of, may.as_bool().unwrap());
            }
        }
    }

    /// Compares what it knows of somebody with the ledger and with the gate.
    async fn agrees(&self, portal: &TestPortal, gate: &Client, actor: &Actor) {
        let notice = portal.service.notices.current();
        let (catalogue, now) = (&notice.catalogue, portal.clock.now());
        let key = portal.service.vault.system_key(self.system.key.as_str());
        let person = system_digest(&key, IdentifierKind::Email, actor.email);
        let preferences = Preferences::fold(&portal.entries_of(&actor.customer).await);
        let decides = |preferences: &Preferences, leaf: &Target| {
            decide(catalogue, preferences, Standpoint::default(), leaf, now).allowed
        };
        let served = |leaf: &Target| self.system.serves.iter().any(|wide| wide.covers(leaf));
        for leaf in catalogue.leaves().filter(served) {
            let heard = self.switches.get(&(person.clone(), leaf.to_string()));
            // Of whom nothing was heard, that holds which held before any choice.
            let known = heard.map_or_else(|| decides(&Preferences::default(), &leaf), |it| it.1);
            let what = format!("{} of {leaf} for {}", self.system.key, actor.email);
            assert_eq!(known, decides(&preferences, &leaf), "the ledger: {what}");
            let question =
                json!({ "person": { "email": actor.email }, "target": leaf.to_string() });
            let answer = gate.posts("/api/v1/decisions", &question).await.json();
            assert_eq!(known, answer["decision"] == "allow", "the gate: {what}: {answer}");
        }
    }

    /// Compares how far it knows somebody, once it has read everything anew.
    async fn is_up_to_date(&self, portal: &TestPortal, actor: &Actor) {
        let key = portal.service.vault.system_key(self.system.key.as_str());
        let person = system_digest(&key, IdentifierKind::Email, actor.email);
        let last = portal.entries_of(&actor.customer).await.last().map(|entry| entry.position.0);
        if let Some(newest) = self.newest.get(&person) {
            assert_eq!(Some(*newest), last, "{} of {}", self.system.key, actor.email);
        }
    }
}

async fn lives_through(portal: &TestPortal, steps: &[(usize, Step)]) {
    let gate = portal.client(&[Scope::Decide]).await;
    let systems = portal.service.notices.current().catalogue.systems.clone();
    let (mut actors, mut meanwhile) = (Vec::new(), Vec::new());
    for email in EMAILS {
        actors.push(Actor { customer: portal.customer(email).await, email, last: None });
    }
    for system in &systems {
        meanwhile.push(Follower::of(portal, system).await);
    }
    for (number, (who, step)) in steps.iter().enumerate() {
        actors[*who].takes(portal, step).await;
        // Each reads at its own pace.
        let pace = |place: &usize| number % (place + 1) == 0;
        for place in (0..meanwhile.len()).filter(pace) {
            meanwhile[place].reads().await;
        }
    }
    for mut follower in meanwhile {
        follower.reads().await;
        let mut anew = Follower::of(portal, &follower.system).await;
        anew.reads().await;
        assert_eq!(anew.after, follower.after);
        for actor in &actors {
            follower.agrees(portal, &gate, actor).await;
            anew.agrees(portal, &gate, actor).await;
            anew.is_up_to_date(portal, actor).await;
        }
    }
}

fn runs(engine: Engine, steps: &[(usize, Step)]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(TestPortal::run(engine, async |portal: &TestPortal| {
        lives_through(portal, steps).await;
    }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_follows_the_feed_knows_what_the_gate_knows(
        steps in vec((0..EMAILS.len(), step()), 1..14),
    ) {
        runs(Engine::Sqlite, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_postgres_too(steps in vec((0..EMAILS.len(), step()), 1..14)) {
        runs(Engine::Postgres, &steps);
    }
}
