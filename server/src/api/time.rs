//! Times as clients read and write them.

use std::borrow::Cow;

use domain::Moment;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::tell::rfc3339;

/// A time: read in any offset, written in UTC with milliseconds (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-24T09:30:00.000Z")]
pub struct Time(pub Moment);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&rfc3339(self.0))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        let at: Timestamp = text.parse().map_err(|_| serde::de::Error::custom("not a time"))?;
        Ok(Self(Moment(at.as_millisecond())))
    }
}
