//! What a letter's QR code holds.

use domain::ShortCode;
use url::{Position, Url};

/// The address that a letter's QR code holds. In capitals wherever that means the same, for
/// capitals take half the room: schemes and hosts have no case, and neither has this page's path.
#[must_use]
pub fn address(base_url: &str, code: &ShortCode) -> String {
    let address = format!("{base_url}{}", app::routes::go(code.as_str()));
    let bare =
        Url::parse(base_url).is_ok_and(|url| matches!(&url[Position::BeforePath..], "" | "/"));
    if bare { address.to_ascii_uppercase() } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_capitals_unless_a_path_has_case() {
        let code: ShortCode = "0000-0000".parse().expect("a code");
        assert_eq!(address("https://x.example", &code), "HTTPS://X.EXAMPLE/GO/00000000");
        assert_eq!(
            address("https://x.example/Privacy", &code),
            "https://x.example/Privacy/go/00000000"
        );
    }
}
