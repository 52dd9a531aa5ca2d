//! Bytes as they stand on the wire, drawn in boxes with a name for each field:
//! `length "\0\0\0\x04" | message "halo"`.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};

use crate::page::Text;

/// The measures of the drawing, in its own units.
const WIDTH: usize = 680;
const BYTE: usize = 34;
const BOX: usize = 30;
const ROW: usize = 72;
const LETTER: usize = 8;

/// A field with more bytes than this is one box with its text, and not a box for each byte.
const BOXES_MAX: usize = 16;

/// Some bytes that mean something together, in the notation of the conversations.
struct Field<'a> {
    name: &'a str,
    bytes: Vec<&'a str>,
}

/// The drawing of `fields`, and the bytes of all of them in the notation of the conversations.
pub fn drawn(fields: &str) -> Result<(String, String)> {
    let fields: Vec<Field<'_>> = fields.split(" | ").map(Field::read).collect::<Result<_>>()?;
    let all: String = fields.iter().flat_map(|field| field.bytes.iter().copied()).collect();
    Ok((svg(&fields), all))
}

impl<'a> Field<'a> {
    fn read(field: &'a str) -> Result<Self> {
        let parts = field.trim().split_once(" \"");
        let (name, text) =
            parts.with_context(|| format!("a field is a name and bytes: {field}"))?;
        let text =
            text.strip_suffix('"').with_context(|| format!("a quote is missing: {field}"))?;
        let bytes = each_byte(text);
        ensure!(!bytes.is_empty(), "a field without bytes cannot be drawn: {field}");
        Ok(Self { name, bytes })
    }

    fn width(&self) -> usize {
        let letters: usize = self.bytes.iter().map(|byte| byte.chars().count()).sum();
        let wide = if self.is_long() { letters * LETTER + 16 } else { self.bytes.len() * BYTE };
        wide.max(self.name.chars().count() * LETTER + 6).min(WIDTH)
    }

    fn is_long(&self) -> bool {
        self.bytes.len() > BOXES_MAX
    }
}

/// The text of a payload, byte for byte: `\x04` is one, and so is `h`.
fn each_byte(text: &str) -> Vec<&str> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match rest.as_bytes() {
            [b'\\', b'x', ..] => 4,
            [b'\\', ..] => 2,
            _ => first.len_utf8(),
        };
        let (byte, after) = rest.split_at(length.min(rest.len()));
        bytes.push(byte);
        rest = after;
    }
    bytes
}

fn svg(fields: &[Field<'_>]) -> String {
    let (mut x, mut y, mut parts) = (1, 1, String::new());
    for field in fields {
        let wide = field.width();
        if x > 1 && x + wide > WIDTH {
            (x, y) = (1, y + ROW);
        }
        parts.push_str(&drawn_field(field, x, y));
        x += wide + 6;
    }
    let words: Vec<String> =
        fields.iter().map(|field| format!("{}: {}", field.name, field.bytes.concat())).collect();
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">{parts}</svg>",
        y + ROW - 8,
        Text(words.join("; "))
    )
}

fn drawn_field(field: &Field<'_>, x: usize, y: usize) -> String {
    let wide = field.width();
    let mut svg = String::new();
    // Nothing stands in quotes here, so a quotation mark needs no backslash.
    let mut one = |x: usize, wide: usize, text: &str| {
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{BOX}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            x + wide / 2,
            y + 20,
            Text(text.replace("\\\"", "\""))
        );
    };
    if field.is_long() {
        one(x, wide, &field.bytes.concat());
    } else {
        for (at, byte) in field.bytes.iter().enumerate() {
            one(x + at * BYTE, BYTE, byte);
        }
    }
    let (left, right, bar) = (x + 2, x + wide.min(WIDTH) - 2, y + BOX + 6);
    let _ = write!(
        svg,
        "<path d=\"M{left} {bar} v5 H{right} v-5\"/><text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
        (left + right) / 2,
        bar + 21,
        Text(field.name)
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_one_byte() {
        assert_eq!(each_byte(r#"\0\x04h\"\\\n"#), [r"\0", r"\x04", "h", "\\\"", r"\\", r"\n"]);
    }

    #[test]
    fn a_short_field_has_a_box_for_each_byte_and_a_long_one_has_one() {
        let (svg, bytes) = drawn(r#"length "\0\0\0\x04" | message "halo""#).unwrap();
        assert_eq!(svg.matches("<rect").count(), 8);
        assert_eq!(svg.matches("class=\"name\"").count(), 2);
        assert_eq!(bytes, r"\0\0\0\x04halo");
        let (svg, _) = drawn(&format!("body \"{}\"", "x".repeat(30))).unwrap();
        assert_eq!(svg.matches("<rect").count(), 1);
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        for wrong in ["length", "length \"\"", "length \"x"] {
            assert!(drawn(wrong).is_err(), "{wrong}");
        }
    }
}
