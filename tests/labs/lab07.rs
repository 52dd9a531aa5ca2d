//! What the file server promises in its three modes and two languages, and its client, and its
//! stress test.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep. A reply is judged by what it means: its blanks, its escapes,
//! the order of its keys and the words of an error are free. Where the first file server of the
//! course fixes the bytes, a promise of its own holds the lab's program to them.

use wirelab::{Folder, Lab, Payload, Peer, Reply, Server, promise};

const HELLO: &str = "halo dunia\n";

/// What ends a request.
const END: &str = "\r\n\r\n";

/// The longest command with its name that is understood.
const HEAD_LEN_MAX: usize = 1024;

/// A request.
fn request(words: &str) -> Payload {
    Payload::text(format!("{words}{END}"))
}

fn list() -> Payload {
    request("LIST")
}

/// An empty folder for a server.
fn storage(lab: &Lab) -> Folder {
    lab.folder_for("--storage")
}

/// A folder with one small file.
fn storage_with_hello(lab: &Lab) -> Folder {
    let folder = storage(lab);
    folder.put("hello.txt", HELLO);
    folder
}

/// Asks a server for its list on a connection of its own, and gets the one small file in it.
#[track_caller]
fn ask(server: &Server) -> Peer {
    let mut peer = server.peer();
    peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    peer
}

/// Sends each of `requests` cut at every place where it can be cut, so that each half comes in a
/// read of its own, and expects the same of each.
#[track_caller]
fn cut_anywhere(lab: &Lab, peer: &mut Peer, request: &Payload, wanted: &Reply) {
    let mut cut = 0;
    lab.repeat(request.bytes().len() - 1, || {
        cut += 1;
        let (front, rest) = request.bytes().split_at(cut);
        peer.send(front).until_read().send(rest).expect_reply(wanted);
    });
}

// Given: it holds before the first exercise.

#[test]
fn ex7_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--mode", "hope"]);
        program.expect_error(&["hope", "process", "Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["--workers", "0"]);
        program.expect_error(&["at least 1", "Usage:", "Examples:"]).expect_exit(2);
    });
}

#[test]
fn ex7_0_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        let folder = storage(lab);
        lab.server_over(&folder, &[]).expect_ready_line();
    });
}

#[test]
fn ex7_0_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let folder = storage(lab);
        let first = lab.server_over(&folder, &[]);
        let second = lab.server_over_in_vain(&folder, first.port());
        second.expect_error(&["in use"]).expect_exit(1);
        first.peer();
    });
}

#[test]
fn ex7_0_ctrl_c_ends_a_server_that_waits_with_exit_code_0() {
    promise!("A thread that waits in accept hears no signal: another must.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        server.until_at_rest();
        server.interrupt().expect_exit(0);
    });
}

// 7.1 Requests out of the stream.

#[test]
fn ex7_1_list_brings_the_names_of_all_files() {
    promise!("A reply in JSON has no length: CR LF CR LF says where it ends.", |lab| {
        let folder = storage(lab);
        folder.put("a.txt", "one").put("B.bin", "two");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(list()).expect_reply(&Reply::list(&["B.bin", "a.txt"]));
    });
}

#[test]
fn ex7_1_an_empty_folder_has_an_empty_list() {
    promise!("Nothing to tell is something to tell: a reply comes all the same.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(list()).expect_reply(&Reply::list(&[]));
    });
}

#[test]
fn ex7_1_the_replies_have_exactly_the_bytes_of_the_original() {
    promise!("A program that looks for certain bytes finds no others.", |lab| {
        lab.not_for_commands("a command may write its JSON in any style");
        let folder = storage(lab);
        folder.put("a.txt", "one").put("B.bin", "two");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let mut ask = |words: &str, reply: &str| {
            peer.send(request(words)).expect(Payload::text(format!("{reply}{END}")));
        };
        ask("LIST", r#"{"status": "OK", "data": ["B.bin", "a.txt"]}"#);
        ask("", r#"{"status": "ERROR", "data": "Format perintah tidak valid"}"#);
        ask("FOO", r#"{"status": "ERROR", "data": "Perintah tidak valid"}"#);
        ask("GET", r#"{"status": "ERROR", "data": "Nama file tidak disediakan"}"#);
        ask("UPLOAD", r#"{"status": "ERROR", "data": "Tidak ada data untuk diunggah"}"#);
        ask("UPLOAD x", r#"{"status": "ERROR", "data": "Tidak ada data untuk diunggah"}"#);
    });
}

#[test]
fn ex7_1_a_request_cut_at_any_place_is_one_request() {
    promise!("TCP keeps no message boundaries: a request may arrive in many reads.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        cut_anywhere(lab, &mut peer, &list(), &Reply::list(&["hello.txt"]));
        cut_anywhere(lab, &mut peer, &request("FOO\r\nBAR"), &Reply::error());
    });
}

#[test]
fn ex7_1_a_request_without_its_end_is_not_a_request_yet() {
    promise!("Only CR LF CR LF ends a request, and nothing less does.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send("LIST").until_read().expect_nothing(&server);
        peer.send("\r\n\r").until_read().expect_nothing(&server);
        peer.send("\n").expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_two_requests_in_one_segment_get_two_replies() {
    promise!("A segment is not a message: one read may bring two, and a half.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = Reply::list(&["hello.txt"]);
        let mut peer = server.peer();
        server.freeze();
        peer.send(list().and(request("FOO")).and(list()).and("LI"));
        server.thaw();
        peer.expect_reply(&wanted).expect_reply(&Reply::error()).expect_reply(&wanted);
        peer.expect_nothing(&server).send("ST\r\n\r\n").expect_reply(&wanted);
    });
}

#[test]
fn ex7_1_two_thousand_requests_at_once_get_as_many_replies() {
    promise!("A buffer ends somewhere, and a request need not end there.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        // More than any buffer holds, and of a length that divides none.
        let long = request(&format!("FOO {}", "x".repeat(91)));
        peer.send(long.times(2000));
        lab.repeat(2000, || {
            peer.expect_reply(&Reply::error());
        });
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_what_nobody_understands_is_an_error_and_the_conversation_goes_on() {
    promise!("Whoever asks in vain must hear so: silence tells nothing.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for words in ["FOO", "", "LISTS", "halo\r\ndunia", "{\"LIST\": 1}"] {
            peer.send(request(words)).expect_reply(&Reply::error());
        }
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_a_request_that_lacks_something_is_an_error_and_the_conversation_goes_on() {
    promise!("A name is not there only because it is due.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for words in ["GET", "GET ", "DELETE", "DELETE ", "UPLOAD", "UPLOAD ", "UPLOAD new.txt"] {
            peer.send(request(words)).expect_reply(&Reply::error());
        }
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
        folder.expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex7_1_bytes_that_are_no_text_are_an_error_and_the_conversation_goes_on() {
    promise!("Anybody may send any bytes; that they are text is only a hope.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let every_value: Vec<u8> = (0..=255).filter(|byte| *byte != b'\r').collect();
        for garbage in [&b"\xff\xfe"[..], b"GET \xff", &every_value] {
            peer.send(Payload::from(garbage).and(END)).expect_reply(&Reply::error());
        }
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_a_command_may_be_written_in_small_letters() {
    promise!("The original knows small letters too, and some clients use them.", |lab| {
        lab.not_for_commands("a command may know capitals only");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(request("list")).expect_reply(&Reply::list(&["hello.txt"]));
        peer.send(request("List")).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_a_request_that_is_too_long_is_refused_once_and_skipped() {
    promise!("A limit that is never reached in tests is reached by strangers.", |lab| {
        lab.not_for_commands("a command may have other limits");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let error =
            |words| Payload::text(format!("{{\"status\": \"ERROR\", \"data\": \"{words}\"}}{END}"));
        let (unknown, too_long) =
            (error("Perintah tidak valid"), error("Perintah terlalu panjang"));
        let mut peer = server.peer();
        for (len, reply) in
            [(HEAD_LEN_MAX, &unknown), (HEAD_LEN_MAX + 1, &too_long), (70_000, &too_long)]
        {
            peer.send(Payload::from("x".repeat(len)).and(END)).expect(reply);
            peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
        }
    });
}

#[test]
fn ex7_1_a_request_without_an_end_costs_little_memory() {
    promise!("Whoever keeps a request until it is whole keeps what strangers send.", |lab| {
        lab.not_for_commands("a command may have other limits");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        server.expect_to_grow_at_most(1 << 20, || {
            peer.send(vec![b'x'; 8 << 20]).until_read();
        });
        peer.send(END).expect_reply(&Reply::error());
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_names_of_all_kinds_come_as_valid_json() {
    promise!("A quote in a name ends a string, unless somebody keeps it from that.", |lab| {
        let folder = storage(lab);
        let names = [
            "quote\".txt",
            "back\\slash",
            "tab\tline\nend",
            "b\u{8}f\u{c}\r\u{1b}[31m\u{7f}",
            "\u{e9}\u{4e16}\u{754c}\u{1f600}",
            "two words",
            "a..b",
            "\\u0041",
        ];
        for name in names {
            folder.put(name, "");
        }
        let server = lab.server_over(&folder, &[]);
        server.peer().send(list()).expect_reply(&Reply::list(&names));
    });
}

#[test]
fn ex7_1_the_json_of_a_name_has_the_escapes_of_the_original() {
    promise!("A program that reads ASCII reads any name that is written in ASCII.", |lab| {
        lab.not_for_commands("a command may write a letter as it is");
        let folder = storage(lab);
        folder.put("\u{e9}\u{1f600}\"\\\n\u{1}/".trim_end_matches('/'), "");
        let server = lab.server_over(&folder, &[]);
        let reply = r#"{"status": "OK", "data": ["\u00e9\ud83d\ude00\"\\\n\u0001"]}"#;
        server.peer().send(list()).expect(Payload::text(format!("{reply}{END}")));
    });
}

#[test]
fn ex7_1_only_files_are_in_the_list() {
    promise!("What cannot be asked for need not be told.", |lab| {
        lab.not_for_commands("a command may name what else is there");
        let folder = storage_with_hello(lab);
        folder.put("folder/inside.txt", "").put(".hidden", "").put_link("link", "hello.txt");
        folder.put_pipe("pipe");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_1_a_long_list_comes_whole() {
    promise!("One write takes what the kernel has room for, and says how much that was.", |lab| {
        let folder = storage(lab);
        folder.put_many(5000);
        let names: Vec<_> = folder.names().into_iter().collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let wanted = Reply::list(&names).shown_as("the list of all names");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer_with_little_room();
        peer.send(list().times(3));
        server.until_at_rest();
        peer.expect_reply(&wanted).expect_reply(&wanted).expect_reply(&wanted);
    });
}

#[test]
fn ex7_1_requests_that_come_together_with_the_end_are_answered() {
    promise!("Whoever has nothing more to say may still listen.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = Reply::list(&["hello.txt"]);
        server.freeze();
        let mut peer = server.peer();
        peer.send(list().times(2)).half_close();
        server.thaw();
        peer.expect_reply(&wanted).expect_reply(&wanted).expect_gone();
        server.peer().half_close().expect_gone();
        ask(&server);
    });
}

#[test]
fn ex7_1_what_is_not_finished_at_the_end_is_no_request() {
    promise!("The end of the stream ends a request as little as a pause does.", |lab| {
        lab.not_for_commands("the original takes the end for CR LF CR LF");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send("LIST\r\n\r").half_close().expect_gone();
        server.peer().send("FOO").half_close().expect_gone();
        ask(&server);
    });
}

#[test]
fn ex7_1_a_client_that_asks_once_and_reads_to_the_end_of_the_reply_is_served() {
    promise!("A client knows the end of a reply by its bytes; not all wait for a FIN.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        lab.repeat(100, || ask(&server).hang_up());
    });
}

#[test]
fn ex7_1_a_reset_in_the_middle_of_a_request_ends_one_client() {
    promise!("What one client does ends at most its own conversation.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        lab.repeat(3, || {
            server.peer().send("LIST\r\n").until_read().reset();
            server.freeze();
            server.peer().send(list().times(100)).reset();
            server.thaw();
            server.freeze();
            server.peer().reset();
            server.thaw();
        });
        ask(&server);
    });
}

#[test]
fn ex7_1_a_client_that_says_nothing_is_let_go() {
    promise!("TCP never says that nothing is coming; only a clock can.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &["--idle-limit", "0.2"]);
        server.peer().expect_gone();
        server.peer().send("LIST\r\n").expect_gone();
        let mut peer = ask(&server);
        peer.expect_gone();
        ask(&server);
    });
}

#[test]
fn ex7_1_what_has_arrived_is_answered_before_the_goodbye() {
    promise!("A signal may come when the bytes are there and not yet read.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = ask(&server);
        server.until_at_rest().freeze();
        peer.send(list().and(request("FOO")));
        server.interrupt().thaw();
        peer.expect_reply(&Reply::list(&["hello.txt"])).expect_reply(&Reply::error());
        peer.expect_gone();
        server.expect_exit(0);
    });
}

#[test]
fn ex7_1_stats_tells_what_has_been_transferred() {
    promise!("Whoever wants to know what a server has done must ask the server.", |lab| {
        lab.not_for_commands("STATS is ours: a command need not know it");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let reply = r#"{"status": "OK", "data": {"succeeded": 0, "failed": 0}}"#;
        server.peer().send(request("STATS")).expect(Payload::text(format!("{reply}{END}")));
    });
}
