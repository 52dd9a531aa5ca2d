//! Bytes for the eye, given complete.

/// How many bytes stand on a line.
const LINE_LEN: usize = 16;

/// Shows bytes on standard error: their direction, their values, and what is text in them.
///
/// ```text
/// > 68 61 6c 6f 2c 20 61 70 61 20 6b 61 62 61 72 3f   halo, apa kabar?
/// > 21                                                !
/// ```
pub fn show(direction: char, bytes: &[u8]) {
    for line in bytes.chunks(LINE_LEN) {
        let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let is_text = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        let text: String =
            line.iter().map(|byte| if is_text(*byte) { char::from(*byte) } else { '.' }).collect();
        eprintln!("{direction} {:48}  {text}", hex.join(" "));
    }
}
