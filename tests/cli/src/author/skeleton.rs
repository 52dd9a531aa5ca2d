//! Cuts a lab from its solution: the bodies between `// ANCHOR: ex5_2` and `// ANCHOR_END: ex5_2`
//! become what the student starts from.
//!
//! The anchors are also what the book includes by. They stand alone on their lines; where one
//! exercise has several bodies, a word tells them apart: `ex5_2_client`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::catalogue::{Course, Exercise, Lab};

/// The longest body that a student is asked to write.
const BODY_LINES_MAX: usize = 25;

/// How wide the text of a `todo!` is.
const TEXT_COLUMNS: usize = 88;

/// How a paragraph of a manifest begins that the lab does not get, and the folder of what it is
/// about: the solution's own tests, which students need neither build nor pass.
const SOLUTION_ONLY: &str = "# Only in the solution";
const SOLUTION_TESTS: &str = "tests";

/// What an unfinished program has more of than a finished one.
const ALLOWED_IN_LABS: &str = "\
# An unfinished program has unused parts; what it must not have is a result nobody looks at.
dead_code = \"allow\"
unused_imports = \"allow\"
unused_mut = \"allow\"
unused_variables = \"allow\"
";

/// The files of a package by their paths inside it.
pub type Files = BTreeMap<PathBuf, String>;

/// The student's package: the solution of `lab` with only the bodies up to step `filled` kept.
pub fn cut(course: &Course, lab: &Lab, filled: u32) -> Result<Files> {
    let mut anchors = BTreeSet::new();
    let mut files = solution(course, lab)?;
    files.retain(|path, _| !path.starts_with(SOLUTION_TESTS));
    for (path, text) in &mut files {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let place = format!("solutions/{}/{}", lab.folder, path.display());
            *text = Cutter { lab, path, filled, anchors: &mut anchors }
                .cut(text)
                .with_context(|| place.clone())?
                // Where the package is a library too, its programs know it by this name.
                .replace(&format!("{}::", lab.solution()), &format!("{}::", lab.package()));
        }
    }
    for exercise in &lab.exercises {
        let name = anchor(lab, exercise);
        let mut own = anchors.iter().filter(|anchor| is_of(anchor, &name));
        ensure!(own.next().is_some(), "no body is marked `// ANCHOR: {name}`");
        let mut named = exercise.starter.keys().chain(exercise.parts.keys());
        let stray = named.find(|name| !anchors.contains(*name));
        ensure!(stray.is_none(), "the catalogue speaks of a body that there is not: {stray:?}");
    }
    let manifest = files.get_mut(Path::new("Cargo.toml")).context("no Cargo.toml")?;
    *manifest = student_manifest(course, lab, manifest)?;
    Ok(files)
}

/// Complaints about files that `lab` has from an earlier lab, and not as they are there. Markers
/// may differ: they belong to the exercises of one lab.
pub fn not_kept(course: &Course, lab: &Lab) -> Result<Vec<String>> {
    let Some(kept) = &lab.kept else { return Ok(Vec::new()) };
    let earlier = course.number(kept.lab)?;
    let (here, there) = (solution(course, lab)?, solution(course, earlier)?);
    let code = |files: &Files, path: &Path| files.get(path).map(|text| without_markers(text));
    let differs =
        |path: &&PathBuf| code(&here, path).is_none_or(|it| code(&there, path) != Some(it));
    let complaint = |path: &PathBuf| {
        format!("{}: {} is not that of {}", lab.solution(), path.display(), earlier.solution())
    };
    Ok(kept.files.iter().filter(differs).map(complaint).collect())
}

/// A source file without the lines that only mark the bodies of exercises.
pub fn without_markers(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("// ANCHOR");
    text.split_inclusive('\n').filter(is_code).collect()
}

/// All files of the solution of `lab`.
pub fn solution(course: &Course, lab: &Lab) -> Result<Files> {
    files_in(&course.root.join("solutions").join(&lab.folder))
}

/// All files in `folder`, at any depth.
pub fn files_in(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(current) = folders.pop() {
        let entries = fs::read_dir(&current).with_context(|| current.display().to_string())?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            files.insert(path.strip_prefix(folder)?.to_path_buf(), text);
        }
    }
    Ok(files)
}

/// Cuts one source file.
struct Cutter<'a> {
    lab: &'a Lab,
    path: &'a Path,
    filled: u32,
    /// The anchors met so far, in all files.
    anchors: &'a mut BTreeSet<String>,
}

impl<'a> Cutter<'a> {
    fn cut(&mut self, text: &str) -> Result<String> {
        let mut out = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(name) = marker(line, "ANCHOR:")? else {
                ensure!(marker(line, "ANCHOR_END:")?.is_none(), "an end without a start: {line}");
                out.push_str(line);
                out.push('\n');
                continue;
            };
            let body = body(&mut lines, name)?;
            let exercise = self.exercise(name)?;
            if exercise.step <= self.filled {
                out.push_str(&body);
            } else {
                let indent = &line[..line.len() - line.trim_start().len()];
                out.push_str(&start(self.lab, exercise, name, indent));
            }
        }
        Ok(out)
    }

    /// The exercise to which the anchor `name` belongs.
    fn exercise(&mut self, name: &str) -> Result<&'a Exercise> {
        ensure!(self.anchors.insert(name.to_string()), "{name} is marked twice");
        let mut exercises = self.lab.exercises.iter();
        let exercise = exercises.find(|exercise| is_of(name, &anchor(self.lab, exercise)));
        let exercise = exercise.with_context(|| format!("{name} is not in the catalogue"))?;
        let known = exercise.files.iter().any(|file| file == self.path);
        ensure!(known, "the catalogue does not say that a body of {name} stands here");
        Ok(exercise)
    }
}

/// The bodies of `exercise` in `text`, each with the number of its first line.
pub fn bodies(lab: &Lab, exercise: &Exercise, text: &str) -> Result<Vec<(usize, String)>> {
    let mut bodies = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(name) = marker(line, "ANCHOR:")? else { continue };
        let body = body(&mut lines.by_ref().map(|(_, line)| line), name)?;
        if is_of(name, &anchor(lab, exercise)) {
            // The marker stands above it, and lines are counted from 1.
            bodies.push((index + 2, body));
        }
    }
    Ok(bodies)
}

/// The lines up to the end of anchor `name`.
fn body<'a>(lines: &mut impl Iterator<Item = &'a str>, name: &str) -> Result<String> {
    let mut body = String::new();
    for line in lines {
        if let Some(end) = marker(line, "ANCHOR_END:")? {
            ensure!(end == name, "{name} ends as {end}");
            let count = body.lines().count();
            ensure!(count <= BODY_LINES_MAX, "{name} has {count} lines, over {BODY_LINES_MAX}");
            return Ok(body);
        }
        ensure!(marker(line, "ANCHOR:")?.is_none(), "{name} does not end before {line}");
        body.push_str(line);
        body.push('\n');
    }
    bail!("{name} never ends")
}

/// The name behind `// ANCHOR: `, which must stand alone on its line: mdBook drops such lines
/// whole, and code on them would silently vanish from the book.
fn marker<'a>(line: &'a str, word: &str) -> Result<Option<&'a str>> {
    let Some((before, name)) = line.split_once(word) else {
        return Ok(None);
    };
    ensure!(before.trim() == "//", "a marker must stand alone on its line: {line}");
    Ok(Some(name.trim()))
}

/// What a student starts from, in place of a body.
fn start(lab: &Lab, exercise: &Exercise, name: &str, indent: &str) -> String {
    let todo = todo(lab, exercise, name, indent);
    let Some(starter) = exercise.starter.get(name) else {
        return todo;
    };
    let line = |line: &str| match line {
        "TODO" => todo.clone(),
        "" => "\n".to_string(),
        _ => format!("{indent}{line}\n"),
    };
    let lines: String = starter.lines().map(line).collect();
    if starter.lines().any(|line| line == "TODO") {
        return lines;
    }
    // Nothing stops here and tells the task, so it stands above.
    task_comment(lab, exercise, name, indent) + &lines
}

/// The task of a body that starts from something, as a comment.
fn task_comment(lab: &Lab, exercise: &Exercise, name: &str, indent: &str) -> String {
    let (number, step, package) = (lab.number, exercise.step, lab.package());
    let task = wrapped(exercise.parts.get(name).unwrap_or(&exercise.task));
    let help = format!(
        "Exercise {number}.{step}: {}.\n{task}\n    check it: cargo test -p {package} -- ex{number}_{step}\n",
        exercise.title
    );
    help.lines().map(|line| format!("{indent}// {line}\n")).collect::<String>()
        + &format!("{indent}//\n")
}

/// A `todo!` whose text is the help: the exercise, the task, how to check it, where to see it done.
fn todo(lab: &Lab, exercise: &Exercise, name: &str, indent: &str) -> String {
    let (number, step, package) = (lab.number, exercise.step, lab.package());
    let mut run = format!("cargo run -p {}", lab.solution());
    if !exercise.arguments.is_empty() {
        run = format!("{run} -- {}", exercise.arguments);
    }
    let text = format!(
        "exercise {number}.{step} of {package} ({}): {}.\n\n{}\n\n    \
         check it          cargo test -p {package} -- ex{number}_{step}\n    \
         see it finished   {run}\n    \
         read about it     book/src/{}\n",
        lab.title,
        exercise.title,
        wrapped(exercise.parts.get(name).unwrap_or(&exercise.task)),
        lab.chapter
    );
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    let text = text.replace('{', "{{").replace('}', "}}");
    format!("{indent}todo!(\n{indent}    \"{text}\"\n{indent})\n")
}

/// Breaks `text` into indented lines.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::from("   ")];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if last.len() + 1 + word.len() > TEXT_COLUMNS {
            lines.push(format!("    {word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n")
}

fn anchor(lab: &Lab, exercise: &Exercise) -> String {
    format!("ex{}_{}", lab.number, exercise.step)
}

/// Whether `name` is the anchor `of` or one of its several bodies (`ex5_2_client`).
fn is_of(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The solution's manifest, for the student's package: other names, and its own lint table.
fn student_manifest(course: &Course, lab: &Lab, manifest: &str) -> Result<String> {
    let inherited = "[lints]\nworkspace = true\n";
    ensure!(manifest.contains(inherited), "the solution does not inherit the lints");
    let lints = student_lints(course)?;
    Ok(for_students(manifest)
        .replace(&format!("\"{}\"", lab.solution()), &format!("\"{}\"", lab.package()))
        .replace(", finished:", ":")
        .replace(inherited, &lints))
}

/// A manifest without the paragraphs that only the solution has.
fn for_students(manifest: &str) -> String {
    let paragraphs = manifest.split("\n\n");
    let kept: Vec<&str> = paragraphs.filter(|it| !it.starts_with(SOLUTION_ONLY)).collect();
    kept.join("\n\n")
}

/// The workspace's lints, and what is allowed in labs besides.
fn student_lints(course: &Course) -> Result<String> {
    let root = fs::read_to_string(course.root.join("Cargo.toml"))?;
    let mut tables = root.split("\n[").filter(|table| table.starts_with("workspace.lints."));
    let (Some(rust), Some(clippy)) = (tables.next(), tables.next()) else {
        bail!("Cargo.toml has no tables of lints");
    };
    let (rust, clippy) = (rust.replace("workspace.", "["), clippy.replace("workspace.", "["));
    // A comment above the next table is not of this one.
    let clippy = clippy.split("\n\n").next().unwrap_or_default();
    Ok(format!("{}\n{ALLOWED_IN_LABS}\n{clippy}\n", rust.trim_end()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use anyhow::Result;

    use super::{Cutter, for_students, marker, wrapped};
    use crate::catalogue::Lab;

    const LAB: &str = r#"
        number = 5
        folder = "lab05-time-server"
        title = "Time server"
        idea = "threads"
        port = 45000
        chapter = "lab05.md"

        [[exercise]]
        step = 1
        title = "Answer"
        task = "Say {hour} and \"minute\"."
        files = ["src/server.rs"]
        points = 1
        hints = ["a", "b", "c"]

        [[exercise]]
        step = 2
        title = "Serve"
        task = "Serve all."
        files = ["src/server.rs"]
        points = 1
        hints = ["a", "b", "c"]
        starter.ex5_2_loop = "one();\nTODO\n"
        starter.ex5_2_naive = "// Naive.\none()\n"
    "#;

    const SOLUTION: &str = "\
fn answer() {
    // ANCHOR: ex5_1
    say();
    // ANCHOR_END: ex5_1
}

fn serve() {
    // ANCHOR: ex5_2_loop
    loop {}
    // ANCHOR_END: ex5_2_loop
}

fn step() {
    // ANCHOR: ex5_2_naive
    all()
    // ANCHOR_END: ex5_2_naive
}
";

    fn cut(text: &str, filled: u32) -> Result<String> {
        let lab: Lab = toml::from_str(LAB).unwrap();
        let (path, mut anchors) = (Path::new("src/server.rs"), BTreeSet::new());
        Cutter { lab: &lab, path, filled, anchors: &mut anchors }.cut(text)
    }

    #[track_caller]
    fn assert_refused(from: &str, to: &str, why: &str) {
        assert!(SOLUTION.contains(from));
        let error = cut(&SOLUTION.replace(from, to), 0).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn an_unwritten_body_becomes_a_todo_that_holds_the_task() {
        let lab = cut(SOLUTION, 0).unwrap();
        assert!(lab.contains("exercise 5.1 of lab05 (Time server): Answer."), "{lab}");
        assert!(lab.contains(r#"    Say {{hour}} and \"minute\"."#), "{lab}");
        assert!(lab.contains("cargo test -p lab05 -- ex5_1"), "{lab}");
        assert!(lab.contains("cargo run -p solution05"), "{lab}");
        assert!(!lab.contains("ANCHOR") && !lab.contains("say();"), "{lab}");
    }

    #[test]
    fn a_starter_stands_before_its_todo() {
        let lab = cut(SOLUTION, 1).unwrap();
        assert!(lab.contains("fn serve() {\n    one();\n    todo!(\n"), "{lab}");
    }

    #[test]
    fn a_starter_without_a_todo_has_its_task_above_it() {
        let lab = cut(SOLUTION, 1).unwrap();
        let start = "    // Exercise 5.2: Serve.\n    //     Serve all.\n";
        assert!(lab.contains(&format!("fn step() {{\n{start}")), "{lab}");
        assert!(lab.contains("    // Naive.\n    one()\n}\n"), "{lab}");
    }

    #[test]
    fn a_written_body_is_kept_without_its_markers() {
        let lab = cut(SOLUTION, 2).unwrap();
        assert!(lab.starts_with("fn answer() {\n    say();\n}\n\nfn serve() {\n    loop {}\n}\n"));
    }

    #[test]
    fn markers_that_do_not_fit_are_refused() {
        assert_refused("// ANCHOR_END: ex5_1", "//", "does not end before");
        assert_refused("// ANCHOR_END: ex5_1", "// ANCHOR_END: ex5_2", "ends as ex5_2");
        assert_refused("// ANCHOR_END: ex5_2_naive", "//", "never ends");
        assert_refused("// ANCHOR: ex5_1", "//", "an end without a start");
        assert_refused("ex5_2_loop", "ex5_1", "marked twice");
        assert_refused("ex5_1", "ex5_7", "not in the catalogue");
        assert_refused("say();", &"say();\n".repeat(26), "27 lines, over 25");
    }

    #[test]
    fn a_marker_with_code_on_its_line_is_refused() {
        assert_eq!(marker("    // ANCHOR: ex1_2", "ANCHOR:").unwrap(), Some("ex1_2"));
        assert_eq!(marker("    let x = 1;", "ANCHOR:").unwrap(), None);
        assert!(marker("let x = 1; // ANCHOR: ex1_2", "ANCHOR:").is_err());
    }

    #[test]
    fn what_only_the_solution_has_is_left_out_of_the_manifest() {
        let manifest = "[a]\nx = 1\n\n# Only in the solution: why.\n[b]\ny = 2\n\n[c]\n";
        assert_eq!(for_students(manifest), "[a]\nx = 1\n\n[c]\n");
    }

    #[test]
    fn a_task_is_broken_into_lines() {
        let text = wrapped(&"word ".repeat(40));
        assert!(text.lines().count() > 1);
        assert!(text.lines().all(|line| line.starts_with("    word") && line.len() <= 88));
    }
}
