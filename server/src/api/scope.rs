//! What a key may do.

/// A scope at compile time, so that a handler can't forget to ask for it.
pub trait Scoped: Send + Sync + 'static {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// What a key may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum,
                 serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum Scope { $($(#[$doc])* $name),* }

        impl Scope {
            /// Every scope.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word for it, on the command line and in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The scope of a word, if there is one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|scope| scope.as_str() == word)
            }
        }

        $($(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Scoped for $name {
            const SCOPE: Scope = Scope::$name;
        })*
    };
}

impl Scope {
    /// Whether what it allows may protect a person. There the handler asks for the allowance, and
    /// only for what loosens: no limit may stand in the way of an opt-out.
    #[must_use]
    pub const fn may_protect(self) -> bool {
        matches!(self, Self::Choices | Self::People | Self::Signals)
    }
}

scopes! {
    /// Ask whether a person may be contacted or their data shared.
    Decide = "decide",
    /// Ask why something was decided.
    Why = "why",
    /// Fetch the signed file for senders that can't call.
    Snapshot = "snapshot",
    /// Follow what changes.
    Changes = "changes",
    /// See, acknowledge and repeat deliveries.
    Deliveries = "deliveries",
    /// Record choices that were made elsewhere.
    Choices = "choices",
    /// Tell of the browser's signal.
    Signals = "signals",
    /// Create, change, merge and erase people.
    People = "people",
    /// Check a system's audience.
    Reconcile = "reconcile",
    /// Fetch the header fields by which mail clients unsubscribe; they hold a person's link.
    Headers = "headers",
    /// Read the figures of the program.
    Metrics = "metrics",
}
