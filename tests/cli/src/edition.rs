//! Which edition of the course this is: the whole of it, with its solutions, or the one that
//! students get (`cargo lab export`), which has a folder `.wirelab/` in their place.
//!
//! ```text
//! .wirelab/pristine/lab05-time-server/src/…   each lab's sources as they were handed out
//! .wirelab/instructor                         who has the solutions, in a line or two
//! .wirelab/book                               where the book is to be read
//! .wirelab/kept/                              what `cargo lab reset` replaced (in either edition)
//! ```

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::author::skeleton::{self, Files};
use crate::catalogue::{Course, Lab};

/// The labs' sources as a student edition was handed out, as seen from the root.
pub const PRISTINE: &str = ".wirelab/pristine";

/// Who has the solutions of a student edition, as seen from the root.
pub const INSTRUCTOR: &str = ".wirelab/instructor";

/// Where the book of a student edition is to be read, as seen from the root.
pub const BOOK: &str = ".wirelab/book";

/// What `cargo lab reset` replaced, as seen from the root. It is not under `target/`, which
/// `cargo clean` removes: it may be somebody's evening.
pub const KEPT: &str = ".wirelab/kept";

/// Whether this is what students get.
pub fn is_students(course: &Course) -> bool {
    course.root.join(PRISTINE).is_dir()
}

/// What a student starts from in `lab`, by paths inside its folder `src/`.
pub fn pristine(course: &Course, lab: &Lab) -> Result<Files> {
    if is_students(course) {
        let folder = course.root.join(PRISTINE).join(&lab.folder).join("src");
        let what = || format!("this edition has no pristine copy of {}", lab.package());
        return skeleton::files_in(&folder).with_context(what);
    }
    let cut = skeleton::cut(course, lab, 0)?;
    let inside = |path: &Path| path.strip_prefix("src").map(Path::to_path_buf).ok();
    Ok(cut.into_iter().filter_map(|(path, text)| Some((inside(&path)?, text))).collect())
}

/// Who can be asked for a solution, as a student edition says it.
pub fn instructor(course: &Course) -> String {
    let text = fs::read_to_string(course.root.join(INSTRUCTOR)).unwrap_or_default();
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.trim() {
        "" => "your instructor".to_string(),
        name => name.to_string(),
    }
}
