//! Rules as properties.

mod catalogue;
