//! The judge judged: what it says of programs that misbehave, and that it ends in time.

use std::fs;
use std::time::{Duration, Instant};

use wirelab::{Defendant, Lab, Patience, Reply, Verdict, Wanted, hear};

/// Judges a program with `habit` and returns what is said of it.
fn said_of(habit: &str, conversation: impl FnOnce(&Lab)) -> String {
    let command = format!("'{}' '{habit}' {{port}}", env!("CARGO_BIN_EXE_misbehave"));
    let started = Instant::now();
    let patience = Patience::of(Duration::from_millis(500));
    let verdict = hear(Defendant::by_command(&command), patience, "it_echoes", conversation);
    assert!(started.elapsed() < Duration::from_secs(60), "the judge ends in time");
    match verdict {
        Verdict::Passed => "passed".to_string(),
        Verdict::Failed { report, .. } => report,
        other => panic!("{other:?}"),
    }
}

fn an_echo(lab: &Lab) {
    lab.server().peer().send("halo").expect("halo").half_close().expect_eof();
}

#[track_caller]
fn assert_says(report: &str, words: &[&str]) {
    for words in words {
        assert!(report.contains(words), "the report does not say {words:?}:\n{report}");
    }
}

#[test]
fn a_program_that_echoes_passes() {
    assert_eq!(said_of("echoes", an_echo), "passed");
}

#[test]
fn a_program_that_exits_at_once_is_told_with_its_code_and_last_words() {
    let report = said_of("exits at once", an_echo);
    assert_says(&report, &["the program ended before it listened", "exited with code 3"]);
    assert_says(&report, &["| I have other plans"]);
}

#[test]
fn a_program_that_panics_is_told_with_its_panic() {
    let report = said_of("panics at once", an_echo);
    assert_says(&report, &["the program ended before it listened", "exited with code 101"]);
    assert_says(&report, &["| no plan at all"]);
}

#[test]
fn a_program_that_never_listens_is_given_up() {
    let report = said_of("never listens", an_echo);
    assert_says(&report, &["the program runs, but after 1.5 s it listens on no port"]);
}

#[test]
fn a_program_that_listens_on_another_port_is_told_so() {
    let report = said_of("listens elsewhere", an_echo);
    assert_says(&report, &["the program listens on another port: ", "listens on port "]);
}

#[test]
fn a_port_that_is_always_in_use_is_said_after_some_tries() {
    let report = said_of("says its port is in use", an_echo);
    assert_says(&report, &["it says that its port is in use", "| Address already in use"]);
}

#[test]
fn a_program_that_hangs_is_silent_and_not_closed() {
    let report = said_of("hangs", an_echo);
    assert_says(&report, &["got    nothing, then silent for 0.5 s", "want   \"halo\" (4 bytes)"]);
}

#[test]
fn a_program_that_closes_early_is_closed_and_not_silent() {
    let report = said_of("closes early", an_echo);
    assert_says(&report, &["got    \"ha\" (2 bytes), then closed by the server"]);
    assert_says(&report, &["2 bytes more are due"]);
}

#[test]
fn a_reset_is_neither_an_end_nor_silence() {
    let report = said_of("resets", |lab| {
        let server = lab.server();
        // It closes with bytes unread, which makes the kernel send a reset.
        server.peer().send("x".repeat(5000)).expect("x");
    });
    assert_says(&report, &["got    nothing, then reset by the server"]);
}

#[test]
fn other_words_are_told_by_their_first_difference() {
    let report = said_of("answers in other words", |lab| {
        lab.server().peer().send("1 halo").expect("1 halo");
    });
    assert_says(&report, &["got    \"1 HALO\" (6 bytes)"]);
    assert_says(&report, &["first difference at byte 2: \"H\" came, \"h\" was due"]);
}

#[test]
fn a_line_may_vary_where_its_pattern_has_letters_and_nowhere_else() {
    let said = |line: &'static str| {
        said_of("echoes", move |lab| {
            let server = lab.server();
            let time = server.peer().send(line).expect_line_like("JAM hh:mm\r\n");
            assert_eq!((time.number('h'), time.number('m')), (9, 45));
        })
    };
    assert_eq!(said("JAM 09:45\r\n"), "passed");
    let report = said("JAM 9:45\r\n.");
    assert_says(&report, &["first difference at byte 5: \":\" came, a digit was due"]);
    assert_says(&report, &["want   \"JAM hh:mm\\r\\n\", where each small letter is a digit"]);
}

#[test]
fn nothing_is_nothing_only_as_long_as_nothing_has_come() {
    let report = said_of("echoes", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.expect_nothing(&server).send("halo").expect_nothing(&server);
    });
    assert_says(&report, &["A * has nothing yet", "got    \"halo\" (4 bytes)"]);
    assert_says(&report, &["want   nothing yet: neither bytes nor an end"]);
}

#[test]
fn a_program_that_dies_in_the_middle_is_told_with_its_end_and_no_terminal_codes() {
    let report = said_of("dies in the middle", an_echo);
    assert_says(
        &report,
        &["closed by the server", "exited with code 101", "a bug\u{fffd}[31m in red"],
    );
}

#[test]
fn a_program_that_reads_nothing_is_told_how_much_it_took() {
    let report = said_of("never reads", |lab| {
        lab.server().peer().send(lab.drawn(32 << 20));
    });
    assert_says(&report, &["the server takes no more after ", "silent for 0.5 s"]);
    let report = said_of("never reads", |lab| {
        lab.server().peer().send("halo").until_read();
    });
    assert_says(&report, &["after 0.5 s still unread: 4 bytes"]);
}

#[test]
fn a_loop_that_logs_is_never_at_rest_and_one_that_waits_is() {
    let until_at_rest = |lab: &Lab| {
        lab.server().until_at_rest();
    };
    let report = said_of("logs what it tries in vain", until_at_rest);
    assert_says(&report, &["it is still busy after 0.5 s", "| not now"]);
    assert_eq!(said_of("looks at its clocks", until_at_rest), "passed");
}

#[test]
fn a_program_that_floods_its_output_is_drained_and_told_so() {
    let report = said_of("floods", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("halo").expect("halo").expect("never");
    });
    assert_says(&report, &["The server floods its output", "the same line again and again"]);
}

#[test]
fn the_children_of_a_program_listen_for_it_and_end_with_it() {
    let mut port = 0;
    let report = said_of("leaves it to a child", |lab| {
        let server = lab.server();
        port = server.port();
        server.peer().send("halo").expect("halo");
    });
    assert_eq!(report, "passed");
    let listens = format!(":{port:04X} 00000000:0000 0A");
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    assert!(!sockets.contains(&listens), "port {port} is still open");
}

#[test]
fn two_commands_at_once_are_given_two_ports() {
    let report = said_of("echoes", |lab| {
        let (first, second) = (lab.server(), lab.server());
        assert_ne!(first.port(), second.port());
        first.peer().send("one").expect("one");
        second.peer().send("two").expect("two");
    });
    assert_eq!(report, "passed");
}

#[test]
fn a_frozen_server_meets_all_at_once_what_came_meanwhile() {
    let report = said_of("echoes", |lab| {
        let server = lab.server();
        server.freeze();
        let mut peer = server.peer();
        peer.send("one").send("two");
        server.thaw();
        peer.expect("onetwo");
    });
    assert_eq!(report, "passed");
}

#[test]
fn a_command_without_a_place_for_the_port_is_not_judged() {
    let patience = Patience::of(Duration::from_millis(500));
    let verdict = hear(Defendant::by_command("true"), patience, "it_echoes", an_echo);
    assert!(matches!(verdict, Verdict::NotJudged(why) if why.contains("{port}")));
}

#[test]
fn whoever_refuses_may_close_or_reset_but_neither_answer_nor_be_silent() {
    let gone = |habit: &str, len: usize| {
        said_of(habit, move |lab| {
            lab.server().peer().send("x".repeat(len)).half_close().expect_gone();
        })
    };
    assert_eq!(gone("resets", 5000), "passed");
    assert_eq!(gone("resets", 10), "passed");
    assert_says(&gone("hangs", 10), &["got    nothing, then silent for 0.5 s"]);
    let report = gone("closes early", 10);
    assert_says(
        &report,
        &["got    \"xxxxx\" (5 bytes)", "want   the end of the stream or a reset"],
    );
}

#[test]
fn bytes_that_may_be_written_in_several_ways_are_judged_by_what_they_mean() {
    let doubled = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == b'.')?;
        Some((bytes[..end].repeat(2), end + 1))
    };
    let report = said_of("echoes", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("ha.hi.").expect_as("doubled", "haha", doubled);
        peer.expect_as("doubled", "hihi", doubled);
        peer.send("ho.").expect_as("doubled", "hoha", doubled);
    });
    assert_says(&report, &["got    doubled: \"hoho\" (4 bytes)", "first difference at byte 3"]);
    assert_says(&report, &["want   doubled: \"hoha\" (4 bytes)"]);
    let report = said_of("echoes", |lab| {
        lab.server().peer().send("ha").expect_as("doubled", "haha", doubled);
    });
    assert_says(&report, &["got    \"ha\" (2 bytes), then silent for 0.5 s"]);
}

#[test]
fn a_program_that_hoards_is_told_how_much_it_holds() {
    let grown = |habit: &str| {
        said_of(habit, |lab| {
            let server = lab.server();
            server.expect_to_grow_at_most(4 << 20, || {
                let mut peer = server.peer();
                peer.send("halo").expect("halo");
                peer
            });
        })
    };
    assert_eq!(grown("echoes"), "passed");
    assert_says(
        &grown("hoards"),
        &["bytes more than before", "want   holds at most 4 194 304 bytes"],
    );
}

/// Judges `response`, which an echo brings back, by what is `wanted`.
fn said_of_response(response: &'static str, wanted: &Wanted) -> String {
    said_of("echoes", |lab| {
        lab.server().peer().send(response).expect_response(wanted);
    })
}

#[test]
fn a_response_is_judged_by_what_it_means() {
    let wanted = Wanted::one_of(&[200, 201]).field("Content-Type", "a/b").body("hello");
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 201\r\ncontent-length:5\r\nX:\r\nCONTENT-TYPE:\ta/b \r\n\r\nhello",
        "HTTP/1.1 200 \r\nContent-type:a/b\r\ntransfer-encoding:Chunked\r\n\r\n\
         2;x\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello",
    ] {
        assert_eq!(said_of_response(response, &wanted), "passed");
    }
}

#[test]
fn a_response_with_another_status_is_told_with_what_is_named() {
    let wanted = Wanted::status(405).field_lists("Allow", "GET");
    let response = "HTTP/1.1 404 Not Found\r\nAllow: x\r\nA: b\r\nContent-Length: 2\r\n\r\nno";
    let report = said_of_response(response, &wanted);
    assert_says(&report, &["got    404 Not Found, Allow: x, \"no\"\n"]);
    assert_says(&report, &["want   405, Allow with GET"]);
}

#[test]
fn a_response_that_lacks_something_is_told_what() {
    let wanted = Wanted::status(405).field_lists("Allow", "GET");
    let response = "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n";
    assert_says(&said_of_response(response, &wanted), &["the field Allow is missing"]);
    let wanted = Wanted::status(200).body("hallo");
    let response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let report = said_of_response(response, &wanted);
    assert_says(&report, &["first difference at byte 1: \"e\" came, \"a\" was due"]);
}

#[test]
fn a_body_that_does_not_come_whole_is_told_how_much_came() {
    let wanted = Wanted::status(200);
    let response = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello";
    let report = said_of_response(response, &wanted);
    assert_says(&report, &["then silent for 0.5 s", "5 of 50 bytes of the body have come"]);
}

#[test]
fn what_is_no_response_is_told_why() {
    let wanted = Wanted::status(200);
    let report = said_of_response("hello\r\n", &wanted);
    assert_says(&report, &["no HTTP: \"hello\" is not how a message begins"]);
    let report = said_of_response("HTTP/1.1 200 OK\nContent-Length: 0\n\n", &wanted);
    assert_says(&report, &["no HTTP: a line of the head ends in LF alone"]);
}

/// Judges a server for datagrams with `habit` by two datagrams and their echoes.
fn said_of_datagrams(habit: &str) -> String {
    said_of(habit, |lab| {
        let server = lab.udp_server_with(&[]);
        let mut peer = server.udp_peer();
        peer.send("halo").expect("halo").send("one").send("two");
        peer.expect_each(&["two".into(), "one".into()]).expect_nothing(&server);
    })
}

#[test]
fn datagrams_that_come_back_whole_and_once_pass_in_any_order() {
    assert_eq!(said_of_datagrams("echoes datagrams"), "passed");
}

#[test]
fn a_datagram_that_is_cut_is_told_by_what_is_missing() {
    let report = said_of_datagrams("cuts datagrams");
    assert_says(&report, &["failed A < a datagram: \"halo\"", "got    \"hal\" (3 bytes)"]);
    assert_says(&report, &["want   one datagram with just this in it: \"halo\" (4 bytes)"]);
}

#[test]
fn a_datagram_too_many_is_told() {
    let report = said_of_datagrams("repeats datagrams");
    assert_says(&report, &["got    \"halo\" (4 bytes)", "want   one datagram with just this"]);
    let report = said_of("repeats datagrams", |lab| {
        let server = lab.udp_server_with(&[]);
        server.udp_peer().send("halo").expect("halo").expect_nothing(&server);
    });
    assert_says(&report, &["got    \"halo\" (4 bytes)", "want   no datagram yet"]);
}

#[test]
fn a_datagram_that_never_comes_or_comes_from_elsewhere_is_silence() {
    for habit in ["swallows datagrams", "sends other datagrams"] {
        assert_says(&said_of_datagrams(habit), &["got    nothing, then silent for 0.5 s"]);
    }
}

#[test]
fn a_dead_child_that_nobody_asks_for_is_told() {
    let report = said_of("forgets its children", |lab| {
        lab.server().expect_no_children();
    });
    assert_says(&report, &["got    alive: 0, dead and never asked for: 1"]);
}

/// What is said of a reply when `wanted` was due.
fn said_of_reply(text: &'static str, wanted: Reply) -> String {
    said_of("echoes", move |lab| {
        let server = lab.server();
        server.peer().send(text).expect_reply(&wanted);
    })
}

#[test]
fn a_reply_in_json_is_judged_by_what_it_means() {
    let list = Reply::list(&["a.txt", "\u{e9}"]);
    for text in [
        "{\"status\": \"OK\", \"data\": [\"a.txt\", \"\\u00e9\"]}\r\n\r\n",
        "{\n \"data\": [\n \"\u{e9}\",\n \"a\\u002etxt\"\n ],\n \"more\": {},\n \"status\": \"OK\"\n}\n\r\n\r\n",
    ] {
        assert_eq!(said_of_reply(text, list.clone()), "passed");
    }
    let file = Reply::file("a/b", [0xff, 0xff, 0xff]);
    let text = "{\"data_file\": \"\\/\\/\\/\\/\", \"data_namafile\": \"a\\/b\", \"status\": \"OK\"}\r\n\r\n";
    assert_eq!(said_of_reply(text, file), "passed");
    let error = "{\"status\": \"ERROR\", \"data\": \"whatever\"}\r\n\r\n";
    assert_eq!(said_of_reply(error, Reply::error()), "passed");
    assert_eq!(said_of_reply(error, Reply::any()), "passed");
}

#[test]
fn a_reply_that_is_otherwise_is_told_by_what_is_otherwise() {
    let report =
        said_of_reply("{\"status\": \"OK\", \"data\": [\"b\"]}\r\n\r\n", Reply::list(&["a"]));
    assert_says(&report, &["got    \"status\": \"OK\", \"data\": the list [\"b\"]"]);
    assert_says(&report, &["want   OK, the list [\"a\"]"]);
    let report = said_of_reply("{\"status\": \"OK\", \"data\": \"no\"}\r\n\r\n", Reply::error());
    assert_says(&report, &["\"status\" is \"OK\"", "want   ERROR, and why"]);
    let text = "{\"status\": \"OK\", \"data_namafile\": \"a\", \"data_file\": \"eA=\"}\r\n\r\n";
    let report = said_of_reply(text, Reply::file("a", "x"));
    assert_says(&report, &["\"data_file\" is no base64: \"eA=\""]);
    let text = "{\"status\": \"OK\", \"data_namafile\": \"a\", \"data_file\": \"eA==\"}\r\n\r\n";
    let report = said_of_reply(text, Reply::file("a", "y"));
    assert_says(&report, &["first difference at byte 0: \"x\" came, \"y\" was due"]);
}

#[test]
fn a_reply_that_is_no_json_or_has_no_end_is_told_so() {
    let report = said_of_reply("{'status': 'OK'}\r\n\r\n", Reply::ok());
    assert_says(&report, &["no JSON: \"'\" at byte 1 is not due there"]);
    let report = said_of_reply("{\"status\": \"OK\"}\r\n", Reply::ok());
    assert_says(&report, &["then silent for 0.5 s", "no CR LF CR LF ends it"]);
    let deep = Box::leak(format!("{}\r\n\r\n", "[".repeat(100_000)).into_boxed_str());
    assert_says(&said_of_reply(deep, Reply::ok()), &["too deep at byte 17"]);
}

#[test]
fn what_stands_between_two_texts_is_handed_back() {
    let said = |sent: &'static str| {
        said_of("echoes", move |lab| {
            let server = lab.server();
            let mut peer = server.peer();
            let between = peer.send(sent).expect_between("UPLOAD ", "\r\n\r\n");
            assert_eq!(between.bytes(), b"a \r\nb");
            peer.send("LIST").expect("LIST");
        })
    };
    assert_eq!(said("UPLOAD a \r\nb\r\n\r\n"), "passed");
    let report = said("UPLOAD a \r\nb\r\n");
    assert_says(&report, &["silent for 0.5 s", "want   anything, and then \"\\r\\n\\r\\n\""]);
}

#[test]
fn a_line_of_a_file_is_told_by_its_place() {
    let report = said_of("echoes", |lab| {
        let folder = lab.folder();
        folder.put("table.csv", "no,seconds\n1,0.250\n2,0\n");
        folder.expect_lines("table.csv", &["no,seconds", "1,*", "2,*"]);
    });
    assert_says(&report, &["got    line 3: 2,0", "want   line 3: 2,*"]);
    let report = said_of("echoes", |lab| {
        let folder = lab.folder();
        folder.put("table.csv", "no,seconds\n");
        folder.expect_lines("table.csv", &["no,seconds", "1,*"]);
    });
    assert_says(&report, &["got    no line 2", "want   line 2: 1,*"]);
}
