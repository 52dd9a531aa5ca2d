//! What the tap says, and what it does not take.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::process::Command;

use crate::stage::{Tap, rest};

#[test]
fn both_directions_are_shown_with_every_byte_visible() {
    let tap = Tap::start(&[]);
    let [mut client, mut server] = tap.connect();
    client.write_all(b"it's\r\n\0\xff").unwrap();
    server.read_exact(&mut [0; 8]).unwrap();
    let said = tap.until(r#" ms  -->  "it's\r\n\0\xff""#);
    assert!(said.contains("   1      +0.000 ms  ***  127.0.0.1:"), "{said}");
    server.write_all(&[b'x'; 1000]).unwrap();
    client.read_exact(&mut [0; 1000]).unwrap();
    let said = tap.until(r#" ms  <--  "xxxx"#);
    assert!(said.contains(r#"xx"... (1 000 bytes)"#), "{said}");
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn each_connection_has_a_number() {
    let tap = Tap::start(&[]);
    let [first, second] = [tap.connect(), tap.connect()];
    second[0].shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&second[1]), b"");
    let said = tap.until("end (FIN): the client has no more to say; the server may go on");
    assert!(said.lines().last().unwrap().starts_with("   2 "), "{said}");
    drop(first);
    let said = tap.until("closed; 0 bytes -->, 0 bytes <--");
    assert!(said.lines().last().unwrap().starts_with("   1 "), "{said}");
}

#[test]
fn nonsense_is_a_usage_mistake() {
    let usual = ["--listen", "0", "--to", "5001"];
    let cases: [(&[&str], &str); 7] = [
        (&[usual.as_slice(), &["--chunk", "0"]].concat(), "invalid value '0' for '--chunk"),
        (&[usual.as_slice(), &["--delay=-1"]].concat(), "invalid value '-1' for '--delay"),
        (&["--listen", "0", "--to", "0"], "nobody can be reached at port 0"),
        (&["--listen", "0", "--to", "127.0.0.1"], "it is no port and no address"),
        (&["--listen", "70000", "--to", "5001"], "it is no port and no address"),
        (&["--listen", "5001", "--to", "127.0.0.1:5001"], "the tap would talk to itself"),
        (&["--to", "5001"], "--listen <ADDRESS>"),
    ];
    for (options, words) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lab"));
        let output = command.arg("tap").args(options).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}: {errors}");
        assert!(errors.contains(words), "{options:?}: {errors}");
    }
}

#[test]
fn a_port_that_is_taken_is_said_with_a_way_out() {
    let tap = Tap::start(&[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lab"));
    command.args(["tap", "--to", "5001", "--listen", &tap.address.to_string()]);
    let output = command.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("is another tap running? --listen 0 takes any free port"), "{errors}");
}
