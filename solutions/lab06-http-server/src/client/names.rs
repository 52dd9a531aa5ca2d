//! The names in a listing, whatever the server makes of it: a text, a list with line breaks, or a
//! page with links.

use percent_encoding::percent_decode_str;

/// What the course's first server says before the names.
const HEADING: &str = "isi dir upload: ";

/// The names that `page` lists, in its order.
pub fn in_page(page: &str) -> Vec<String> {
    let links: Vec<String> = page.split("href=").skip(1).filter_map(linked).collect();
    if !links.is_empty() || page.contains("</html>") {
        return links;
    }
    let lines = page.strip_prefix(HEADING).unwrap_or(page).split("<br>");
    let lines = lines.flat_map(str::lines).map(|line| unescaped(line.trim()));
    lines.filter(|name| !name.is_empty()).collect()
}

/// The name to which a link leads that begins behind `href=`, if it leads to something in the same
/// folder.
fn linked(rest: &str) -> Option<String> {
    let quote = rest.chars().next().filter(|char| matches!(char, '"' | '\''))?;
    let (link, _) = rest[1..].split_once(quote)?;
    let link = link.strip_prefix("./").unwrap_or(link);
    let name = percent_decode_str(link).decode_utf8_lossy();
    let leads_away = name.is_empty()
        || name.starts_with(['/', '?', '#', '.'])
        || link.trim_end_matches('/').contains(['/', ':']);
    (!leads_away).then(|| unescaped(&name))
}

/// A text without the escapes of HTML.
fn unescaped(text: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    escapes.iter().fold(text.to_string(), |text, (escape, char)| text.replace(escape, char))
}
