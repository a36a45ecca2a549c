//! Whose words stand behind a yes or no, where that matters afterwards.

use crate::choice::Source;

/// Whose words stand behind a yes or no. A no by signal or agent is about sale and sharing as a
/// whole, so it also reaches what the register comes to count as that later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// The customer's own, whichever way they came.
    #[default]
    Own,
    /// An authorized agent's (Data Rights Protocol).
    Agent,
    /// The browser's (Global Privacy Control).
    Signal,
}

impl Voice {
    /// The source of an entry that carries a no to another record of the same customer, which is
    /// made by `by`: what was said by signal or agent stays so.
    #[must_use]
    pub const fn carried(self, by: Source) -> Source {
        match self {
            Self::Own => by,
            Self::Agent => Source::Agent,
            Self::Signal => Source::PreferenceSignal,
        }
    }
}

impl From<Source> for Voice {
    fn from(source: Source) -> Self {
        match source {
            Source::PreferenceSignal => Self::Signal,
            Source::Agent => Self::Agent,
            _ => Self::Own,
        }
    }
}
