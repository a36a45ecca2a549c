//! Rules as properties.
