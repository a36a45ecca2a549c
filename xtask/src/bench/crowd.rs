//! Invented customers: the same for every run, and no two alike.

use std::{fmt::Write, io};

const HEADER: &str = "customer_number,name,email,phone,language,region,birth_year,permissions\n";

const FIRST: [&str; 16] = [
    "Morgan", "Birgit", "Marta", "明", "Chloé", "Layla", "Jo", "Ravi", "Ines", "Tomás", "Ursula",
    "Wei", "Amal", "Piotr", "Sade", "Noor",
];
const LAST: [&str; 16] = [
    "Ellison",
    "Kessler",
    "Lozano",
    "张",
    "Moreau",
    "Haddad",
    "Okafor",
    "Nguyen",
    "Lindqvist",
    "Silva",
    "Baker",
    "Ito",
    "Rossi",
    "Murphy",
    "Kaya",
    "Novak",
];
/// Languages of the example's catalogue, each with a region.
const PLACES: [(&str, &str); 6] = [
    ("en", "GB-ENG"),
    ("zh-Hans", "CN-SH"),
    ("es", "US-CA"),
    ("de", "CH-ZH"),
    ("fr", "FR-IDF"),
    ("ar", "AE-DU"),
];
/// Half of the rows bring nothing. None refuses one of [`SWITCHES`].
const PERMISSIONS: [&str; 8] = [
    "",
    "message:trips/email=yes",
    "",
    "message:offers/email=no",
    "",
    "message:events/email=yes message:offers/email=no",
    "",
    "profiling:recommendations=no",
];

/// Topics and channels of the example's catalogue that nobody here has refused yet.
pub const SWITCHES: [&str; 8] = [
    "trips/email",
    "offers/post",
    "catalogue/post",
    "events/email",
    "reviews/email",
    "care/email",
    "care/text",
    "trips/push",
];

/// Writes a customer file with this many rows.
pub fn write(people: u32, out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    let (mut random, mut text) = (Random(1), String::new());
    for number in 0..people {
        row(number, &mut random, &mut text);
        out.write_all(text.as_bytes())?;
        text.clear();
    }
    out.flush()
}

/// The same as a text.
pub fn file(people: u32) -> String {
    let mut bytes = Vec::new();
    // Writing to a Vec can't fail, and rows are text.
    let _ = write(people, &mut bytes);
    String::from_utf8(bytes).unwrap_or_default()
}

fn row(number: u32, random: &mut Random, text: &mut String) {
    let (first, last) = (random.one_of(&FIRST), random.one_of(&LAST));
    let (language, region) = random.one_of(&PLACES);
    let permissions = random.one_of(&PERMISSIONS);
    let birth_year = 1940 + random.below(66);
    // Nobody in North America lives in the area 555. Two share a telephone.
    let phone =
        if random.below(2) == 0 { String::new() } else { format!("+1555{:07}", number / 2) };
    // Writing to a String can't fail.
    let _ = writeln!(
        text,
        "B-{number:07},{first} {last},customer-{number}@example.com,{phone},{language},{region},\
         {birth_year},{permissions}"
    );
}

/// `SplitMix64`: small, and enough to mix rows.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit).unwrap_or_default()
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_file_has_a_row_for_everybody_and_is_the_same_again() {
        let text = file(500);
        assert_eq!(text, file(500));
        let mut written = Vec::new();
        assert!(write(500, &mut written).is_ok());
        assert_eq!(written, text.as_bytes());
        assert_eq!(text.lines().count(), 501);
        assert!(text.lines().all(|line| line.split(',').count() == 8));
        let addresses: BTreeSet<_> = text.lines().map(|line| line.split(',').nth(2)).collect();
        assert_eq!(addresses.len(), 501);
    }

    #[test]
    fn nobody_has_refused_what_will_be_turned_off() {
        let refused = |switch: &str| {
            let refusal = format!("message:{switch}=no");
            PERMISSIONS.iter().any(|permissions| permissions.contains(&refusal))
        };
        assert!(!SWITCHES.iter().any(|switch| refused(switch)));
    }
}
