//! Base64 as the judge needs it: what a text must be, and what another one would have meant.

/// The characters, in the order of what they stand for (RFC 4648, section 4).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What each byte stands for, if it is one of them.
static VALUES: [Option<u32>; 256] = {
    let mut values = [None; 256];
    let mut value = 0;
    while value < 64 {
        values[ALPHABET[value as usize] as usize] = Some(value);
        value += 1;
    }
    values
};

/// How much is encoded at a time: a multiple of 3.
const BLOCK_LEN: usize = 3 * 1024;

/// `bytes` as base64. There is only one way to write it.
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    let mut before = &[][..];
    for block in bytes.chunks(BLOCK_LEN) {
        let start = text.len();
        // Large files of promises are mostly zeros, and to compare is fast.
        if block == before {
            text.extend_from_within(start - BLOCK_LEN / 3 * 4..);
        } else {
            block.chunks(3).for_each(|group| encode_group(group, &mut text));
        }
        before = block;
    }
    text
}

fn encode_group(group: &[u8], text: &mut Vec<u8>) {
    let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or_default());
    let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    for place in 0..4 {
        let index = bits >> (18 - 6 * place) & 63;
        let is_filler = place > group.len();
        text.push(if is_filler { b'=' } else { ALPHABET[index as usize] });
    }
}

/// What `text` stands for; `None` if it is not exactly what [`encode`] would have written.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.chunks(4) {
        let filled = group.iter().take_while(|character| **character != b'=').count();
        let mut bits = 0;
        for character in &group[..filled] {
            bits = bits << 6 | VALUES[usize::from(*character)]?;
        }
        let [_, first, second, third] = (bits << (6 * (4 - filled))).to_be_bytes();
        bytes.extend(&[first, second, third][..filled.saturating_sub(1)]);
    }
    // What fills up, what is left over and what is missing: all of it must be as it would be written.
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn every_length_comes_back() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\0\0\0\u{7f}\u{7f}>?", "AAAAf38+Pw=="),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text.as_bytes());
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
        let long: Vec<u8> = [vec![0; 20_000], (0..=255).collect(), vec![0; 10_000]].concat();
        assert_eq!(decode(&encode(&long)), Some(long));
    }

    #[test]
    fn what_is_not_quite_base64_is_none() {
        for text in
            ["Z", "Zg", "Zg=", "Zg==\n", "Zh==", "Zm9v\nYmFy", "Zg==Zg==", "=", "Zm9_", "Z==="]
        {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
