//! The program of a package, built.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cargo;
use crate::catalogue::Course;

/// Builds `package`, and says where its program is.
///
/// # Errors
///
/// When it does not compile; then the compiler has said why.
pub fn build(course: &Course, package: &str) -> Result<PathBuf> {
    let built = cargo::built(course, &["build"], package, cargo::Kind::Program, package)?;
    built.with_context(|| format!("{package} does not compile"))
}
