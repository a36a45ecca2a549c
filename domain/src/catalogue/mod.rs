//! The business's register of what it sends, shares and why. Published, it becomes a notice
//! that never changes; what isn't in it can't be sent or shared.

mod check;
mod inventory;
mod lint;
mod lookup;
mod model;
mod problem;
mod reader;
mod system;
mod terms;
mod values;

pub use check::parse;
pub use inventory::{Inventory, Kept, Transfer};
pub use model::{
    Authority, Basis, Catalogue, Controller, Exception, MessageRule, Profiling, Purpose, Recipient,
    Regime, System, Tell, Text, Topic,
};
pub use problem::Problem;
pub use terms::is_dpv_term;
