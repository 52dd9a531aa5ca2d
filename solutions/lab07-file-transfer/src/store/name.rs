//! Names of files: one plain name each, so that nobody leaves the folder.

use crate::wire::refusal::Refusal;

/// The longest name that file systems have room for, in bytes.
const NAME_LEN_MAX: usize = 255;

/// The name itself, if it names something in the folder and nothing else.
///
/// What begins with a dot is hidden: `.`, `..`, and the uploads that are not whole yet.
///
/// # Errors
///
/// When it does not.
pub fn plain(name: &str) -> Result<&str, Refusal> {
    // ANCHOR: ex7_2_plain
    let is_plain = !name.starts_with('.') && !name.contains(['/', '\0']);
    let has_room = (1..=NAME_LEN_MAX).contains(&name.len());
    if is_plain && has_room { Ok(name) } else { Err(Refusal::BadName) }
    // ANCHOR_END: ex7_2_plain
}
