//! JSON taken apart: what its bytes mean, in whatever style they are written.
//!
//! A few dozen lines of our own, because a library would be a fifth of what students wait for at
//! their first `cargo test`. What it reads comes from strangers: its depth is limited, and it takes
//! nothing that RFC 8259 does not allow.

/// How deep lists and objects may stand in each other.
const DEPTH_MAX: usize = 16;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Truth(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// Its members in their order.
    Object(Vec<(String, Json)>),
}

/// Where a text stops to be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not UTF-8 from this byte on.
    NotText(usize),
    /// At this byte something else was due.
    Unexpected(usize),
    /// It ends too early.
    End,
    /// At this byte begins what stands too deep.
    Depth(usize),
}

impl Json {
    /// The one value that `text` is, blanks around it aside.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Fault> {
        let text = str::from_utf8(text).map_err(|error| Fault::NotText(error.valid_up_to()))?;
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_blanks();
        if reader.at < text.len() { Err(Fault::Unexpected(reader.at)) } else { Ok(value) }
    }

    /// The member `key` of an object; of several, the last one counts.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rfind(|member| member.0 == key).map(|member| &member.1)
    }

    /// The text that it is, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// What is read, and up to where it has been understood.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What is wrong here, where something else was due.
    fn fault(&self) -> Fault {
        if self.rest().is_empty() { Fault::End } else { Fault::Unexpected(self.at) }
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Skips blanks and then `token`, if it stands there.
    fn takes(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let there = self.rest().starts_with(token);
        self.at += if there { token.len() } else { 0 };
        there
    }

    fn must_take(&mut self, token: &str) -> Result<(), Fault> {
        if self.takes(token) { Ok(()) } else { Err(self.fault()) }
    }

    fn value(&mut self, depth: usize) -> Result<Json, Fault> {
        self.skip_blanks();
        if depth > DEPTH_MAX {
            return Err(Fault::Depth(self.at));
        }
        let words =
            [("null", Json::Null), ("true", Json::Truth(true)), ("false", Json::Truth(false))];
        for (word, value) in words {
            if self.takes(word) {
                return Ok(value);
            }
        }
        match self.rest().bytes().next() {
            Some(b'"') => self.string().map(Json::Text),
            Some(b'[') => {
                let items = self.members("[", "]", |reader| reader.value(depth + 1));
                items.map(Json::List)
            }
            Some(b'{') => {
                let member = |reader: &mut Self| {
                    reader.skip_blanks();
                    let key = reader.string()?;
                    reader.must_take(":")?;
                    Ok((key, reader.value(depth + 1)?))
                };
                self.members("{", "}", member).map(Json::Object)
            }
            _ => self.number(),
        }
    }

    /// What stands between `open` and `close`, parted by commas.
    fn members<T>(
        &mut self,
        open: &str,
        close: &str,
        member: impl Fn(&mut Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.must_take(open)?;
        let mut members = Vec::new();
        if self.takes(close) {
            return Ok(members);
        }
        loop {
            members.push(member(self)?);
            if !self.takes(",") {
                self.must_take(close)?;
                return Ok(members);
            }
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        if !self.rest().starts_with('"') {
            return Err(self.fault());
        }
        self.at += 1;
        let (mut string, mut quote) = (String::new(), 0);
        loop {
            // Files come in strings, so nothing is looked for twice, and what is plain is taken at
            // once.
            if quote < self.at {
                quote = self.at + self.rest().find('"').ok_or(Fault::End)?;
            }
            let rest = &self.text[self.at..quote];
            let plain = rest.find('\\').unwrap_or(rest.len());
            if let Some(place) = rest[..plain].bytes().position(|byte| byte < b' ') {
                return Err(Fault::Unexpected(self.at + place));
            }
            string.push_str(&rest[..plain]);
            self.at += plain + 1;
            if self.at > quote {
                return Ok(string);
            }
            string.push(self.escaped()?);
        }
    }

    /// The character whose escape follows a backslash.
    fn escaped(&mut self) -> Result<char, Fault> {
        let fault = self.fault();
        let letter = self.rest().bytes().next().ok_or(Fault::End)?;
        let plain = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(fault),
        };
        self.at += 1;
        Ok(plain)
    }

    /// `u` and four digits, or two of these for one character outside the first 65 536.
    fn unicode(&mut self) -> Result<char, Fault> {
        let mut units = vec![self.unit()?];
        let is_half = (0xd800..0xdc00).contains(&units[0]);
        if is_half && self.rest().starts_with("\\u") {
            self.at += 1;
            units.push(self.unit()?);
        }
        let characters: Vec<_> = char::decode_utf16(units).collect();
        // Half a character is allowed, and nobody knows what it means.
        let character = characters.into_iter().next().and_then(Result::ok);
        Ok(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Result<u16, Fault> {
        let fault = Fault::Unexpected(self.at);
        let digits = self.rest().get(1..5).ok_or(Fault::End)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(fault);
        }
        self.at += 5;
        u16::from_str_radix(digits, 16).map_err(|_| fault)
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let is_of_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let rest = self.rest();
        let number = &rest[..rest.find(|c| !is_of_number(c)).unwrap_or(rest.len())];
        let digits = number.strip_prefix('-').unwrap_or(number);
        let (whole, rest) = digits.split_at(digits.find(['.', 'e', 'E']).unwrap_or(digits.len()));
        let begins_well = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
        let goes_on_well =
            !rest.starts_with('.') || rest[1..].starts_with(|c: char| c.is_ascii_digit());
        // Of these letters Rust reads what JSON does, but for a few beginnings.
        if !begins_well || !goes_on_well || whole.contains('+') || number.parse::<f64>().is_err() {
            return Err(self.fault());
        }
        self.at += number.len();
        Ok(Json::Number(number.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Json};

    fn texts(texts: &[&str]) -> Json {
        Json::List(texts.iter().map(|text| Json::Text(text.to_string())).collect())
    }

    #[test]
    fn one_value_may_be_written_in_many_ways() {
        for text in [
            r#"{"status":"OK","data":["a.txt","\u00e9\ud83d\ude00/"]}"#,
            " {\n\t\"data\" : [ \"a.txt\" ,\r\n\"\u{e9}\u{1f600}\\/\"],\n\"status\":\"\\u004fK\" } ",
            r#"{"data": 1, "more": {"x": [-0.5e+3, null, true]}, "data": ["a.txt", "é😀/"], "status": "OK"}"#,
        ] {
            let json = Json::parse(text.as_bytes()).expect("this is JSON");
            assert_eq!(json.get("status").and_then(Json::text), Some("OK"));
            assert_eq!(json.get("data"), Some(&texts(&["a.txt", "\u{e9}\u{1f600}/"])));
            assert_eq!(json.get("name"), None);
        }
        let many = format!("\"{}\"", "x\\n".repeat(1_000_000));
        assert_eq!(Json::parse(many.as_bytes()), Ok(Json::Text("x\n".repeat(1_000_000))));
        let escapes = br#"["\" \\ \/ \b \f \n \r \t \u0000", "\ud800!"]"#;
        let wanted = texts(&["\" \\ / \u{8} \u{c} \n \r \t \0", "\u{fffd}!"]);
        assert_eq!(Json::parse(escapes), Ok(wanted));
    }

    #[test]
    fn what_is_no_json_is_told_by_its_place() {
        for (text, fault) in [
            ("", Fault::End),
            ("OK", Fault::Unexpected(0)),
            ("['a']", Fault::Unexpected(1)),
            ("[\"a\"", Fault::End),
            ("[\"a\",]", Fault::Unexpected(5)),
            ("[\"a\n\"]", Fault::Unexpected(3)),
            ("{\"a\": 1} {}", Fault::Unexpected(9)),
            ("{a: 1}", Fault::Unexpected(1)),
            ("{\"a\" 1}", Fault::Unexpected(5)),
            ("\"\\x\"", Fault::Unexpected(2)),
            ("\"\\u12\"", Fault::End),
            ("\"\\u+123\"", Fault::Unexpected(2)),
            ("\"no end", Fault::End),
        ] {
            assert_eq!(Json::parse(text.as_bytes()), Err(fault), "{text}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), Err(Fault::NotText(1)));
        assert_eq!(Json::parse("[".repeat(1_000_000).as_bytes()), Err(Fault::Depth(17)));
    }

    #[test]
    fn a_number_has_one_form() {
        for number in ["0", "-0", "12", "1.5", "1e5", "-1.25E-3"] {
            assert_eq!(Json::parse(number.as_bytes()), Ok(Json::Number(number.to_string())));
        }
        for other in ["01", "+1", ".5", "1.", "1.e5", "1e", "-", "--1", "0x1", "NaN", "1-2", "e5"] {
            assert!(Json::parse(other.as_bytes()).is_err(), "{other}");
        }
    }
}
