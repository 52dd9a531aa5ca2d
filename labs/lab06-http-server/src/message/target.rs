//! What a request is about: the target in its four forms (RFC 9112, section 3.2), and Host.

use crate::message::method::Method;
use crate::message::refusal::Refusal;

/// The path in the target of a request, still encoded and without the query; `*` stands for the
/// server as a whole.
///
/// # Errors
///
/// When the target has none of the four forms, or one that does not go with the method.
pub fn path(method: Method, target: &str) -> Result<String, Refusal> {
    if target.contains('#') {
        return Err(Refusal::Target);
    }
    match target {
        _ if target.starts_with('/') => Ok(without_query(target)),
        "*" if method == Method::Options => Ok(target.to_string()),
        // CONNECT names a host and a port. It is refused anyway.
        _ if method == Method::Elsewhere("CONNECT") && is_authority(target.as_bytes()) => {
            Ok(target.to_string())
        }
        _ => {
            let (scheme, rest) = target.split_once("://").ok_or(Refusal::Target)?;
            let is_http = ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
            let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            if !is_http || authority.is_empty() || !is_authority(authority.as_bytes()) {
                return Err(Refusal::Target);
            }
            let path = without_query(path);
            Ok(if path.is_empty() { "/".to_string() } else { path })
        }
    }
}

fn without_query(target: &str) -> String {
    target.split('?').next().unwrap_or_default().to_string()
}

/// Whether this is a host, perhaps with a port: what stands in Host.
pub fn is_authority(text: &[u8]) -> bool {
    let (host, port) = match text.iter().rposition(|byte| *byte == b':') {
        // The colons of an IPv6 address stand in brackets.
        Some(colon) if !text[colon..].contains(&b']') => (&text[..colon], &text[colon + 1..]),
        _ => (text, &b""[..]),
    };
    is_host(host) && is_port(port)
}

fn is_host(host: &[u8]) -> bool {
    match host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")) {
        Some(address) => {
            str::from_utf8(address).is_ok_and(|it| it.parse::<std::net::Ipv6Addr>().is_ok())
        }
        None => host
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(byte)),
    }
}

fn is_port(port: &[u8]) -> bool {
    let digits = port.iter().all(u8::is_ascii_digit);
    digits && (port.is_empty() || str::from_utf8(port).is_ok_and(|it| it.parse::<u16>().is_ok()))
}
