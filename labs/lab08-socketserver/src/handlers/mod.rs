//! What the servers of this program say.

mod echo;
mod time;
mod upper;

pub use echo::Echo;
pub use time::TimeServer;
pub use upper::Upper;
