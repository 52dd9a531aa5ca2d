//! What a promise wants of an HTTP message, and what in one that came is otherwise.

use crate::message::{Kind, Message};
use crate::{Payload, report};

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
            (Self::IfAny(_), None) => true,
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
        }
    }
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    part.is_empty() || body.windows(part.len()).any(|window| window == part)
}
