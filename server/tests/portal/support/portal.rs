//! A portal of one's own, and the people it knows.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use domain::choice::Choice;
use domain::contact::IdentifierKind;
use domain::ledger::{Fault, Verifier};
use domain::outbox::{Confirmed, GATHER, Kind};
use domain::{PersonId, Position};
use futures::FutureExt;
use server::identify::read_phone;
use server::index::Index;
use server::keys::Keys;
use server::ledger::{Confirming, GROUP, Ledger};
use server::metrics::Metrics;
use server::notices::{Notices, publish};
use server::outbox::{Postman, Stationery};
use server::ports::{Clock, new_uuid};
use server::service::{Service, lately};
use server::store::{LedgerRow, NewIdentifier, NewPerson, Store};
use server::vault::{Vault, token_digest};
use server::web::{Web, router};

use super::browser::Browser;
use super::place::{Engine, Place};
use super::ports::{Mailbox, MockClock, SeededRandom};

/// The host that browsers name.
pub const HOST: &str = "privacy.northwind.example";
/// Where the portal stands.
pub const BASE_URL: &str = "https://privacy.northwind.example";
/// The example's register.
pub const CATALOGUE: &str = include_str!("../../../../example/catalogue.toml");
/// Days for which a replaced link still restricts: the least that is allowed.
pub const RETIRED_LINK_DAYS: u16 = 60;

/// A portal whose clock, chance and mail are in the test's hand.
pub struct TestPortal {
    pub service: Arc<Service>,
    pub clock: Arc<MockClock>,
    pub random: Arc<SeededRandom>,
    pub mailbox: Arc<Mailbox>,
    pub postman: Postman,
    pub place: Place,
    pub router: Router,
}

/// Somebody whom the business knows.
#[derive(Clone, Debug)]
pub struct Customer {
    pub person: PersonId,
    pub token: String,
}

/// What a test knows of somebody beforehand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Newcomer<'a> {
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub language: Option<&'a str>,
    pub birth_year: Option<i64>,
}

/// What every letter of a test has.
pub fn stationery() -> Stationery {
    Stationery { base_url: BASE_URL.to_owned(), from: None, confirmed: Confirmed::Own }
}

impl TestPortal {
    /// Runs a test on a fresh portal, and afterwards makes sure that every letter was read.
    pub async fn run(engine: Engine, test: impl AsyncFnOnce(&Self)) {
        let Some(portal) = Self::open(engine).await else { return };
        let outcome = AssertUnwindSafe(test(&portal)).catch_unwind().await;
        let Self { service, mailbox, postman, place, router, .. } = portal;
        drop((router, postman));
        service.store.close().await;
        place.clear().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
        assert_eq!(mailbox.unread(), 0, "nothing is left unread");
    }

    async fn open(engine: Engine) -> Option<Self> {
        let place = Place::make(engine).await?;
        let store = Store::open(place.url()).await.expect("the store opens");
        let (clock, mailbox) = (Arc::new(MockClock::new()), Arc::new(Mailbox::default()));
        let random = Arc::new(SeededRandom::new(7));
        publish(&store, CATALOGUE, clock.now()).await.expect("the example is good");
        let index = Index::start(store.clone());
        let service = Arc::new(Service {
            ledger: Ledger::start_confirming(
                store.clone(),
                Arc::clone(&index),
                GROUP,
                Some(Confirming {
                    confirmed: Confirmed::Own,
                    wait: GATHER,
                    random: random.clone(),
                }),
            ),
            index,
            notices: Notices::load(store.clone()).await.expect("a notice is in force"),
            vault: Vault::new(&Keys::generate(random.as_ref())),
            store,
            clock: clock.clone(),
            random: random.clone(),
            mail: mailbox.clone(),
            progress: lately(),
            is_sole: engine == Engine::Sqlite,
            retired_link_days: RETIRED_LINK_DAYS,
            metrics: Metrics::default(),
        });
        let router = router(Web::new(Arc::clone(&service), BASE_URL));
        let postman = Postman::new(Arc::clone(&service), stationery());
        Some(Self { service, clock, random, mailbox, postman, place, router })
    }

    pub fn store(&self) -> &Store {
        &self.service.store
    }

    /// Takes the database away, and waits until nothing vouches for what was in it.
    pub async fn breaks(&self) {
        self.store().close().await;
        while self.service.index.is_fresh() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the index holds everyone and vouches for it.
    pub async fn is_indexed(&self) {
        while self.service.index.everyone().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the index holds all that is in the database now.
    pub async fn has_followed(&self) {
        let reached = self.store().find_reached().await.expect("the head");
        while self.service.index.reached() != reached {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A browser whose codes arrive before its next look. Nothing else is sent by itself.
    pub fn browser(&self) -> Browser {
        let postman = self.postman.clone();
        let delivering = from_fn(move |request: Request, next: Next| {
            let postman = postman.clone();
            async move {
                let response = next.run(request).await;
                // Where the database is away, so are the codes.
                drop(postman.post(Kind::Code).await);
                response
            }
        });
        Browser::new(self.router.clone().layer(delivering))
    }

    /// A browser after which nobody sends anything.
    pub fn browser_alone(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A customer known by an email address, with a link in their last mail.
    pub async fn customer(&self, email: &str) -> Customer {
        self.knows(Newcomer { email: Some(email), ..Newcomer::default() }).await
    }

    /// Takes somebody into the books, and gives them a link.
    pub async fn knows(&self, newcomer: Newcomer<'_>) -> Customer {
        let (vault, at) = (&self.service.vault, self.clock.now());
        let id = new_uuid(at, self.random.as_ref());
        let phone = newcomer.phone.map(|text| read_phone(text, "GB").expect("a phone number"));
        let known = [
            (IdentifierKind::Email, newcomer.email.map(ToOwned::to_owned)),
            (IdentifierKind::Phone, phone.map(|phone| phone.as_str().to_owned())),
        ];
        let identifiers: Vec<_> = known
            .into_iter()
            .filter_map(|(kind, normal)| Some((kind, normal?)))
            .map(|(kind, normal)| {
                let current = vault.lookup(kind, &normal).swap_remove(0);
                NewIdentifier {
                    digest: current.digest,
                    person_id: id,
                    kind: kind.as_str(),
                    key_id: i64::from(current.key_id),
                    cipher: Some(vault.seal(kind.as_str(), &normal, self.random.as_ref())),
                    created_at: at.0,
                }
            })
            .collect();
        let person = NewPerson {
            language: newcomer.language.map(ToOwned::to_owned),
            birth_year: newcomer.birth_year,
            ..NewPerson::unknown(id, at)
        };
        let mut group = self.store().begin_group().await.expect("a group");
        group.insert_people(&[person]).await.expect("a person");
        group.insert_identifiers(&identifiers).await.expect("identifiers");
        group.commit().await.expect("a commit");
        Customer { person: PersonId(id), token: self.mints(PersonId(id), 0).await }
    }

    /// Makes a person's link of an epoch.
    pub async fn mints(&self, person: PersonId, epoch: i64) -> String {
        let token = self.service.vault.link_token(person.0, epoch);
        let digest = token_digest(&token).expect("a token has a digest");
        self.store().insert_links(&[(digest, person.0, epoch)]).await.expect("a link");
        token
    }

    /// The whole ledger as stored.
    pub async fn ledger(&self) -> Vec<LedgerRow> {
        let rows = self.store().list_ledger(Position(0), i64::MAX).await.expect("the ledger");
        rows.into_iter().map(|row| row.expect("every row can be read")).collect()
    }

    /// One person's entries.
    pub async fn entries_of(&self, customer: &Customer) -> Vec<Choice> {
        self.store().list_choices(customer.person).await.expect("the ledger")
    }

    /// Walks the chain, as `sayso ledger verify` does.
    pub async fn verifies(&self) -> Result<Position, Fault> {
        let mut verifier = Verifier::default();
        for row in self.store().list_ledger(Position(0), i64::MAX).await.expect("the ledger") {
            let row = row.map_err(|at| Fault::Altered { at })?;
            verifier.take(&row.choice, &row.hash.try_into().expect("32 bytes"))?;
        }
        let (head, hash) = self.store().find_head().await.expect("the head");
        verifier.finish(head, &hash.try_into().expect("32 bytes"))
    }
}
