//! Sheets of labels as PDF: shapes and standard fonts, no pixels.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Settings, Str, TextStr};

use crate::qr::{QUIET, Qr};

/// What labels are printed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Paper {
    /// A4 with 24 labels of 70 × 37 mm.
    #[default]
    A4,
    /// US Letter with 30 labels of 2⅝ × 1 inch.
    Letter,
}

/// One millimetre in points.
const MM: f32 = 72.0 / 25.4;

/// Where labels stand on a page, in points.
struct Grid {
    page: (f32, f32),
    columns: usize,
    rows: usize,
    label: (f32, f32),
    /// From one label's left edge to the next one's.
    pitch: f32,
    /// The first label's left and the first row's top edge, from the page's top left corner.
    origin: (f32, f32),
}

impl Paper {
    const fn grid(self) -> Grid {
        match self {
            Self::A4 => Grid {
                page: (210.0 * MM, 297.0 * MM),
                columns: 3,
                rows: 8,
                label: (70.0 * MM, 37.0 * MM),
                pitch: 70.0 * MM,
                origin: (0.0, 0.5 * MM),
            },
            Self::Letter => Grid {
                page: (612.0, 792.0),
                columns: 3,
                rows: 10,
                label: (189.0, 72.0),
                pitch: 198.0,
                origin: (13.5, 36.0),
            },
        }
    }
}

/// What stands on one label.
pub struct Label<'a> {
    /// The customer number.
    pub number: &'a str,
    /// The code, in groups of four.
    pub code: &'a str,
    /// Where it is typed, as one types it.
    pub url: &'a str,
    /// Its QR code.
    pub qr: &'a Qr,
}

const SANS: Name<'static> = Name(b"S");
const MONO: Name<'static> = Name(b"M");
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const SANS_FONT: Ref = Ref::new(3);
const MONO_FONT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);

/// A PDF file on its way.
pub struct Sheet {
    pdf: Pdf,
    grid: Grid,
    page: Content,
    pages: Vec<Ref>,
    next: i32,
    labels: u64,
}

impl Sheet {
    /// An empty file for this paper.
    #[must_use]
    pub fn new(paper: Paper) -> Self {
        let pdf = Pdf::with_settings(Settings { pretty: false });
        let page = content();
        Self { pdf, grid: paper.grid(), page, pages: Vec::new(), next: 6, labels: 0 }
    }

    /// Labels so far.
    #[must_use]
    pub const fn labels(&self) -> u64 {
        self.labels
    }

    /// Puts the next label on. False when its customer number was left out, for it has letters
    /// that the font lacks.
    pub fn add(&mut self, label: &Label<'_>) -> bool {
        let on_page = (self.grid.columns * self.grid.rows) as u64;
        let place = usize::try_from(self.labels % on_page).unwrap_or(0);
        if place == 0 && self.labels > 0 {
            self.turn();
        }
        self.labels += 1;
        let Grid { page, columns, label: (width, height), pitch, origin, .. } = self.grid;
        let left = origin.0 + count(place % columns) * pitch;
        let bottom = page.1 - origin.1 - count(place / columns + 1) * height;
        let inset = height * 0.08;
        let side = height - 2.0 * inset;
        draw(&mut self.page, label.qr, left + inset, bottom + inset, side);
        let text = left + side + 2.0 * inset;
        let room = left + width - 2.0 * inset - text;
        self.write(MONO, label.code, (text, bottom + height * 0.44), (15.0, room));
        self.write(SANS, label.url, (text, bottom + height * 0.24), (8.0, room));
        self.write(SANS, label.number, (text, bottom + height * 0.72), (8.0, room))
    }

    /// Writes a line, smaller where there is no room.
    fn write(&mut self, font: Name<'_>, text: &str, at: (f32, f32), size: (f32, f32)) -> bool {
        let Some(bytes) = latin(text) else { return false };
        // Courier is 0.6 wide; no letter that Helvetica has in numbers and addresses is wider
        // than 0.84 and most are below 0.6.
        let wide = size.1 / (count(bytes.len().max(1)) * 0.6);
        self.page
            .begin_text()
            .set_font(font, size.0.min(wide))
            .next_line(at.0, at.1)
            .show(Str(&bytes))
            .end_text();
        true
    }

    /// Finishes the page that is open.
    fn turn(&mut self) {
        let (page, body) = (Ref::new(self.next), Ref::new(self.next + 1));
        self.next += 2;
        let drawn = std::mem::replace(&mut self.page, content()).finish();
        let packed = pack(&drawn);
        self.pdf.stream(body, &packed).filter(Filter::FlateDecode);
        let mut sheet = self.pdf.page(page);
        sheet.media_box(Rect::new(0.0, 0.0, self.grid.page.0, self.grid.page.1));
        sheet.parent(PAGES).contents(body);
        sheet.resources().fonts().pair(SANS, SANS_FONT).pair(MONO, MONO_FONT);
        sheet.finish();
        self.pages.push(page);
    }

    /// The file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.turn();
        let Self { mut pdf, pages, .. } = self;
        pdf.catalog(CATALOG).pages(PAGES);
        pdf.pages(PAGES).count(i32::try_from(pages.len()).unwrap_or(i32::MAX)).kids(pages);
        let encoding = Name(b"WinAnsiEncoding");
        pdf.type1_font(SANS_FONT).base_font(Name(b"Helvetica")).encoding_predefined(encoding);
        pdf.type1_font(MONO_FONT).base_font(Name(b"Courier-Bold")).encoding_predefined(encoding);
        pdf.document_info(INFO).title(TextStr("Labels")).producer(TextStr("Sayso"));
        pdf.finish()
    }
}

fn content() -> Content {
    Content::with_settings(Settings { pretty: false })
}

/// Small numbers of labels, letters and modules.
fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

/// A QR code with its quiet zone in a square of `side` points.
fn draw(page: &mut Content, qr: &Qr, left: f32, bottom: f32, side: f32) {
    let module = side / count(qr.size() + 2 * QUIET);
    page.save_state();
    // One unit is one module and rows count from the top, so that every number below is whole.
    page.transform([module, 0.0, 0.0, -module, left, bottom + side]);
    for (column, row, length) in qr.runs() {
        page.rect(count(column + QUIET), count(row + QUIET), count(length), 1.0);
    }
    page.fill_nonzero().restore_state();
}

/// A text in the standard fonts' encoding; none where they lack a letter.
fn latin(text: &str) -> Option<Vec<u8>> {
    let byte = |letter: char| match letter {
        ' '..='~' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(letter)).ok(),
        _ => None,
    };
    text.chars().map(byte).collect()
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = packer.write_all(bytes);
    written
        .and_then(|()| packer.finish())
        .unwrap_or_else(|_| unreachable!("memory takes all that is written"))
}
