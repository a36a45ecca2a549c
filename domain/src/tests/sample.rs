use std::sync::LazyLock;

use crate::catalogue::{Catalogue, parse};
use crate::moment::Moment;

/// 2026-11-23T12:00:00Z, before every review date of the sample.
pub(super) const NOW: Moment = Moment(1_795_435_200_000);

/// The register of the example business.
pub(super) fn catalogue() -> Catalogue {
    static EXAMPLE: LazyLock<Catalogue> = LazyLock::new(|| {
        parse(include_str!("../../../example/catalogue.toml")).expect("the example is good")
    });
    EXAMPLE.clone()
}
