//! Time, chance and mail as a test holds them in its hand.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::Moment;
use server::ports::{Clock, Letter, Mail, NotSent, Random};

/// When every test begins: 15 June 2026, half past nine (UTC).
pub const BEGINNING: Moment = Moment(1_781_515_800_000);

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct MockClock(AtomicI64);

impl MockClock {
    pub const fn new() -> Self {
        Self(AtomicI64::new(BEGINNING.0))
    }

    pub fn moves(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}

/// The same "random" bytes in every run (`SplitMix64`).
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().expect("no test panics while it draws");
        for part in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            part.copy_from_slice(&mixed.to_le_bytes()[..part.len()]);
        }
    }
}

/// Every letter sent and not yet read.
#[derive(Default)]
pub struct Mailbox {
    letters: Mutex<VecDeque<Letter>>,
    answer: Mutex<Option<NotSent>>,
    forward: Mutex<Option<Arc<dyn Mail>>>,
}

impl Mailbox {
    /// From now on nothing is taken.
    pub fn breaks(&self) {
        self.answers(NotSent::Later("the mailbox is broken".into()));
    }

    /// From now on nothing is taken, for this reason.
    pub fn answers(&self, why: NotSent) {
        *self.answer.lock().expect("whole") = Some(why);
    }

    /// From now on everything goes out by another way.
    pub fn forwards(&self, to: Arc<dyn Mail>) {
        *self.forward.lock().expect("whole") = Some(to);
    }

    /// From now on everything is taken again.
    pub fn recovers(&self) {
        *self.answer.lock().expect("whole") = None;
    }

    /// The oldest unread letter.
    pub fn reads(&self) -> Letter {
        self.letters.lock().expect("whole").pop_front().expect("a letter is waiting")
    }

    /// The code in the oldest unread letter.
    pub fn reads_code(&self) -> String {
        let body = self.reads().body;
        let digits = |word: &&str| word.len() == 8 && word.bytes().all(|b| b.is_ascii_digit());
        body.split_whitespace().find(digits).expect("the letter holds a code").to_owned()
    }

    /// How many letters are unread.
    pub fn unread(&self) -> usize {
        self.letters.lock().expect("whole").len()
    }
}

#[async_trait]
impl Mail for Mailbox {
    async fn send(&self, letter: Letter) -> Result<(), NotSent> {
        if let Some(why) = self.answer.lock().expect("whole").clone() {
            return Err(why);
        }
        let forward = self.forward.lock().expect("whole").clone();
        if let Some(forward) = forward {
            return forward.send(letter).await;
        }
        self.letters.lock().expect("whole").push_back(letter);
        Ok(())
    }
}
