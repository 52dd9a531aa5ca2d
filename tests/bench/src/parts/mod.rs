//! The subjects, one file each.

pub mod echo;
pub mod fifty;
pub mod files;
pub mod http;
pub mod idle;
pub mod judge;
pub mod stress;
