//! What a promise wants of an HTTP message, and what in one that came is otherwise.

use crate::message::{Kind, Message};
use crate::varying::{fits, seconds_since_epoch};
use crate::{Payload, report};

/// How far a server's clock may be off: what matters is that it is not the one of another zone.
const CLOCK_TOLERANCE_SECONDS: i64 = 5 * 60;

/// What a promise wants of a response: it names what matters, and all else is free.
#[derive(Clone)]
pub struct Wanted {
    statuses: Statuses,
    fields: Vec<(String, Value)>,
    body: Body,
    to_head: bool,
    /// Whether the end of the stream will do as well.
    pub(crate) or_gone: bool,
}

/// Which status codes will do.
#[derive(Clone)]
enum Statuses {
    These(Vec<u16>),
    /// Any from 400 to 599.
    Refusal,
    /// What is read is a request, which has none.
    Request(String),
}

/// What is wanted of the value of a field.
#[derive(Clone)]
enum Value {
    Is(String),
    /// It begins so.
    Begins(String),
    /// It is a list, and this is in it.
    Lists(String),
    /// The field is there.
    There,
    /// The field may be missing; if it is there, it is this.
    IfAny(String),
    /// The field may be missing; if it is there, it tells the time of this moment.
    NowIfAny,
}

/// What is wanted of the body.
#[derive(Clone)]
enum Body {
    Any,
    Is(Payload),
    /// It holds all of these, in whatever dress.
    Holds(Vec<String>),
    /// It does not hold this.
    Lacks(Payload),
}

impl Wanted {
    /// A response with this status.
    pub fn status(status: u16) -> Self {
        Self::one_of(&[status])
    }

    /// A response with one of these statuses.
    pub fn one_of(statuses: &[u16]) -> Self {
        Self::new(Statuses::These(statuses.to_vec()))
    }

    /// A response that refuses: its status is 400 to 599.
    pub fn refusal() -> Self {
        Self::new(Statuses::Refusal)
    }

    /// A request that begins with `start`: `GET /a.txt`.
    pub fn request(start: &str) -> Self {
        Self::new(Statuses::Request(start.to_string()))
    }

    fn new(statuses: Statuses) -> Self {
        Self { statuses, fields: Vec::new(), body: Body::Any, to_head: false, or_gone: false }
    }

    /// The field `name` is exactly `value`, blanks around it aside.
    pub fn field(self, name: &str, value: &str) -> Self {
        self.with(name, Value::Is(value.to_string()))
    }

    /// The field `name` begins with `value`.
    pub fn field_begins(self, name: &str, value: &str) -> Self {
        self.with(name, Value::Begins(value.to_string()))
    }

    /// The field `name` is a list with `member` in it.
    pub fn field_lists(self, name: &str, member: &str) -> Self {
        self.with(name, Value::Lists(member.to_string()))
    }

    /// The field `name` is there.
    pub fn has_field(self, name: &str) -> Self {
        self.with(name, Value::There)
    }

    /// The field `name` may be missing; if it is there, it is `value`.
    pub fn field_if_any(self, name: &str, value: &str) -> Self {
        self.with(name, Value::IfAny(value.to_string()))
    }

    /// The field `name` may be missing; if it is there, it tells the time of this moment, in the form
    /// that HTTP wants.
    pub fn now_if_any(self, name: &str) -> Self {
        self.with(name, Value::NowIfAny)
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.fields.push((name.to_string(), value));
        self
    }

    /// The body is exactly this.
    pub fn body(mut self, body: impl Into<Payload>) -> Self {
        self.body = Body::Is(body.into());
        self
    }

    /// All of `parts` stand in the body, in whatever order and dress.
    pub fn body_holds(mut self, parts: &[&str]) -> Self {
        self.body = Body::Holds(parts.iter().map(ToString::to_string).collect());
        self
    }

    /// `secret` does not stand in the body.
    pub fn body_lacks(mut self, secret: impl Into<Payload>) -> Self {
        self.body = Body::Lacks(secret.into());
        self
    }

    /// It answers HEAD: its fields speak of a body, and none comes.
    pub fn to_head(mut self) -> Self {
        self.to_head = true;
        self
    }

    /// Or there is no response, and the connection has ended.
    pub fn or_gone(mut self) -> Self {
        self.or_gone = true;
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.statuses {
            Statuses::Request(_) => Kind::Request,
            _ if self.to_head => Kind::HeadResponse,
            _ => Kind::Response,
        }
    }

    /// Whether a response that is not the last one is wanted.
    pub(crate) fn is_interim(&self) -> bool {
        matches!(&self.statuses, Statuses::These(these) if these.iter().any(|it| *it < 200))
    }

    /// What is otherwise in `message`, in words; `None` if nothing is.
    pub(crate) fn otherwise(&self, message: &Message) -> Option<String> {
        if !self.is_its_start(message) {
            // The rest follows from it.
            return Some(String::new());
        }
        let fields = self.fields.iter().find_map(|(name, value)| {
            let there = message.field(name);
            (!value.takes(there.as_deref())).then(|| report::field_differs(name, there.as_deref()))
        });
        fields.or_else(|| self.body_otherwise(message.body()))
    }

    fn is_its_start(&self, message: &Message) -> bool {
        match &self.statuses {
            Statuses::These(these) => these.contains(&message.status()),
            Statuses::Refusal => (400..600).contains(&message.status()),
            Statuses::Request(start) => message.start().starts_with(start.as_str()),
        }
    }

    fn body_otherwise(&self, body: &[u8]) -> Option<String> {
        match &self.body {
            Body::Any => None,
            // A response to HEAD has none to compare.
            Body::Is(_) if self.to_head => None,
            Body::Is(wanted) => (body != wanted.bytes()).then(|| {
                report::body_differs(&report::difference(body, wanted.bytes(), String::new()))
            }),
            Body::Holds(parts) => {
                let missing = parts.iter().find(|part| !holds(body, part.as_bytes()));
                missing.map(|part| report::body_lacks(part))
            }
            Body::Lacks(secret) => {
                holds(body, secret.bytes()).then(|| report::body_holds(&secret.shown()))
            }
        }
    }

    /// What is wanted, in words.
    pub(crate) fn shown(&self) -> String {
        let mut words = match &self.statuses {
            Statuses::These(these) => report::one_of(these),
            Statuses::Refusal => "4xx or 5xx".to_string(),
            Statuses::Request(start) => start.clone(),
        };
        for (name, value) in &self.fields {
            words.push_str(&value.shown(name));
        }
        words.push_str(&match &self.body {
            Body::Any => String::new(),
            Body::Is(wanted) => format!(", {}", wanted.shown()),
            Body::Holds(parts) => format!(", with {} in its body", report::listed_all(parts)),
            Body::Lacks(secret) => format!(", without {} in its body", secret.shown()),
        });
        if self.to_head {
            words.push_str(", no body");
        }
        if self.or_gone {
            words = format!("{words}, or {}", report::GONE);
        }
        words
    }

    /// What came, in words: only what is wanted of it.
    pub(crate) fn seen(&self, message: &Message) -> String {
        let mut words = match self.statuses {
            Statuses::Request(_) => message.start().to_string(),
            _ => message.start().split_once(' ').map_or("", |(_, status)| status).to_string(),
        };
        for (name, _) in &self.fields {
            if let Some(value) = message.field(name) {
                words.push_str(&format!(", {name}: {value}"));
            }
        }
        if !message.body().is_empty() {
            words.push_str(&format!(", {}", Payload::from(message.body()).shown()));
        }
        words
    }
}

impl Value {
    fn takes(&self, there: Option<&str>) -> bool {
        match (self, there) {
            (Self::IfAny(_) | Self::NowIfAny, None) => true,
            (Self::NowIfAny, Some(there)) => is_now(there),
            (_, None) => false,
            (Self::There, Some(_)) => true,
            (Self::Is(value) | Self::IfAny(value), Some(there)) => value == there,
            (Self::Begins(value), Some(there)) => there.starts_with(value.as_str()),
            (Self::Lists(member), Some(there)) => {
                there.split(',').any(|it| it.trim().eq_ignore_ascii_case(member))
            }
        }
    }

    fn shown(&self, name: &str) -> String {
        match self {
            Self::Is(value) => format!(", {name}: {value}"),
            Self::Begins(value) => format!(", {name}: {value}..."),
            Self::Lists(member) => format!(", {name} with {member}"),
            Self::There => format!(", {name}"),
            Self::IfAny(value) => format!(", {name} (if any): {value}"),
            Self::NowIfAny => format!(", {name} (if any): {}", report::NOW),
        }
    }
}

/// Whether `text` is a time of about now: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn is_now(text: &str) -> bool {
    let seconds = time(text);
    let now = seconds_since_epoch();
    seconds.is_some_and(|seconds| (seconds - now).abs() <= CLOCK_TOLERANCE_SECONDS)
}

/// The seconds since 1970 of a time in the form that HTTP wants.
fn time(text: &str) -> Option<i64> {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if text.len() != 29 || !text.is_ascii() || !fits(&text.as_bytes()[5..7], "dd") {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let month = i64::try_from(MONTHS.find(&text[8..11])? / 3).ok()? + 1;
    let (day, year) = (number(5, 7)?, number(12, 16)?);
    // Years that begin in March have their odd day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    let of_day = number(17, 19)? * 3600 + number(20, 22)? * 60 + number(23, 25)?;
    let week_day = DAYS[usize::try_from(days.rem_euclid(7)).ok()?];
    let rest =
        [&text[..5], &text[7..8], &text[11..12], &text[16..17], &text[19..20], &text[22..23]];
    let is_form = rest.concat() == format!("{week_day},    ::") && text.ends_with(" GMT");
    is_form.then_some(days * 24 * 3600 + of_day)
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    part.is_empty() || body.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_time_has_one_form() {
        assert_eq!(time("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(time("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(time("Tue, 29 Feb 2028 12:00:00 GMT"), Some(1_835_438_400));
        for other in [
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Mon, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(time(other), None);
        }
    }
}
