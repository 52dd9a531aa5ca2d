//! What the site and the client make of names and numbers, without a disk: paths, ranges, listings.

#[expect(dead_code, reason = "here nobody answers what is understood")]
#[path = "../src/message/mod.rs"]
mod message;
#[path = "../src/client/names.rs"]
mod names;
#[expect(dead_code, reason = "here nobody opens what a path leads to")]
#[path = "../src/site/path.rs"]
mod path;
#[path = "../src/site/range.rs"]
mod range;

use proptest::prelude::{ProptestConfig, prop_assert, proptest};

use message::refusal::Refusal;
use path::Path;
use range::{Wanted, wanted};

/// Paths and the names that they mean, joined by `|`, or what is wrong with them.
const PATHS: [(&str, Result<&str, Refusal>); 27] = [
    ("/", Ok("")),
    ("/a.txt", Ok("a.txt")),
    ("/a/b/c", Ok("a|b|c")),
    ("/a/", Ok("a")),
    ("/%61%2e%74xt", Ok("a.txt")),
    ("/M%C3%BCll%20%26%20mehr", Ok("Müll & mehr")),
    ("/Müll", Ok("Müll")),
    ("/a+b", Ok("a+b")),
    ("/%252e%252e", Ok("%2e%2e")),
    ("/%252fetc", Ok("%2fetc")),
    ("/a..b/...c", Err(Refusal::Hidden)),
    ("/..", Err(Refusal::Outside)),
    ("/../a", Err(Refusal::Outside)),
    ("/a/../b", Err(Refusal::Outside)),
    ("/%2e%2E/a", Err(Refusal::Outside)),
    ("/.%2e", Err(Refusal::Outside)),
    ("/./a", Err(Refusal::NotFound)),
    ("//a", Err(Refusal::NotFound)),
    ("/a//", Err(Refusal::NotFound)),
    ("/.hidden", Err(Refusal::Hidden)),
    ("/a/.upload-1-1", Err(Refusal::Hidden)),
    ("/..%2fa", Err(Refusal::Name)),
    ("/%2fetc", Err(Refusal::Name)),
    ("/a%00", Err(Refusal::Name)),
    ("/%", Err(Refusal::Name)),
    ("/%4", Err(Refusal::Name)),
    ("/%+1", Err(Refusal::Name)),
];

/// Ranges, and what they want of 10 bytes.
const RANGES: [(&str, Wanted); 19] = [
    ("bytes=0-3", Wanted::Part(0..4)),
    ("BYTES = 2-2", Wanted::Part(2..3)),
    ("bytes=4-", Wanted::Part(4..10)),
    ("bytes=9-9999999999999999999999", Wanted::Part(9..10)),
    ("bytes=-3", Wanted::Part(7..10)),
    ("bytes=-10", Wanted::Part(0..10)),
    ("bytes=-9999999999999999999999", Wanted::Part(0..10)),
    ("bytes=10-", Wanted::Nothing),
    ("bytes=10-11", Wanted::Nothing),
    ("bytes=-0", Wanted::Nothing),
    ("bytes=3-2", Wanted::Whole),
    ("bytes=30-2", Wanted::Whole),
    ("bytes=0-1,3-4", Wanted::Whole),
    ("bytes=-", Wanted::Whole),
    ("bytes=+1-2", Wanted::Whole),
    ("bytes=10-x", Wanted::Whole),
    ("bytes", Wanted::Whole),
    ("lines=0-3", Wanted::Whole),
    ("", Wanted::Whole),
];

#[test]
fn a_path_means_plain_names_or_is_refused() {
    for (path, wanted) in PATHS {
        let names = Path::parse(path).map(|path| {
            let names: Vec<_> = path.names.iter().map(|name| name.to_string_lossy()).collect();
            names.join("|")
        });
        assert_eq!(names.as_deref(), wanted.as_ref().map(|names| *names), "{path}");
    }
    assert_eq!(Path::parse(&format!("/{}", "n".repeat(256))), Err(Refusal::NotFound));
    assert!(Path::parse(&format!("/{}", "n".repeat(255))).is_ok());
}

#[test]
fn a_path_written_as_a_link_means_the_same() {
    for (path, wanted) in PATHS {
        if wanted.is_ok() {
            let path = Path::parse(path).unwrap();
            let link = if path.is_folder { format!("{path}/") } else { path.to_string() };
            assert_eq!(Path::parse(&link), Ok(path), "{link}");
        }
    }
}

#[test]
fn a_range_is_a_part_of_the_file_or_of_no_account() {
    for (range, part) in RANGES {
        assert_eq!(wanted(Some(range), 10), part, "{range}");
    }
    assert_eq!(wanted(None, 10), Wanted::Whole);
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        assert_eq!(wanted(Some(range), 0), Wanted::Nothing, "{range} of an empty file");
    }
}

#[test]
fn names_are_found_in_listings_of_all_kinds() {
    let listings = [
        ("isi dir upload: <br>a.txt<br>b &amp; c", "a.txt|b & c"),
        ("isi dir upload: <br>", ""),
        ("a.txt\nb.txt\r\n", "a.txt|b.txt"),
        ("", ""),
        ("<html><a href=\"../\">up</a><a href=\"/\">top</a><a href='a%20b'>x</a></html>", "a b"),
        ("<a href=\"?C=N\">N</a><a href=\"sub/\">sub/</a><a href=\"./c\">c</a>", "sub/|c"),
        ("<a href=\"http://x/y\">y</a><a href=\"a&amp;b\">z</a>", "a&b"),
        ("<html></html>", ""),
    ];
    for (page, wanted) in listings {
        assert_eq!(names::in_page(page).join("|"), wanted, "{page}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_leads_outside(path in "/([a.%2eEfF/0\\\\]|%2e|%2f|%00|\\.\\.){0,12}") {
        for name in Path::parse(&path).map(|path| path.names).unwrap_or_default() {
            let name = name.as_encoded_bytes();
            prop_assert!(!name.is_empty() && !name.starts_with(b"."));
            prop_assert!(!name.contains(&b'/') && !name.contains(&0));
        }
    }

    #[test]
    fn a_range_never_leaves_the_file(first in 0_u64..20, last in 0_u64..20, len in 0_u64..20) {
        for range in [format!("bytes={first}-{last}"), format!("bytes=-{last}")] {
            if let Wanted::Part(part) = wanted(Some(&range), len) {
                prop_assert!(part.start < part.end && part.end <= len);
            }
        }
    }
}
