//! What happens in each capture, as a script: a peer says this, and hears that.

mod files;
mod framing;
mod http;
mod lines;
mod streams;

use anyhow::Result;

use super::stage::Stage;

/// Plays one scene to its end.
pub type Script = fn(&Stage) -> Result<()>;

/// The scene of this name.
pub fn called(name: &str) -> Option<Script> {
    let tables = [streams::SCENES, framing::SCENES, lines::SCENES, http::SCENES, files::SCENES];
    let mut scenes = tables.into_iter().flatten();
    scenes.find(|(scene, _)| *scene == name).map(|(_, script)| *script)
}

/// Letters that can be told apart, so many.
fn letters(count: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(count).collect()
}
