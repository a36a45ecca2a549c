//! The business's register of what it sends, shares and why. Published, it becomes a notice
//! that never changes; what isn't in it can't be sent or shared.

mod check;
mod model;
mod reader;
mod terms;

pub use check::{Problem, parse};
pub use model::{
    Authority, Basis, Catalogue, Controller, Exception, MessageRule, Profiling, Purpose, Recipient,
    Regime, Text, Topic,
};
pub use terms::is_dpv_term;
