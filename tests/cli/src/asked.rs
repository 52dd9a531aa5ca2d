//! What the user asks about: `05`, `5.2`, `ex5_2`, or `05 5.2`.

use anyhow::{Result, bail};

use crate::catalogue::{Course, Exercise, Lab};

/// A lab, or one exercise of it.
pub type Asked<'a> = (&'a Lab, Option<&'a Exercise>);

/// What the user means; `None` if no word was said.
pub fn about<'a>(course: &'a Course, words: &[String]) -> Result<Option<Asked<'a>>> {
    let mut asked: Option<Asked<'a>> = None;
    for word in words {
        // `ex1_2` is what the tests call 1.2.
        let word = word.strip_prefix("ex").map_or(word.clone(), |word| word.replace('_', "."));
        let (name, step) = match word.split_once('.') {
            Some((name, step)) => (name, Some(step)),
            None => (word.as_str(), None),
        };
        let lab = course.lab(name)?;
        let exercise = step.map(|step| lab.exercise_called(step)).transpose()?;
        let before = asked.map(|(before, exercise)| (before.number, exercise));
        if before.is_some_and(|(number, _)| number != lab.number) {
            bail!("{} are not in one lab", words.join(" and "));
        }
        asked = Some((lab, exercise.or(before.and_then(|(_, exercise)| exercise))));
    }
    Ok(asked)
}

/// The one exercise that the user means; `None` if no word was said.
pub fn exercise<'a>(
    course: &'a Course,
    words: &[String],
) -> Result<Option<(&'a Lab, &'a Exercise)>> {
    match about(course, words)? {
        None => Ok(None),
        Some((lab, Some(exercise))) => Ok(Some((lab, exercise))),
        Some((lab, None)) => bail!("say which exercise; {}", lab.exercises_there_are()),
    }
}
