//! The edition for students, written and renewed as an instructor does it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The course that this test belongs to.
fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("it is there")
}

fn cargo_lab(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lab"));
    command.args(arguments).current_dir(course()).output().expect("it starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A new edition, in a folder that goes with it.
fn edition() -> (TempDir, PathBuf) {
    let around = tempfile::tempdir().expect("a folder");
    let folder = around.path().join("edition");
    let to = folder.to_str().expect("a plain path");
    let output =
        cargo_lab(&["export", to, "--instructor", "Dr Sari", "--book", "https://x.test/b"]);
    assert!(output.status.success(), "{}", text(&output));
    (around, folder)
}

fn update(folder: &Path) -> String {
    let output = cargo_lab(&["update", folder.to_str().expect("a plain path")]);
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// All files below `folder`, by their paths inside it.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                let inside = path.strip_prefix(folder).expect("inside").to_path_buf();
                found.insert(inside, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    found
}

#[test]
fn an_edition_has_the_labs_and_nothing_that_gives_them_away() {
    let (_around, folder) = edition();
    let files = files(&folder);
    assert!(files.keys().any(|path| path.starts_with("labs/lab05-time-server/src")));
    assert!(files.contains_key(Path::new("tests/labs/lab05.rs")));
    for forbidden in ["solutions", "tests/wrong", "tests/right", "tests/hostile.toml", "book"] {
        assert!(!files.keys().any(|path| path.starts_with(forbidden)), "{forbidden} is there");
    }
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("labs")) {
        assert!(!text.contains("solution0"), "{} speaks of a solution", path.display());
        assert!(!text.contains("book/src/"), "{} speaks of the book's source", path.display());
    }
    let start = &files[Path::new("labs/lab01-blocking-echo/src/listener.rs")];
    assert!(start.contains("todo!") && start.contains("https://x.test/b/lab01-blocking-echo.html"));
    assert!(files[Path::new("README.md")].contains("Dr Sari"));
    assert!(files[Path::new("AGENTS.md")].contains("cargo lab hint"));
}

#[test]
fn an_edition_is_written_over_nothing() {
    let around = tempfile::tempdir().expect("a folder");
    fs::write(around.path().join("mine.txt"), "mine").expect("a file");
    let output = cargo_lab(&["export", around.path().to_str().expect("a plain path")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("is not empty"), "{}", text(&output));
    assert_eq!(files(around.path()).len(), 1);
}

#[test]
fn an_update_brings_what_is_new_and_leaves_what_students_write() {
    let (_around, folder) = edition();
    let fresh = files(&folder);
    let write = |path: &str, text: &str| fs::write(folder.join(path), text).expect("a file");
    // What a student has: work of their own, notes, a lab without one of its files.
    write("labs/lab05-time-server/src/server.rs", "// mine");
    write("labs/lab05-time-server/src/notes.rs", "// mine too");
    write("notes.md", "mine");
    fs::remove_file(folder.join("labs/lab05-time-server/src/clock.rs")).expect("it was there");
    // An older edition: other promises, one that is gone since, and no lab06 yet.
    write("tests/labs/lab05.rs", "// as it was");
    write("tests/snapshots/ex5_9_gone.snap", "gone");
    fs::remove_dir_all(folder.join("labs/lab06-http-server")).expect("it was there");
    write(".wirelab/pristine/lab05-time-server/src/server.rs", "// as it was");

    let told = update(&folder);
    let now = files(&folder);
    let at = |path: &str| now.get(Path::new(path)).map(String::as_str);
    assert_eq!(at("labs/lab05-time-server/src/server.rs"), Some("// mine"));
    assert_eq!(at("labs/lab05-time-server/src/notes.rs"), Some("// mine too"));
    assert_eq!(at("notes.md"), Some("mine"));
    assert_eq!(at("labs/lab05-time-server/src/clock.rs"), None, "what is deleted stays deleted");
    let is_fresh =
        |path: &str| assert_eq!(at(path), fresh.get(Path::new(path)).map(String::as_str));
    is_fresh("tests/labs/lab05.rs");
    is_fresh("tests/snapshots/ex5_9_gone.snap");
    is_fresh("labs/lab06-http-server/src/main.rs");
    is_fresh(".wirelab/pristine/lab05-time-server/src/server.rs");
    is_fresh("README.md");
    assert_eq!(at(".wirelab/kept/update-1/tests/labs/lab05.rs"), Some("// as it was"));
    assert!(told.contains("lab05-time-server: what one starts from has changed"), "{told}");

    assert!(update(&folder).contains("nothing was changed"));
    assert_eq!(files(&folder), now, "to update again changes nothing");
}

#[test]
fn only_an_edition_is_updated_and_none_is_exported_or_graded_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = cargo_lab(&["update", folder.path().to_str().expect("a plain path")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("is no student edition"), "{}", text(&output));

    let (around, edition) = edition();
    for arguments in [["export", "../other"], ["grade", "labs"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lab"));
        let output = command.args(arguments).current_dir(&edition).output().expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains("student edition"), "{}", text(&output));
    }
    assert!(!around.path().join("other").exists());
}
