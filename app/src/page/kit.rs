//! The link kit: what the business copies into its website, its mailings and its letters.

use leptos::prelude::*;

use super::Frame;
use super::shelf::html;
use super::shell::{Page, Rendered, render};
use super::snippets::{letters, mailings, policy, website};

/// What the kit shows beside the register.
#[derive(Clone, Debug)]
pub struct Kit {
    /// Where the portal stands, without a slash at its end.
    pub base_url: String,
    /// Whether that can be an address that customers use: https, and not this machine itself.
    pub is_public: bool,
    /// A QR code of the choices page, as SVG.
    pub qr: String,
    /// What the portal's own addresses answered just now.
    pub checks: Vec<Check>,
}

/// One address of the portal, asked while the page was made.
#[derive(Clone, Debug)]
pub struct Check {
    /// What it is for.
    pub what: String,
    /// Its path.
    pub path: String,
    /// The HTTP status it answered with.
    pub status: u16,
    /// Whether that is the one it should answer with.
    pub good: bool,
    /// How long it took, in microseconds.
    pub micros: u128,
}

/// The kit. It holds nothing secret and nothing of anybody.
#[must_use]
pub fn kit(frame: &Frame, kit: &Kit) -> Rendered {
    const TITLE: &str = "Link kit";
    render(frame, || {
        let main = html(view! {
            <article class="kit" lang="en" dir="ltr">
                <h1>{TITLE}</h1>
                <p class="lede">
                    "Links, headers and sentences to copy. Each names a path of this portal that was asked \
                     while this page was made."
                </p>
                {answers(kit)}
                {website(frame, kit)}
                {mailings(frame, kit)}
                {letters(frame, kit)}
                {policy(frame, kit)}
            </article>
        });
        Page { title: TITLE.to_owned(), main, toast: None, status: 200, live: false }
    })
}

fn answers(kit: &Kit) -> AnyView {
    let all = kit.checks.iter().all(|check| check.good);
    let said =
        if all { "Every link answers." } else { "Some links don’t answer as they should." };
    let rows: Vec<_> = kit.checks.iter().map(row).collect();
    let warning = (!kit.is_public).then(|| {
        view! {
            <p class="error">
                "No customer can use this address: it does not begin with https, or it is this \
                 machine’s own. Start the portal with its public address."
            </p>
        }
    });
    view! {
        <section aria-labelledby="answers-h">
            <h2 id="answers-h">"Do the links answer?"</h2>
            <p class:error=!all>{said}</p>
            <p>
                "The paths were asked within this program. What is copied below begins with "
                <code>{kit.base_url.clone()}</code>
                " (--base-url): open one link from outside to see that this address leads here."
            </p>
            {warning}
            <div class="scroll" tabindex="0" role="group" aria-labelledby="answers-h">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Link"</th>
                            <th scope="col">"Address"</th>
                            <th scope="col">"Answer"</th>
                            <th scope="col">"Time"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(check: &Check) -> AnyView {
    let verdict = if check.good { "✓ answers" } else { "✗ wrong" };
    #[expect(clippy::cast_precision_loss, reason = "nobody waits for years")]
    let time = format!("{:.1} ms", check.micros as f64 / 1_000.0);
    view! {
        <tr>
            <th scope="row">{check.what.clone()}</th>
            <td><code>{check.path.clone()}</code></td>
            <td class:error=!check.good>{verdict}" ("{check.status}")"</td>
            <td>{time}</td>
        </tr>
    }
    .into_any()
}
