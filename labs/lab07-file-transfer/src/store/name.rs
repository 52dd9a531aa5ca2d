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
    todo!(
        "exercise 7.2 of lab07 (File transfer): Names stay inside; DELETE.

    Return the name if it names something in the folder and nothing else. Refuse
    (`BadName`) what begins with a dot, what holds a slash or a NUL, what is empty, and
    what is longer than NAME_LEN_MAX bytes.

    check it          cargo test -p lab07 -- ex7_2
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
    )
}
