//! What is printed: the codes in the file, the images and the sheets say the same, and open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use app::routes;
use axum::http::Method;
use domain::contact::IdentifierKind;
use server::letters::press::Letters;
use server::letters::{Label, Paper, Sheet};
use server::people::{Export, Exported, Import, export, import};
use server::qr::Qr;

use crate::support::camera::{scan, scan_svg};
use crate::support::letters::premises;
use crate::support::portal::BASE_URL;
use crate::support::{TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    what_is_printed_for_a_mailing_opens_the_right_choices,
    the_file_says_who_may_be_written_to_and_can_hold_them_alone,
];
on_sqlite![
    every_label_of_a_sheet_can_be_scanned_and_read,
    a_second_mailing_has_codes_of_its_own_and_both_work,
    what_is_in_the_way_stays_and_nothing_is_left_behind,
];

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("sayso-press-{process}-{next}"));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn export(&self, mailing: &str, paper: Paper) -> Export {
        Export {
            out: self.0.join(format!("{mailing}.csv")),
            base_url: BASE_URL.into(),
            force: false,
            only_may_email: false,
            progress: false,
            letters: Some(Letters {
                mailing: mailing.parse().unwrap(),
                images: Some(self.0.join(mailing)),
                sheet: Some(self.0.join(format!("{mailing}.pdf"))),
                paper,
            }),
        }
    }

    /// The lines of a mailing's file.
    fn lines(&self, mailing: &str) -> Vec<Line> {
        let mut rows = csv::Reader::from_path(self.0.join(format!("{mailing}.csv"))).unwrap();
        let names: Vec<String> = rows.headers().unwrap().iter().map(str::to_owned).collect();
        let expected = "customer_number,email,may_email,language,link,short_code,short_link,image";
        let expected: Vec<&str> = expected.split(',').collect();
        assert_eq!(names, expected);
        let line = |row: csv::StringRecord| Line {
            number: row[0].to_owned(),
            code: row[5].to_owned(),
            link: row[6].to_owned(),
            image: self.0.join(mailing).join(&row[7]),
        };
        rows.records().map(|row| line(row.unwrap())).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Line {
    number: String,
    code: String,
    link: String,
    image: PathBuf,
}

/// Takes people with customer numbers into the books.
async fn takes(portal: &TestPortal, folder: &Folder, numbers: &[&str]) {
    let mut file =
        "customer_number,name,email,phone,language,region,birth_year,permissions\n".to_owned();
    for (at, number) in numbers.iter().enumerate() {
        file.extend([number, ",,reader", &at.to_string(), "@example.com,,de,,,\n"]);
    }
    let path = folder.0.join("people.csv");
    std::fs::write(&path, file).unwrap();
    let report = import(&premises(portal), &Import::quiet(path)).await.unwrap();
    assert_eq!(report.added, numbers.len() as u64);
}

/// Runs one of Debian's poppler-utils; none where they are neither there nor required.
fn poppler(tool: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let Ok(output) = Command::new(tool).args(arguments).output() else {
        let required = std::env::var("SAYSO_REQUIRE_POPPLER").is_ok_and(|is| is == "1");
        assert!(!required, "{tool} is missing: install poppler-utils");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

/// Where labels stand on a sheet, in millimetres, as their maker says it.
struct Cut {
    rows: usize,
    left: f32,
    top: f32,
    pitch: f32,
    label: (f32, f32),
}

/// 24 labels of 70 × 37 mm on A4.
const A4: Cut = Cut { rows: 8, left: 0.0, top: 0.5, pitch: 70.0, label: (70.0, 37.0) };
/// 30 labels of 66.7 × 25.4 mm on Letter.
const LETTER: Cut = Cut { rows: 10, left: 4.7625, top: 12.7, pitch: 69.85, label: (66.675, 25.4) };

/// A printed page, by its grey points.
struct Printed {
    width: usize,
    height: usize,
    points: Vec<u8>,
}

impl Printed {
    /// Reads a binary PGM file.
    fn read(file: &[u8]) -> Self {
        let head: Vec<&[u8]> = file.splitn(4, |byte| *byte == b'\n').collect();
        let size = std::str::from_utf8(head[1]).unwrap();
        let (width, height) = size.split_once(' ').unwrap();
        let (width, height) = (width.parse().unwrap(), height.parse().unwrap());
        Self { width, height, points: head[3].to_vec() }
    }

    /// What a QR reader sees that is held over each label in turn.
    fn scan(&self, cut: &Cut) -> Vec<String> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "on the page")]
        let points = |mm: f32| (mm / 25.4 * RESOLUTION).round() as usize;
        let (wide, high) = (points(cut.label.0), points(cut.label.1));
        let mut seen = Vec::new();
        for (row, column) in (0..cut.rows).flat_map(|row| (0..3).map(move |column| (row, column))) {
            let place = |number: usize| f32::from(u8::try_from(number).unwrap());
            let left = points(place(column).mul_add(cut.pitch, cut.left));
            let top = points(place(row).mul_add(cut.label.1, cut.top));
            let (wide, high) = (wide.min(self.width - left), high.min(self.height - top));
            seen.extend(scan(wide, high, |x, y| self.points[(top + y) * self.width + left + x]));
        }
        seen
    }
}

/// Points per inch of what is scanned.
const RESOLUTION: f32 = 200.0;

/// What a QR reader sees on the labels of a PDF file.
fn scan_pdf(path: &Path, cut: &Cut) -> Option<Vec<String>> {
    let (prefix, text) = (path.with_extension(""), path.to_str().unwrap());
    let resolution = RESOLUTION.to_string();
    poppler("pdftoppm", &["-gray", "-r", &resolution, text, prefix.to_str().unwrap()])?;
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let page = entry.unwrap().path();
        if page.extension().is_some_and(|ending| ending == "pgm") {
            seen.extend(Printed::read(&std::fs::read(&page).unwrap()).scan(cut));
            std::fs::remove_file(page).unwrap();
        }
    }
    Some(seen)
}

async fn what_is_printed_for_a_mailing_opens_the_right_choices(portal: &TestPortal) {
    let folder = Folder::new();
    takes(portal, &folder, &["C-1", "C-2", "C-3"]).await;
    let done = export(&premises(portal), &folder.export("spring", Paper::A4)).await.unwrap();
    assert_eq!(done, Exported { links: 3, sheets: 1, ..Exported::default() });
    let lines = folder.lines("spring");
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(scan_svg(&std::fs::read_to_string(&line.image).unwrap()), line.link);
        assert_eq!(
            line.link,
            format!("{}/GO/{}", BASE_URL.to_uppercase(), line.code.replace('-', ""))
        );
        let mut browser = portal.browser();
        let answer = browser.asks(Method::GET, &line.link[BASE_URL.len()..]).await;
        assert_eq!(answer.location(), routes::CHOICES);
        let page = browser.turns_off("everything").await;
        let digests = portal.service.vault.lookup(IdentifierKind::Customer, &line.number);
        let digests: Vec<_> = digests.into_iter().map(|known| known.digest).collect();
        let person = portal.store().list_people_by_digest(&digests).await.unwrap();
        let entries = portal.store().list_choices(domain::PersonId(person[0])).await.unwrap();
        assert_eq!(entries.len(), 1, "{} opened the choices of {}", line.code, line.number);
        assert_eq!(page.status, 200);
    }
    if let Some(seen) = scan_pdf(&folder.0.join("spring.pdf"), &A4) {
        let printed: BTreeSet<_> = lines.iter().map(|line| line.link.clone()).collect();
        assert_eq!(seen.len(), 3);
        assert_eq!(BTreeSet::from_iter(seen), printed);
    }
}

async fn the_file_says_who_may_be_written_to_and_can_hold_them_alone(portal: &TestPortal) {
    let folder = Folder::new();
    takes(portal, &folder, &["C-1", "C-2", "C-3", "C-4"]).await;
    let out = folder.0.join("all.csv");
    let all = Export { out: out.clone(), letters: None, ..folder.export("all", Paper::A4) };
    let rows = |path: &Path| -> Vec<[String; 3]> {
        let mut rows = csv::Reader::from_path(path).unwrap();
        let row = |row: csv::StringRecord| [&row[0], &row[2], &row[4]].map(str::to_owned);
        rows.records().map(|found| row(found.unwrap())).collect()
    };
    export(&premises(portal), &all).await.unwrap();
    let before = rows(&out);
    assert!(before.iter().all(|[_, may, _]| may == "yes"), "{before:?}");
    for (number, target) in [("C-2", "everything"), ("C-4", "sharing")] {
        let [_, _, link] = before.iter().find(|[known, ..]| known == number).unwrap();
        let mut browser = portal.browser();
        browser.opens(&link[BASE_URL.len()..]).await;
        browser.turns_off(target).await;
    }
    let bounced = portal.service.vault.lookup(IdentifierKind::Email, "reader2@example.com");
    let bounced: Vec<_> = bounced.into_iter().map(|known| known.digest).collect();
    assert_eq!(portal.store().record_bounce(&bounced, 1).await.unwrap(), 1);
    let forced = Export { force: true, ..all };
    assert_eq!(export(&premises(portal), &forced).await.unwrap().links, 4);
    let mut told: Vec<_> =
        rows(&out).into_iter().map(|[number, may, _]| format!("{number} {may}")).collect();
    told.sort();
    assert_eq!(told, ["C-1 yes", "C-2 no", "C-3 no", "C-4 yes"]);
    let of_nobody = |file: &str| !file.contains("reader1@") && !file.contains("reader2@");
    assert!(of_nobody(&std::fs::read_to_string(&out).unwrap()), "M-10");
    let some = Export { only_may_email: true, ..forced };
    assert_eq!(export(&premises(portal), &some).await.unwrap().links, 2);
    let file = std::fs::read_to_string(&out).unwrap();
    for (address, is_there) in [
        ("reader0@example.com", true),
        ("reader1@example.com", false),
        ("reader2@example.com", false),
        ("reader3@example.com", true),
    ] {
        assert_eq!(file.contains(address), is_there, "{address}");
    }
}

async fn every_label_of_a_sheet_can_be_scanned_and_read(portal: &TestPortal) {
    let folder = Folder::new();
    let numbers: Vec<String> = (0..62).map(|n| format!("K{n:05}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    takes(portal, &folder, &numbers).await;
    for (mailing, paper, cut) in [("a4", Paper::A4, A4), ("letter", Paper::Letter, LETTER)] {
        let done = export(&premises(portal), &folder.export(mailing, paper)).await.unwrap();
        assert_eq!((done.links, done.sheets, done.unprintable), (62, 1, 0));
        let lines = folder.lines(mailing);
        let pdf = folder.0.join(format!("{mailing}.pdf"));
        let Some(text) = poppler("pdftotext", &["-layout", pdf.to_str().unwrap(), "-"]) else {
            return;
        };
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches('\u{c}').count(), 3, "pages");
        for line in &lines {
            assert!(text.contains(&line.code) && text.contains(&line.number), "{}", line.number);
        }
        assert!(text.contains("privacy.northwind.example/go"));
        let seen = scan_pdf(&pdf, &cut).expect("pdftotext is there, so pdftoppm is");
        assert_eq!(seen.len(), 62, "{mailing}");
        let printed: BTreeSet<_> = lines.into_iter().map(|line| line.link).collect();
        assert_eq!(BTreeSet::from_iter(seen), printed, "{mailing}");
    }
}

async fn a_second_mailing_has_codes_of_its_own_and_both_work(portal: &TestPortal) {
    let folder = Folder::new();
    takes(portal, &folder, &["C-1"]).await;
    for mailing in ["spring", "autumn"] {
        export(&premises(portal), &folder.export(mailing, Paper::A4)).await.unwrap();
    }
    let codes = ["spring", "autumn"].map(|mailing| folder.lines(mailing).remove(0).code);
    assert_ne!(codes[0], codes[1]);
    for code in codes {
        let answer = portal.browser().posts(routes::ENTER, &[("code", &code)]).await;
        assert_eq!(answer.location(), routes::CHOICES);
    }
}

async fn what_is_in_the_way_stays_and_nothing_is_left_behind(portal: &TestPortal) {
    let folder = Folder::new();
    takes(portal, &folder, &["C-1"]).await;
    let (images, sheet) = (folder.0.join("spring"), folder.0.join("spring.pdf"));
    std::fs::create_dir(&images).unwrap();
    std::fs::write(images.join("mine"), "mine").unwrap();
    let order = folder.export("spring", Paper::A4);
    let why = export(&premises(portal), &order).await.unwrap_err().to_string();
    assert!(why.ends_with("spring is there already"), "{why}");
    assert!(images.join("mine").exists() && !order.out.exists());
    std::fs::remove_dir_all(&images).unwrap();
    std::fs::write(&sheet, "mine").unwrap();
    let why = export(&premises(portal), &order).await.unwrap_err().to_string();
    assert!(why.ends_with("spring.pdf is there already"), "{why}");
    assert_eq!(std::fs::read_to_string(&sheet).unwrap(), "mine");
    assert!(!images.exists() && !order.out.exists());
    let forced = Export { force: true, ..order };
    assert_eq!(export(&premises(portal), &forced).await.unwrap().sheets, 1);
}

#[test]
fn a_number_that_the_font_lacks_is_left_out_and_counted() {
    let qr = Qr::of("HTTPS://X.EXAMPLE/GO/00000000").unwrap();
    let mut sheet = Sheet::new(Paper::A4);
    let label = |number| Label { number, code: "0000-0000", url: "x.example/go", qr: &qr };
    assert!(sheet.add(&label("Müller (7)")));
    assert!(!sheet.add(&label("客户-7")));
    assert!(sheet.add(&label(&"9".repeat(200))), "a long one is printed small");
    assert_eq!(sheet.labels(), 3);
    assert!(sheet.finish().starts_with(b"%PDF-"));
}
