//! What holds for any file.

use proptest::prelude::*;

use super::records::{FIELD_LIMIT, Flaw, Records, Step};

fn split(text: &[u8]) -> (Vec<Vec<Vec<u8>>>, Step) {
    let mut records = Records::new(text);
    let mut all = Vec::new();
    loop {
        match records.advance().unwrap() {
            Step::Record if records.record().is_blank() => {}
            Step::Record => {
                let record = records.record();
                all.push((0..record.len()).map(|at| record.field(at).to_vec()).collect());
            }
            end => return (all, end),
        }
    }
}

#[test]
fn a_huge_field_is_cut_and_the_next_record_is_whole() {
    let text = [b"a,".as_slice(), &vec![b'x'; 3 * FIELD_LIMIT], b"\r\nb,c\r\n"].concat();
    let mut records = Records::new(text.as_slice());
    assert_eq!(records.advance().unwrap(), Step::Record);
    assert_eq!(records.record().flaw(), Some(Flaw::TooLong));
    assert_eq!(records.record().field(1).len(), FIELD_LIMIT);
    assert_eq!(records.advance().unwrap(), Step::Record);
    assert_eq!((records.record().field(0), records.record().flaw()), (b"b".as_slice(), None));
}

#[test]
fn a_quote_that_never_closes_is_told() {
    assert_eq!(split(b"a\n\"b\nc").1, Step::Unclosed);
}

proptest! {
    #[test]
    fn what_the_csv_crate_wrote_is_read_back(
        rows in proptest::collection::vec(
            proptest::collection::vec("[a\",\r\n;é]{0,6}", 3), 0..6)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes: Vec<Vec<Vec<u8>>> = rows
            .iter()
            .map(|row| row.iter().map(|field| field.as_bytes().to_vec()).collect())
            .collect();
        prop_assert_eq!(split(&writer.into_inner().unwrap()), (bytes, Step::End));
    }

    #[test]
    fn any_bytes_are_read_to_their_end(
        bytes in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        let mut records = Records::new(bytes.as_slice());
        while records.advance().unwrap() == Step::Record {}
        prop_assert_eq!(records.bytes(), bytes.len() as u64);
    }
}
