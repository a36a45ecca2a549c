//! Where a code from a letter is typed.

use domain::short_code::NotAShortCode;
use leptos::prelude::*;

use super::Frame;
use super::practice::opt_out;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use crate::routes;
use crate::texts::fill;
use crate::texts::letters::{EXAMPLE, Letters};
use crate::visit::Visit;

/// What became of the code before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// There was none.
    First,
    /// It can't be one.
    Wrong(NotAShortCode),
    /// It opens nothing: nobody is told whether it ever did.
    Unknown,
    /// It opens nothing, like too many before it.
    TooMany,
}

/// A field for the code. What was typed before stands in it again, for it may be nearly right.
#[must_use]
pub fn go(frame: &Frame, before: Try, typed: &str) -> Rendered {
    let words = Letters::of(frame.language);
    let status = match before {
        Try::First | Try::Unknown => 200,
        Try::Wrong(_) => 422,
        Try::TooMany => 429,
    };
    // Whoever has no code, or one that opens nothing, opts out all the same (16 CFR 316.5).
    let without = match before {
        Try::Unknown | Try::TooMany => opt_out(frame, &Visit::new(frame.now)),
        Try::First | Try::Wrong(_) => {
            let form = format!("{}#opt-out", frame.act(routes::CHOICES));
            view! { <p class="without"><a href=form>{words.go_without}</a></p> }.into_any()
        }
    };
    render(frame, || {
        let main = html(view! {
            {told(frame, before)}
            <h1>{words.go_title}</h1>
            <p class="lede">{words.go_lede}</p>
            {field(frame, before, typed)}
            {without}
        });
        Page { title: words.go_title.to_owned(), main, toast: None, status, live: false }
    })
}

/// What is wrong, above everything else on the page.
fn told(frame: &Frame, before: Try) -> Option<AnyView> {
    let words = Letters::of(frame.language);
    let (title, said) = match before {
        Try::First => return None,
        Try::Wrong(why) => {
            let said = view! { <a href="#code">{explain(frame, why)}</a> }.into_any();
            (frame.texts.error_heading, said)
        }
        Try::Unknown => (words.go_unknown_title, words.go_unknown.into_any()),
        Try::TooMany => (words.go_many_title, words.go_many.into_any()),
    };
    Some(
        view! {
            <div class="mistake" role="alert" aria-labelledby="mistake-h" id="mistake">
                <h2 id="mistake-h">{title}</h2>
                <p>{said}</p>
            </div>
        }
        .into_any(),
    )
}

fn explain(frame: &Frame, why: NotAShortCode) -> &'static str {
    let words = Letters::of(frame.language);
    match why {
        NotAShortCode::Empty => words.go_empty,
        NotAShortCode::Length => words.go_length,
        NotAShortCode::Character => words.go_character,
        NotAShortCode::Checksum => words.go_checksum,
    }
}

fn field(frame: &Frame, before: Try, typed: &str) -> AnyView {
    let words = Letters::of(frame.language);
    let wrong = match before {
        Try::Wrong(why) => {
            Some(view! { <p class="error" id="code-error">{explain(frame, why)}</p> })
        }
        _ => None,
    };
    let invalid = wrong.is_some().then_some("true");
    let described = if wrong.is_some() { "code-hint code-error" } else { "code-hint" };
    // A code runs from left to right in every language, and on one line.
    let example = format!("\u{2066}{}\u{2069}", EXAMPLE.replace('-', "\u{2011}"));
    view! {
        <form class="now typing" method="post" action=frame.act(routes::ENTER)>
            <div class="field">
                <label for="code">{words.go_label}</label>
                <p class="hint" id="code-hint">{fill(words.go_hint, &[("example", &example)])}</p>
                {wrong}
                <input
                    id="code" name="code" type="text" dir="ltr" inputmode="text"
                    autocapitalize="characters" autocomplete="off"
                    spellcheck="false" enterkeyhint="go" maxlength="64" size="9"
                    value=typed.to_owned() aria-describedby=described aria-invalid=invalid
                />
            </div>
            <button class="wide" type="submit">{words.go_submit}</button>
        </form>
    }
    .into_any()
}
