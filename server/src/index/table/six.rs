//! Numbers in six bytes.

/// A whole number in six bytes. What lies beyond their range of ±1.4 · 10^14 is held at its end:
/// as milliseconds since 1970 that is the year 6429, as a place in the ledger it is reached after
/// forty years of a hundred thousand entries a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Six([u8; 6]);

/// The largest that fits.
const MOST: i64 = (1 << 47) - 1;

impl Six {
    /// The number that is nearest to another.
    pub fn of(number: i64) -> Self {
        let [first, second, third, fourth, fifth, sixth, ..] =
            number.clamp(-MOST, MOST).to_le_bytes();
        Self([first, second, third, fourth, fifth, sixth])
    }

    /// The number.
    pub fn get(self) -> i64 {
        let Self([first, second, third, fourth, fifth, sixth]) = self;
        let shifted = [0, 0, first, second, third, fourth, fifth, sixth];
        i64::from_le_bytes(shifted) >> 16
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_fits_comes_back(number in -MOST..=MOST) {
            prop_assert_eq!(Six::of(number).get(), number);
        }
    }

    #[test]
    fn what_does_not_fit_is_held_at_the_end() {
        assert_eq!(Six::of(i64::MAX).get(), MOST);
        assert_eq!(Six::of(i64::MIN).get(), -MOST);
    }
}
