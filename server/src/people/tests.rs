//! What holds for any file.

use proptest::prelude::*;

use super::columns::{Column, Columns, HeaderError};
use super::records::{FIELD_LIMIT, FIELDS_LIMIT, Flaw, Records, Step};

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
fn every_field_of_a_wide_record_is_kept_and_one_too_many_is_told() {
    let wide = |fields: usize| {
        let fields: Vec<String> = (1..=fields).map(|field| format!("f{field}")).collect();
        fields.join(",") + "\nnext\n"
    };
    let text = wide(FIELDS_LIMIT);
    let mut records = Records::new(text.as_bytes());
    assert_eq!(records.advance().unwrap(), Step::Record);
    let record = records.record();
    assert_eq!((record.len(), record.flaw()), (FIELDS_LIMIT, None));
    assert_eq!(record.field(FIELDS_LIMIT - 1), format!("f{FIELDS_LIMIT}").as_bytes());
    let text = wide(FIELDS_LIMIT + 1);
    let mut records = Records::new(text.as_bytes());
    assert_eq!(records.advance().unwrap(), Step::Record);
    assert_eq!(records.record().flaw(), Some(Flaw::TooMany));
    assert_eq!(records.advance().unwrap(), Step::Record);
    assert_eq!((records.record().field(0), records.record().flaw()), (b"next".as_slice(), None));
}

#[test]
fn a_customer_file_of_too_many_columns_is_refused_by_the_first_that_is_unknown() {
    let known = Column::ALL.map(Column::name).join(",");
    let text = format!("{known}{}\n", ",more".repeat(FIELDS_LIMIT));
    let mut records = Records::new(text.as_bytes());
    assert_eq!(records.advance().unwrap(), Step::Record);
    let refused = Columns::read(records.record());
    assert_eq!(refused, Err(HeaderError::Unknown("more".to_owned())));
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
