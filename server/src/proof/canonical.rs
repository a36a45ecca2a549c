//! JSON as it is signed: read strictly, written in one way (RFC 8785), digested member by member.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// Most bytes of a receipt that are read; the longest that is issued has a fifth of it.
pub const LARGEST: usize = 256 * 1024;

/// The bytes are no JSON that could have been signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than [`LARGEST`] bytes.
    #[error("it is larger than {} KiB", LARGEST / 1024)]
    TooLarge,
    /// Not JSON at a place, counted from 1.
    #[error("it is not JSON: line {line}, column {column}")]
    NotJson {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A member stands twice in one object, so that two readers may see two things (RFC 7493 §2.3).
    #[error("it says “{0}” twice in one place")]
    Twice(String),
}

/// Reads JSON in which no object has two members of one name.
///
/// # Errors
/// [`Unreadable`].
pub fn parse(bytes: &[u8]) -> Result<Value, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    // What some editors put in front of a file is not part of it.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let text = error.to_string();
        match text.strip_prefix(TWICE).and_then(|rest| rest.split('\u{0}').next()) {
            Some(name) => Unreadable::Twice(name.to_owned()),
            None => Unreadable::NotJson { line: error.line(), column: error.column() },
        }
    })
}

const TWICE: &str = "twice\u{0}";

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let value = object.next_value_seed(Self)?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{TWICE}{name}\u{0}")));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

/// The one way to write a value (RFC 8785).
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value)
        .unwrap_or_else(|_| unreachable!("a value that was read can be written"))
}

/// SHA-256 of a value's canonical form, in base64url.
#[must_use]
pub fn digest(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical(value)))
}

/// A short digest of every member, by its JSON Pointer (RFC 6901): the first 8 bytes. They name
/// what was changed; that nothing was, the signature over the whole document proves.
#[must_use]
pub fn leaves(value: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(value, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, at: &mut String, found: &mut BTreeMap<String, String>) {
    let length = at.len();
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                at.push('/');
                at.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(member, at, found);
                at.truncate(length);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (place, member) in list.iter().enumerate() {
                at.push('/');
                at.push_str(&place.to_string());
                walk(member, at, found);
                at.truncate(length);
            }
        }
        leaf => {
            let short = URL_SAFE_NO_PAD.encode(&Sha256::digest(canonical(leaf))[..8]);
            found.insert(at.clone(), short);
        }
    }
}
