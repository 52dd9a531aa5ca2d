//! The fields of a request, by name (RFC 9110, section 5).

use httparse::Header;

use crate::message::refusal::Refusal;

/// The fields of one request.
#[derive(Clone, Copy)]
pub struct Fields<'a>(pub &'a [Header<'a>]);

impl<'a> Fields<'a> {
    /// The values of all fields with this name, in their order; capitals do not count.
    pub fn all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |it: &&Header<'_>| it.name.eq_ignore_ascii_case(name);
        self.0.iter().filter(named).map(|field| field.value.trim_ascii())
    }

    /// The value of a field of which there must be at most one.
    ///
    /// # Errors
    ///
    /// `refusal`, when there are more.
    pub fn at_most_one(self, name: &str, refusal: Refusal) -> Result<Option<&'a [u8]>, Refusal> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (value, None) => Ok(value),
            _ => Err(refusal),
        }
    }

    /// The members of a list, which may be spread over several fields; empty ones do not count.
    pub fn list(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let members = |value: &'a [u8]| value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        self.all(name).flat_map(members).filter(|member| !member.is_empty())
    }

    /// Whether a list has this member; capitals do not count.
    pub fn lists(self, name: &str, member: &str) -> bool {
        self.list(name).any(|it| it.eq_ignore_ascii_case(member.as_bytes()))
    }

    /// All values with this name as one text.
    pub fn text(self, name: &str) -> Option<String> {
        let values: Vec<_> = self.all(name).map(String::from_utf8_lossy).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}
