//! JSON exactly as Python's `json.dumps` writes it, given complete: a space after `:` and `,`, and
//! nothing but ASCII.

use std::fmt::Write;

/// Appends `text` as a JSON string.
pub fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(character),
            other => push_escaped(json, other),
        }
    }
    json.push('"');
}

/// Appends a list of strings.
pub fn push_list(json: &mut String, texts: &[String]) {
    json.push('[');
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            json.push_str(", ");
        }
        push_string(json, text);
    }
    json.push(']');
}

/// A character outside ASCII is one or two units of UTF-16.
fn push_escaped(json: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        write!(json, "\\u{unit:04x}").expect("a String takes everything");
    }
}
