//! What the file server promises in its three modes and two languages, and its client, and its
//! stress test.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep. A reply is judged by what it means: its blanks, its escapes,
//! the order of its keys and the words of an error are free. Where the first file server of the
//! course fixes the bytes, a promise of its own holds the lab's program to them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use wirelab::{Folder, Host, Lab, Payload, Peer, Program, Reply, Server, promise};

const HELLO: &str = "halo dunia\n";

/// Nothing of this may ever leave the server.
const SECRET: &str = "what lies outside is nobody's business";

/// What ends a request, and a reply.
const END: &str = "\r\n\r\n";

/// The longest command with its name that is understood.
const HEAD_LEN_MAX: usize = 1024;

/// More than any buffer holds, and more than anybody should keep in memory.
const LARGE: usize = 16_000_000;

/// What a transfer may cost, however large the file is.
const LITTLE_MEMORY: usize = 1 << 20;

/// The second language.
const RAW: [&str; 2] = ["--wire", "raw"];

/// How the names of a list in the second language are expected.
const SORTED: &str = "in any order";

/// A request.
fn request(words: &str) -> Payload {
    Payload::text(format!("{words}{END}"))
}

fn list() -> Payload {
    request("LIST")
}

fn get(name: &str) -> Payload {
    request(&format!("GET {name}"))
}

fn delete(name: &str) -> Payload {
    request(&format!("DELETE {name}"))
}

/// What stands in front of the content of an upload.
fn upload_head(name: &str) -> Payload {
    Payload::text(format!("UPLOAD {name} "))
}

/// An upload whose content has come through base64.
fn upload(name: &str, content: impl Into<Payload>) -> Payload {
    upload_head(name).and(content.into().as_base64()).and(END)
}

/// An upload with this as its base64.
fn upload_text(name: &str, text: &str) -> Payload {
    request(&format!("UPLOAD {name} {text}"))
}

/// An upload in the second language.
fn upload_raw(name: &str, content: impl Into<Payload>) -> Payload {
    let content = content.into();
    Payload::text(format!("UPLOAD {name} {}\r\n", content.bytes().len())).and(content)
}

/// A reply with exactly this text.
fn reply(text: &str) -> Payload {
    Payload::text(format!("{text}{END}"))
}

/// The reply to STATS.
fn stats(succeeded: u64, failed: u64) -> Payload {
    let data = format!(r#"{{"succeeded": {succeeded}, "failed": {failed}}}"#);
    reply(&format!(r#"{{"status": "OK", "data": {data}}}"#))
}

/// The line at the front of `bytes`, without its end, and how many bytes it has with it.
fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let len = bytes.windows(2).position(|it| it == b"\r\n")?;
    Some((&bytes[..len], len + 2))
}

/// Expects a line that says in raw why something is not done; its code and its words are free.
#[track_caller]
fn expect_refused(peer: &mut Peer) {
    const ANY: &str = "4xx or 5xx";
    peer.expect_as("and why", Payload::from(ANY).shown_as("an error (4xx or 5xx)"), |bytes| {
        let (line, len) = line(bytes)?;
        let is_refusal = line.len() > 4 && matches!(line[0], b'4' | b'5') && line[3] == b' ';
        let is_number = is_refusal && line[..3].iter().all(u8::is_ascii_digit);
        Some((if is_number { ANY.into() } else { line.to_vec() }, len))
    });
}

/// A list in raw, with its names sorted.
fn sorted_list(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let len = bytes.windows(4).position(|it| it == END.as_bytes())?;
    let mut names: Vec<_> = bytes[..len].split(|byte| *byte == b'\n').collect();
    names.sort_unstable();
    Some((names.join(&b'\n').into_iter().chain(END.bytes()).collect(), len + END.len()))
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

/// Sends `request` cut at every place where it can be cut, so that each half comes in a read of its
/// own, and expects the same of each.
#[track_caller]
fn cut_anywhere(lab: &Lab, server: &Server, peer: &mut Peer, request: &Payload, wanted: &Reply) {
    let mut cut = 0;
    lab.repeat(request.bytes().len() - 1, || {
        cut += 1;
        let (front, rest) = request.bytes().split_at(cut);
        peer.send(front);
        server.until_at_rest();
        peer.send(rest).expect_reply(wanted);
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

// Given: the client, but for its transfers.

#[test]
fn ex7_0_the_client_shows_one_name_on_a_line() {
    promise!("A list is for people and for programs: one name a line suits both.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["list"]);
        let mut peer = host.accept();
        peer.expect(list()).send(reply(r#"{"status": "OK", "data": ["B.bin", "a.txt"]}"#));
        peer.expect_gone().hang_up();
        client.expect_shown("B.bin\na.txt\n").expect_exit(0);
    });
}

#[test]
fn ex7_0_the_client_reads_json_in_any_style_and_in_any_pieces() {
    promise!("The same object may be written in many ways, and a reader knows them all.", |lab| {
        let host = lab.host();
        let texts = [
            r#"{"data":["B.bin","\u0061.txt"],"status":"OK"}"#,
            "{\n  \"count\": 2,\n  \"status\": \"OK\",\n  \"data\": [\n    \"B.bin\",\n    \"a.txt\"\n  ]\n}\n",
        ];
        for text in texts {
            let client = lab.client(host.address(), &["list"]);
            let mut peer = host.accept();
            peer.expect(list());
            let bytes = reply(text);
            let mut pieces = bytes.bytes().chunks(5);
            lab.repeat(pieces.len(), || {
                peer.send(pieces.next().unwrap_or_default());
                client.until_at_rest();
            });
            peer.hang_up();
            client.expect_shown("B.bin\na.txt\n").expect_exit(0);
        }
    });
}

#[test]
fn ex7_0_the_client_ends_with_the_reply_and_not_with_the_connection() {
    promise!("Some servers close behind a reply, and some never do.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["list"]);
        let mut peer = host.accept();
        peer.expect(list()).send(reply(r#"{"status": "OK", "data": ["a.txt"]}"#)).hang_up();
        client.expect_shown("a.txt\n").expect_exit(0);
        let client = lab.client(host.address(), &["delete", "a.txt"]);
        let mut peer = host.accept();
        peer.expect(request("DELETE a.txt"));
        peer.send(reply(r#"{"status": "OK", "data": "File a.txt berhasil dihapus"}"#));
        peer.expect_gone().hang_up();
        client.expect_exit(0);
    });
}

#[test]
fn ex7_0_what_the_server_refuses_is_a_sentence_and_exit_code_1() {
    promise!(
        "An error in a reply is a reply; only who reads it knows that it is an error.",
        |lab| {
            let host = lab.host();
            for arguments in [&["list"][..], &["delete", "a.txt"]] {
                let client = lab.client(host.address(), arguments);
                let mut peer = host.accept();
                peer.expect(request(
                    &arguments.join(" ").replace("list", "LIST").replace("delete", "DELETE"),
                ));
                peer.send(reply(r#"{"status": "ERROR", "data": "di sini tidak boleh"}"#));
                client.expect_error(&["di sini tidak boleh"]).expect_exit(1);
            }
        }
    );
}

#[test]
fn ex7_0_a_reply_that_breaks_off_is_a_sentence_and_exit_code_1() {
    promise!("An end of stream before the end of the reply is a loss, not an end.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["list"]);
        host.accept().expect(list()).hang_up();
        client.expect_trouble("closed", host.address()).expect_exit(1);
        for cut in ["{\"status\": \"OK\", \"da", "{\"status\": \"OK\", \"data\": []}\r\n\r"] {
            let client = lab.client(host.address(), &["list"]);
            let mut peer = host.accept();
            peer.expect(list()).send(cut).hang_up();
            client.expect_trouble("closed", host.address()).expect_exit(1);
        }
    });
}

#[test]
fn ex7_0_a_reply_that_is_none_is_a_sentence_and_exit_code_1() {
    promise!("Whoever listens on a port need not speak the language that is usual there.", |lab| {
        let host = lab.host();
        for nonsense in [
            "HTTP/1.1 400 Bad Request",
            "{'status': 'OK', 'data': []}",
            r#"{"status": "OK"}"#,
            r#"{"data": []}"#,
            r#"{"status": "OK", "data": "a.txt"}"#,
            r#"{"status": "OK", "data": [1, 2]}"#,
            "[]",
            "",
        ] {
            let client = lab.client(host.address(), &["list"]);
            host.accept().expect(list()).send(reply(nonsense));
            client.expect_error(&[]).expect_exit(1);
        }
    });
}

#[test]
fn ex7_0_a_reply_without_an_end_is_given_up() {
    promise!("A client too keeps what strangers send; it too needs a limit.", |lab| {
        lab.not_for_commands("a command may have another limit");
        let host = lab.host();
        let client = lab.client(host.address(), &["list"]);
        let mut peer = host.accept();
        peer.expect(list()).send(vec![b' '; 17 << 20]);
        client.expect_error(&["16777216 bytes"]).expect_exit(1);
    });
}

#[test]
fn ex7_0_a_silent_server_is_given_up_and_one_that_is_not_there_is_told() {
    promise!("TCP never says that nothing is coming; only a clock can.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--time-limit", "0.2", "list"]);
        let mut peer = host.accept();
        peer.expect(list()).send("{\"status\"");
        client.expect_trouble("silent", host.address()).expect_exit(1);
        let nobody = lab.nobody();
        let client = lab.client(nobody.address(), &["list"]);
        client.expect_trouble("refused", nobody.address()).expect_exit(1);
    });
}

#[test]
fn ex7_0_a_file_that_is_not_there_is_a_sentence_and_exit_code_1() {
    promise!("Whoever begins to talk should know what he is going to say.", |lab| {
        let folder = storage(lab);
        let missing = folder.path().with_file_name("missing.txt");
        let nobody = lab.nobody();
        let client = lab.client_with(nobody.address(), &["upload"], &[&missing]);
        client.expect_error(&["missing.txt"]).expect_exit(1);
    });
}

// Given: the raw protocol, as far as it needs no names.

#[test]
fn ex7_0_the_raw_list_has_a_name_on_each_line_and_an_empty_line_at_its_end() {
    promise!("Where no length is sent, some bytes must mean the end, and nothing else.", |lab| {
        let folder = storage(lab);
        folder.put("a.txt", "one").put("B.bin", "two");
        let server = lab.server_over(&folder, &RAW);
        server.peer().send("LIST\r\n").expect_as(SORTED, "B.bin\na.txt\r\n\r\n", sorted_list);
        let folder = storage(lab);
        let server = lab.server_over(&folder, &RAW);
        server.peer().send("LIST\r\n").expect("\r\n\r\n");
    });
}

#[test]
fn ex7_0_a_raw_request_cut_at_any_place_is_one_request() {
    promise!("TCP keeps no message boundaries: CR and LF may come in two reads.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        let mut cut = 0;
        lab.repeat("LIST\r\n".len() - 1, || {
            cut += 1;
            let (front, rest) = "LIST\r\n".split_at(cut);
            peer.send(front);
            server.until_at_rest();
            peer.send(rest).expect("hello.txt\r\n\r\n");
        });
        server.freeze();
        peer.send("LIST\r\nLIST\r\nLI");
        server.thaw();
        peer.expect("hello.txt\r\n\r\nhello.txt\r\n\r\n").expect_nothing(&server);
    });
}

#[test]
fn ex7_0_what_nobody_understands_in_raw_is_a_line_with_a_code() {
    promise!("A program reads the code, and only a person reads the text behind it.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        for words in ["FOO", "", "GET hello.txt", "DELETE"] {
            peer.send(Payload::text(format!("{words}\r\n")));
            expect_refused(&mut peer);
        }
        peer.send("LIST\r\n").expect("hello.txt\r\n\r\n");
    });
}

#[test]
fn ex7_0_a_raw_line_that_is_too_long_ends_the_conversation() {
    promise!("Where nobody knows how much follows, nobody knows where a request begins.", |lab| {
        lab.not_for_commands("a command may have other limits");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        peer.send("x".repeat(HEAD_LEN_MAX).as_bytes()).send("\r\n");
        expect_refused(&mut peer);
        peer.send("x".repeat(HEAD_LEN_MAX + 1).as_bytes()).send("\r\n");
        expect_refused(&mut peer);
        peer.expect_gone().hang_up();
        server.peer().send("LIST\r\n").expect("hello.txt\r\n\r\n");
    });
}

#[test]
fn ex7_0_the_client_speaks_raw_as_well() {
    promise!("One list in two languages is one list.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--wire", "raw", "list"]);
        host.accept().expect("LIST\r\n").send("B.bin\na.txt\r\n").until_read().send("\r\n");
        client.expect_shown("B.bin\na.txt\n").expect_exit(0);
        let client = lab.client(host.address(), &["--wire", "raw", "list"]);
        host.accept().expect("LIST\r\n").send("\r\n\r\n");
        client.expect_exit(0);
        let client = lab.client(host.address(), &["--wire", "raw", "delete", "a.txt"]);
        host.accept().expect("DELETE a.txt\r\n").send("404 tidak ada\r\n");
        client.expect_error(&["404 tidak ada"]).expect_exit(1);
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
        let mut ask = |words: &str, text: &str| {
            peer.send(request(words)).expect(reply(text));
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
        cut_anywhere(lab, &server, &mut peer, &list(), &Reply::list(&["hello.txt"]));
        cut_anywhere(lab, &server, &mut peer, &request("FOO\r\nBAR"), &Reply::error());
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
fn ex7_1_an_upload_without_content_leaves_the_next_request_alone() {
    promise!("Behind the end the next request begins, whatever it looks like.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        server.freeze();
        peer.send(request("UPLOAD new.txt").and(request("FOO bar")).and(list()));
        server.thaw();
        peer.expect_reply(&Reply::error()).expect_reply(&Reply::error());
        peer.expect_reply(&Reply::list(&["hello.txt"]));
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
        let text = r#"{"status": "OK", "data": ["\u00e9\ud83d\ude00\"\\\n\u0001"]}"#;
        server.peer().send(list()).expect(reply(text));
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
        folder.put_many(2000);
        let names: Vec<_> = folder.names().into_iter().collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let wanted = Reply::list(&names).shown_as("the list of all names");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
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
        lab.repeat(30, || ask(&server).hang_up());
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
        let server = lab.server_over(&folder, &["--idle-limit", "0.3"]);
        server.peer().expect_gone();
        ask(&server).send("LIST\r\n").expect_gone();
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
        let text = r#"{"status": "OK", "data": {"succeeded": 0, "failed": 0}}"#;
        server.peer().send(request("STATS")).expect(reply(text));
    });
}

// 7.2 Names stay inside; DELETE.

/// Names that lead out of a folder, or nowhere in it.
const OUTSIDE: [&str; 7] =
    ["../secret.txt", "..", ".", "/", "./../secret.txt", "folder/../../secret.txt", "../"];

#[test]
fn ex7_2_what_is_deleted_is_gone() {
    promise!("To say that it is done is one thing, and to do it another.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("old.txt", "old");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(delete("old.txt")).expect_reply(&Reply::ok());
        folder.expect_only(&["hello.txt"]);
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
        peer.send(delete("old.txt")).expect_reply(&Reply::error());
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
    });
}

#[test]
fn ex7_2_delete_has_exactly_the_bytes_that_its_paper_says() {
    promise!("A program that looks for certain bytes finds no others.", |lab| {
        lab.not_for_commands("a command may write its JSON in any style");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let done = r#"{"status": "OK", "data": "File hello.txt berhasil dihapus"}"#;
        peer.send(delete("hello.txt")).expect(reply(done));
        let missing = r#"{"status": "ERROR", "data": "File tidak ditemukan"}"#;
        peer.send(delete("hello.txt")).expect(reply(missing));
    });
}

#[test]
fn ex7_2_a_request_with_a_name_cut_at_any_place_is_one_request() {
    promise!("Half a name is a name too, but another one.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("a", "").put("ab", "").put("abc", "");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        cut_anywhere(lab, &server, &mut peer, &delete("abcd"), &Reply::error());
        folder.expect_only(&["a", "ab", "abc", "hello.txt"]);
    });
}

#[test]
fn ex7_2_nothing_outside_is_deleted() {
    promise!("Two dots are a name for the kernel: that of the folder above.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET).put_folder("folder");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in OUTSIDE {
            peer.send(delete(name)).expect_reply(&Reply::error());
        }
        let path = folder.path().with_file_name("secret.txt");
        let absolute = delete(&path.to_string_lossy()).shown_as("DELETE and the whole path of it");
        peer.send(absolute).expect_reply(&Reply::error());
        folder.expect_file("../secret.txt", SECRET).expect_only(&["folder", "hello.txt"]);
    });
}

#[test]
fn ex7_2_names_that_the_kernel_does_not_take_are_errors() {
    promise!("A NUL ends a name for the kernel, and 256 bytes are too many for a disk.", |lab| {
        let folder = storage_with_hello(lab);
        let longest = "n".repeat(255);
        folder.put(&longest, "").put("a", "");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in ["a\0b", "\0", "hello.txt\0"] {
            peer.send(delete(name)).expect_reply(&Reply::error());
        }
        let long = |name: &str| {
            delete(name).shown_as(&format!("DELETE and a name of {} bytes", name.len()))
        };
        peer.send(long(&"n".repeat(256))).expect_reply(&Reply::error());
        peer.send(long(&"\u{e9}".repeat(128))).expect_reply(&Reply::error());
        folder.expect_only(&["a", "hello.txt", &longest]);
        peer.send(long(&longest)).expect_reply(&Reply::ok());
        folder.expect_only(&["a", "hello.txt"]);
    });
}

#[test]
fn ex7_2_names_of_all_kinds_are_names() {
    promise!("For a disk a name is bytes; only two of all values are not allowed in it.", |lab| {
        let folder = storage_with_hello(lab);
        let names = [
            "a..b",
            "B.BIN",
            "b.bin",
            "\u{e9}\u{1f600}",
            "quote\".txt",
            "back\\slash",
            "$HOME",
            "-rf",
            "a%2fb",
            "~",
        ];
        for name in names {
            folder.put(name, "");
        }
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in names {
            peer.send(delete(name)).expect_reply(&Reply::ok());
            folder.expect_no_file(name);
        }
        folder.expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex7_2_a_name_may_have_blanks_and_control_characters() {
    promise!("What stands behind the first blank is the name, all of it.", |lab| {
        lab.not_for_commands("the original parts its words at every blank");
        let folder = storage_with_hello(lab);
        let names = ["two words", " before", "behind ", "tab\tline\nreturn\rend", "\u{1b}[31m"];
        for name in names {
            folder.put(name, "");
        }
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in names {
            peer.send(delete(name)).expect_reply(&Reply::ok());
        }
        folder.expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex7_2_a_name_in_other_letters_is_another_name() {
    promise!("For a disk, a and A are two letters.", |lab| {
        let folder = storage(lab);
        folder.put("readme.txt", "").put("ReadMe.txt", "");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(delete("ReadMe.txt")).expect_reply(&Reply::ok());
        folder.expect_only(&["readme.txt"]);
        server.peer().send(delete("README.TXT")).expect_reply(&Reply::error());
        folder.expect_only(&["readme.txt"]);
    });
}

#[test]
fn ex7_2_a_folder_is_not_deleted() {
    promise!("What is in a folder was put there by somebody else.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("full/file.txt", "inside").put_folder("empty");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in ["full", "empty", "full/", "full/file.txt"] {
            peer.send(delete(name)).expect_reply(&Reply::error());
        }
        folder.expect_file("full/file.txt", "inside").expect_only(&["empty", "full", "hello.txt"]);
    });
}

#[test]
fn ex7_2_a_link_does_not_lead_outside() {
    promise!("A link is a name for something else, wherever that is.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET).put_link("link", "../secret.txt");
        folder.put_folder("../other").put_link("up", "..");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        // The link itself may go: it is inside.
        peer.send(delete("link")).send(delete("up")).send(delete("up/secret.txt")).send(list());
        peer.expect_reply(&Reply::any()).expect_reply(&Reply::any()).expect_reply(&Reply::error());
        peer.expect_reply(&Reply::ok());
        folder.expect_file("../secret.txt", SECRET);
    });
}

#[test]
fn ex7_2_what_is_no_file_and_what_is_hidden_is_not_there() {
    promise!("What nobody has uploaded is nobody's to delete.", |lab| {
        lab.not_for_commands("a command may delete what it has not stored");
        let folder = storage_with_hello(lab);
        folder.put_link("link", "hello.txt").put_link("loop", "loop").put_pipe("pipe");
        folder.put(".hidden", "");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in ["link", "loop", "pipe", ".hidden", "..."] {
            peer.send(delete(name)).expect_reply(&Reply::error());
        }
        folder.expect_only(&[".hidden", "hello.txt", "link", "loop", "pipe"]);
    });
}

#[test]
fn ex7_2_raw_deletes_and_says_200_ok() {
    promise!("Two languages, one folder, and the same rules for names.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET).put("old.txt", "old");
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        peer.send("DELETE old.txt\r\n").expect("200 OK\r\n");
        peer.send("DELETE old.txt\r\n");
        expect_refused(&mut peer);
        for name in ["../secret.txt", "..", "./hello.txt", "a\0b"] {
            let request = Payload::text(format!("DELETE {name}\r\n"));
            peer.send(request);
            expect_refused(&mut peer);
        }
        folder.expect_file("../secret.txt", SECRET).expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex7_2_an_error_in_raw_has_the_code_that_http_has_for_it() {
    promise!("Numbers that everybody knows need no table.", |lab| {
        lab.not_for_commands("a command may have other codes");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        peer.send("DELETE missing\r\n").expect("404 File tidak ditemukan\r\n");
        peer.send("DOWNLOAD missing\r\n").expect("404 File tidak ditemukan\r\n");
        peer.send("DOWNLOAD ../x\r\n").expect("400 Nama file tidak valid\r\n");
        peer.send("FOO\r\n").expect("400 Perintah tidak valid\r\n");
    });
}

#[test]
fn ex7_2_a_raw_download_is_the_size_and_the_bytes() {
    promise!("A size in front says where a file ends, whatever stands in it.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("empty.bin", "").put("lines.txt", "200 OK\r\n\r\n");
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        peer.send("DOWNLOAD hello.txt\r\nDOWNLOAD empty.bin\r\nDOWNLOAD lines.txt\r\n");
        peer.expect("11\r\nhalo dunia\n").expect("0\r\n").expect("10\r\n200 OK\r\n\r\n");
        for len in [49_151, 49_152, 49_153, 300_000] {
            let (name, drawn) = (format!("{len}.bin"), lab.drawn(len));
            folder.put(&name, &drawn);
            peer.send(Payload::text(format!("DOWNLOAD {name}\r\n")));
            peer.expect(format!("{len}\r\n").as_bytes()).expect(&drawn);
        }
    });
}

#[test]
fn ex7_2_raw_downloads_nothing_from_outside() {
    promise!("A name that leads outside is worst where it is read.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET).put_folder("folder");
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        for name in OUTSIDE {
            let request = Payload::text(format!("DOWNLOAD {name}\r\n"));
            peer.send(request);
            expect_refused(&mut peer);
        }
        peer.send("DOWNLOAD folder\r\n");
        expect_refused(&mut peer);
        peer.send("DOWNLOAD missing\r\n");
        expect_refused(&mut peer);
        peer.send("DOWNLOAD hello.txt\r\n").expect("11\r\nhalo dunia\n");
    });
}

// 7.3 GET: a file as a stream.

#[test]
fn ex7_3_a_file_comes_with_its_name_as_base64() {
    promise!("JSON is text and a file is bytes: base64 stands between them.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
    });
}

#[test]
fn ex7_3_get_has_exactly_the_bytes_of_the_original() {
    promise!("A program that looks for certain bytes finds no others.", |lab| {
        lab.not_for_commands("a command may write its JSON in any style");
        let folder = storage(lab);
        folder.put("a.txt", "hello\n").put("\u{e9}\".txt", "");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let mut ask = |words: &str, text: &str| {
            peer.send(request(words)).expect(reply(text));
        };
        ask("GET a.txt", r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGVsbG8K"}"#);
        ask(
            "GET \u{e9}\".txt",
            r#"{"status": "OK", "data_namafile": "\u00e9\".txt", "data_file": ""}"#,
        );
        ask("GET nope", r#"{"status": "ERROR", "data": "File tidak ditemukan"}"#);
    });
}

#[test]
fn ex7_3_a_file_may_have_any_length() {
    promise!("Three bytes are four letters; one or two bytes are four letters as well.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for len in [0, 1, 2, 3, 4, 4095, 4096, 4097, 49_151, 49_152, 49_153, 65_536, 98_304, 98_305]
        {
            let (name, drawn) = (format!("{len}.bin"), lab.drawn(len));
            folder.put(&name, &drawn);
            peer.send(get(&name)).expect_reply(&Reply::file(&name, &drawn));
        }
    });
}

#[test]
fn ex7_3_every_byte_value_comes_unchanged() {
    promise!("A file is bytes; that they are text is only a hope.", |lab| {
        let folder = storage(lab);
        let every_value: Vec<u8> = (0..=255).collect();
        folder.put("every.bin", &every_value).put("ends.txt", END);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("every.bin")).expect_reply(&Reply::file("every.bin", &every_value));
        peer.send(get("ends.txt")).expect_reply(&Reply::file("ends.txt", END));
    });
}

#[test]
fn ex7_3_files_and_other_replies_come_in_the_order_of_their_requests() {
    promise!("Where a reply ends, the next begins: nothing may stand between.", |lab| {
        let folder = storage_with_hello(lab);
        let large = lab.drawn(200_000);
        folder.put("large.bin", &large);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        server.freeze();
        peer.send(get("hello.txt").and(get("missing")).and(get("large.bin")).and(list()));
        peer.send(get("hello.txt"));
        server.thaw();
        peer.expect_reply(&Reply::file("hello.txt", HELLO)).expect_reply(&Reply::error());
        peer.expect_reply(&Reply::file("large.bin", &large));
        peer.expect_reply(&Reply::list(&["hello.txt", "large.bin"]));
        peer.expect_reply(&Reply::file("hello.txt", HELLO));
    });
}

#[test]
fn ex7_3_what_is_not_there_is_an_error_and_the_conversation_goes_on() {
    promise!("That there is nothing is an answer, and not the end.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("Case.txt", "as it is written").put_folder("folder");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in ["missing", "folder", "HELLO.TXT", "hello", "hello.txt.gz"] {
            peer.send(get(name)).expect_reply(&Reply::error());
        }
        peer.send(get("Case.txt")).expect_reply(&Reply::file("Case.txt", "as it is written"));
    });
}

#[test]
fn ex7_3_nothing_from_outside_is_sent() {
    promise!("A name that leads outside is worst where it is read.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET).put("folder/inside.txt", "inside");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in OUTSIDE {
            peer.send(get(name)).expect_reply(&Reply::error());
        }
        let path = folder.path().with_file_name("secret.txt");
        let absolute = get(&path.to_string_lossy()).shown_as("GET and the whole path of it");
        peer.send(absolute).expect_reply(&Reply::error());
        peer.send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
    });
}

#[test]
fn ex7_3_what_is_no_file_is_not_sent_and_keeps_nobody_waiting() {
    promise!(
        "A name may be a link to somewhere else, or a pipe that waits for its other end.",
        |lab| {
            lab.not_for_commands("a command may follow the links in its folder");
            let folder = storage_with_hello(lab);
            folder.put("../secret.txt", SECRET).put_link("link", "../secret.txt");
            folder.put_link("inside", "hello.txt").put_pipe("pipe").put(".hidden", SECRET);
            let server = lab.server_over(&folder, &[]);
            let mut peer = server.peer();
            for name in ["link", "inside", "pipe", ".hidden"] {
                peer.send(get(name)).expect_reply(&Reply::error());
            }
            peer.send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
        }
    );
}

#[test]
fn ex7_3_names_of_all_kinds_come_back_as_they_are() {
    promise!("A name goes through JSON twice: it must come out as it went in.", |lab| {
        let folder = storage(lab);
        let names =
            ["\u{e9}\u{1f600}", "quote\".txt", "back\\slash", "a..b", "\u{7f}\u{1}", "\\u0041"];
        for name in names {
            folder.put(name, name);
        }
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in names {
            peer.send(get(name)).expect_reply(&Reply::file(name, name));
        }
    });
}

#[test]
fn ex7_3_a_large_file_costs_little_memory_also_while_nobody_reads_it() {
    promise!("A file is on the disk already; it need not be in memory as well.", |lab| {
        lab.not_for_commands("a command may hold as much as it likes");
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", LARGE / 2);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer_with_little_room();
        peer.send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
        let wanted = Reply::file("large.bin", vec![0; LARGE / 2]).shown_as("all of the large file");
        server.expect_to_grow_at_most(LITTLE_MEMORY, || {
            peer.send(get("large.bin")).until_read();
        });
        server.expect_to_grow_at_most(LITTLE_MEMORY, || {
            peer.expect_reply(&wanted);
        });
    });
}

#[test]
fn ex7_3_a_large_file_comes_whole() {
    promise!("One write takes what the kernel has room for, and says how much that was.", |lab| {
        let folder = storage(lab);
        folder.put_zeros("large.bin", LARGE);
        let server = lab.server_over(&folder, &[]);
        let wanted = Reply::file("large.bin", vec![0; LARGE]).shown_as("all of the large file");
        server.peer().send(get("large.bin")).expect_reply(&wanted);
    });
}

#[test]
fn ex7_3_whoever_has_begun_to_read_a_file_reads_it_to_its_end() {
    promise!("A name may be taken from a file; who has opened it keeps the file.", |lab| {
        let folder = storage(lab);
        let old = Payload::from(vec![0; 4 << 20]).shown_as("all of the old file");
        folder.put_zeros("file.bin", 4 << 20);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer_with_little_room();
        peer.send(get("file.bin")).until_read();
        server.until_at_rest();
        folder.remove("file.bin").put("file.bin", "new");
        peer.expect_reply(&Reply::file("file.bin", &old));
        peer.send(get("file.bin")).expect_reply(&Reply::file("file.bin", "new"));
    });
}

#[test]
fn ex7_3_a_client_that_leaves_in_the_middle_of_a_file_ends_alone() {
    promise!("A write to somebody who has gone fails, and is nobody else's affair.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &[]);
        lab.repeat(3, || {
            server.peer_with_little_room().send(get("large.bin")).until_read().reset();
            server.peer_with_little_room().send(get("large.bin")).until_read().hang_up();
        });
        server.peer().send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
    });
}

#[test]
fn ex7_3_a_client_that_stops_reading_is_let_go() {
    promise!("A write to somebody who reads nothing waits for as long as he likes.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--idle-limit", "0.2"]);
        let mut stuck = server.peer_with_little_room();
        stuck.send(get("large.bin"));
        // One client is served at a time, so whoever comes next waits for that one's end.
        server.peer().send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
    });
}

#[test]
fn ex7_3_whoever_takes_a_file_slowly_may_ask_again() {
    promise!("Who is being answered is not idle, however long that takes.", |lab| {
        let folder = storage_with_hello(lab);
        let large = Payload::from(vec![0; 8 << 20]).shown_as("all of the large file");
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--idle-limit", "0.5"]);
        let clock = lab.server_over(&folder, &["--idle-limit", "0.6"]);
        let mut slow = server.peer_with_little_room();
        slow.send(get("large.bin")).until_read();
        server.freeze();
        slow.send(list());
        // The other server has let its client go: so much time has passed.
        clock.peer().expect_gone();
        server.thaw();
        slow.expect_reply(&Reply::file("large.bin", &large));
        slow.expect_reply(&Reply::list(&["hello.txt", "large.bin"]));
    });
}

#[test]
fn ex7_3_stats_counts_what_was_sent_and_what_was_not() {
    promise!("A transfer that has failed is a transfer too.", |lab| {
        lab.not_for_commands("STATS is ours: a command need not know it");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("hello.txt").times(2).and(get("missing"))).send(list());
        let file = Reply::file("hello.txt", HELLO);
        peer.expect_reply(&file).expect_reply(&file).expect_reply(&Reply::error());
        peer.expect_reply(&Reply::list(&["hello.txt"]));
        peer.send(request("STATS")).expect(stats(2, 1));
    });
}

// 7.4 UPLOAD: whole or not at all.

#[test]
fn ex7_4_what_is_uploaded_is_stored_and_found() {
    promise!("What one client has stored, another must be able to find.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let drawn = lab.drawn(100_000);
        let mut peer = server.peer();
        peer.send(upload("up.bin", &drawn)).expect_reply(&Reply::ok());
        folder.expect_file("up.bin", &drawn).expect_only(&["hello.txt", "up.bin"]);
        peer.send(get("up.bin")).expect_reply(&Reply::file("up.bin", &drawn));
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt", "up.bin"]));
    });
}

#[test]
fn ex7_4_upload_has_exactly_the_bytes_of_the_original() {
    promise!("A program that looks for certain bytes finds no others.", |lab| {
        lab.not_for_commands("a command may write its JSON in any style");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let mut ask = |request: Payload, text: &str| {
            peer.send(request).expect(reply(text));
        };
        ask(upload("u.bin", "halo"), r#"{"status": "OK", "data": "File u.bin berhasil diunggah"}"#);
        ask(
            upload_text("u.bin", "aGFsb"),
            "{\"status\": \"ERROR\", \"data\": \"Gagal mengunggah file: Invalid base64-encoded string: \
             number of data characters (5) cannot be 1 more than a multiple of 4\"}",
        );
        ask(
            upload_text("u.bin", "aGFsbw"),
            r#"{"status": "ERROR", "data": "Gagal mengunggah file: Incorrect padding"}"#,
        );
        ask(
            upload_text("u.bin", "@@@@"),
            r#"{"status": "ERROR", "data": "Gagal mengunggah file: Only base64 data is allowed"}"#,
        );
        folder.expect_file("u.bin", "halo").expect_only(&["u.bin"]);
    });
}

#[test]
fn ex7_4_an_upload_may_have_any_length() {
    promise!("A buffer has a size, and a file need not be a multiple of it.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for len in [1, 2, 3, 4, 4095, 4096, 4097, 49_151, 49_152, 49_153, 65_535, 65_536, 300_001] {
            let (name, drawn) = (format!("{len}.bin"), lab.drawn(len));
            peer.send(upload(&name, &drawn)).expect_reply(&Reply::ok());
            folder.expect_file(&name, &drawn);
        }
    });
}

#[test]
fn ex7_4_an_upload_cut_at_any_place_is_one_upload() {
    promise!("Four letters are three bytes; a read may bring the first of the four.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let mut cut = 0;
        lab.repeat(upload("up00", "halo dunia").bytes().len() - 1, || {
            cut += 1;
            let name = format!("up{cut:02}");
            let request = upload(&name, "halo dunia");
            let (front, rest) = request.bytes().split_at(cut);
            peer.send(front);
            server.until_at_rest();
            peer.send(rest).expect_reply(&Reply::ok());
            folder.expect_file(&name, "halo dunia");
        });
    });
}

#[test]
fn ex7_4_an_upload_may_come_letter_by_letter() {
    promise!("A slow network brings one byte at a time, and all of them in the end.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let request = upload("up.txt", "halo");
        let mut letters = request.bytes().chunks(1);
        lab.repeat(letters.len(), || {
            peer.send(letters.next().unwrap_or_default());
            server.until_at_rest();
        });
        peer.expect_reply(&Reply::ok());
        folder.expect_file("up.txt", "halo").expect_only(&["up.txt"]);
    });
}

#[test]
fn ex7_4_what_stands_behind_an_upload_is_the_next_request() {
    promise!("Only CR LF CR LF says where the content ends, and it is no content.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        server.freeze();
        peer.send(upload("one.txt", "one").and(get("one.txt")).and(upload_text("bad", "?!")));
        peer.send(upload("two.txt", "two").and(list()));
        server.thaw();
        peer.expect_reply(&Reply::ok()).expect_reply(&Reply::file("one.txt", "one"));
        peer.expect_reply(&Reply::error()).expect_reply(&Reply::ok());
        peer.expect_reply(&Reply::list(&["hello.txt", "one.txt", "two.txt"]));
    });
}

#[test]
fn ex7_4_an_upload_of_nothing_is_an_empty_file_if_the_blank_is_there() {
    promise!("An empty content and no content are two things; a blank tells them apart.", |lab| {
        let folder = storage(lab);
        folder.put("full.txt", "full");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload("empty.txt", "")).expect_reply(&Reply::ok());
        peer.send(request("UPLOAD none.txt")).expect_reply(&Reply::error());
        peer.send(request("UPLOAD full.txt")).expect_reply(&Reply::error());
        folder.expect_file("empty.txt", "").expect_file("full.txt", "full");
        peer.send(upload("full.txt", "")).expect_reply(&Reply::ok());
        folder.expect_file("full.txt", "").expect_only(&["empty.txt", "full.txt"]);
        peer.send(get("empty.txt")).expect_reply(&Reply::file("empty.txt", ""));
    });
}

#[test]
fn ex7_4_what_is_no_base64_is_an_error_and_stores_nothing() {
    promise!("Whoever skips what he does not understand stores what nobody has sent.", |lab| {
        let folder = storage(lab);
        folder.put("old.txt", "old");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for text in
            ["aGFsb", "aGFsbw", "aGFsbw=", "@@@@", "aG!sbw==", "a===", "====", "aGFsbw==aGFs"]
        {
            peer.send(upload_text("bad.txt", text)).expect_reply(&Reply::error());
            peer.send(upload_text("old.txt", text)).expect_reply(&Reply::error());
        }
        // What fills up stands at the end, also where the end comes in another read.
        peer.send(upload_head("bad.txt").and("aGFsbw=="));
        server.until_at_rest();
        peer.send("aGFs").send(END).expect_reply(&Reply::error());
        peer.send(upload("good.txt", "good")).expect_reply(&Reply::ok());
        folder.expect_file("old.txt", "old").expect_only(&["good.txt", "old.txt"]);
    });
}

#[test]
fn ex7_4_base64_has_no_line_ends_and_no_second_spelling() {
    promise!("Where two texts mean the same, two programs may differ about it.", |lab| {
        lab.not_for_commands("a command may be kinder");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for text in ["aGFs\nbw==", "aGFs\r\nbw==", "aGFs bw==", "aGFsbx==", "_-_-", "\r", "\0"] {
            peer.send(upload_text("bad.txt", text)).expect_reply(&Reply::error());
        }
        peer.send(upload("good.txt", "good")).expect_reply(&Reply::ok());
        folder.expect_only(&["good.txt"]);
    });
}

#[test]
fn ex7_4_an_error_far_inside_is_told_once_and_at_the_end() {
    promise!("Whoever answers in the middle answers what has not been asked yet.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let long = "aGFs".repeat(100_000);
        let bad =
            Payload::from(format!("{long}!{long}")).shown_as("much base64 with a \"!\" in it");
        peer.send(upload_head("bad.txt").and(bad));
        server.until_at_rest();
        peer.expect_nothing(&server).send(END).expect_reply(&Reply::error());
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
        folder.expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex7_4_an_upload_replaces_a_file_whole() {
    promise!("A file that is written over keeps its tail, unless somebody cuts it off.", |lab| {
        let folder = storage(lab);
        folder.put("up.txt", "something long that was here before");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload("up.txt", "short")).expect_reply(&Reply::ok());
        folder.expect_file("up.txt", "short");
        peer.send(upload("up.txt", "and longer again")).expect_reply(&Reply::ok());
        folder.expect_file("up.txt", "and longer again").expect_only(&["up.txt"]);
    });
}

#[test]
fn ex7_4_an_upload_that_breaks_off_leaves_nothing_behind() {
    promise!("A stream may end in the middle of anything: by an end, or by a reset.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let half = upload_head("doc.bin").and("aGFs".repeat(50_000).as_bytes());
        for end in ["aGFs", "aGF", "\r", "\r\n\r"] {
            let mut peer = server.peer();
            peer.send(half.and(end)).half_close().expect_reply(&Reply::error().or_gone()).hang_up();
            folder.expect_only(&["hello.txt"]);
        }
        server.peer().send(&half).until_read().reset();
        folder.expect_only(&["hello.txt"]);
        server.peer().send(get("doc.bin")).expect_reply(&Reply::error());
    });
}

#[test]
fn ex7_4_an_upload_that_breaks_off_leaves_what_was_there() {
    promise!("Whoever empties a file before the new one is whole may end with neither.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload_head("hello.txt").and("aGFs".repeat(50_000).as_bytes())).until_read();
        server.until_at_rest();
        folder.expect_file("hello.txt", HELLO);
        peer.reset();
        server.until_at_rest();
        folder.expect_file("hello.txt", HELLO).expect_only(&["hello.txt"]);
        server.peer().send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
    });
}

#[test]
fn ex7_4_half_an_upload_does_not_have_its_name_yet() {
    promise!("From one moment to the next a whole file is there, or it is not.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload_head("doc.txt").and("aGFs".repeat(50_000).as_bytes())).until_read();
        server.until_at_rest();
        folder.expect_no_file("doc.txt");
        peer.send(END).expect_reply(&Reply::ok());
        folder.expect_file("doc.txt", "hal".repeat(50_000)).expect_only(&["doc.txt"]);
    });
}

#[test]
fn ex7_4_a_server_that_is_killed_leaves_no_half_file() {
    promise!("A program that is killed has no time to tidy up; the next one has.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload_head("doc.txt").and("aGFs".repeat(50_000).as_bytes())).until_read();
        peer.send("aGFs").until_read();
        server.kill();
        folder.expect_no_file("doc.txt");
        let again = lab.server_over(&folder, &[]);
        let mut peer = again.peer();
        peer.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
        folder.expect_only(&["hello.txt"]);
        peer.send(upload("doc.txt", "whole")).expect_reply(&Reply::ok());
        folder.expect_file("doc.txt", "whole");
    });
}

#[test]
fn ex7_4_a_server_that_starts_leaves_alone_what_another_is_writing() {
    promise!("What looks left over may be somebody's work: a lock tells the two apart.", |lab| {
        lab.not_for_commands("a command may want a folder for itself");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload_head("doc.txt").and("aGFs")).until_read();
        server.until_at_rest();
        let second = lab.server_over(&folder, &[]);
        second.peer().send(list()).expect_reply(&Reply::list(&[]));
        peer.send("bw==").send(END).expect_reply(&Reply::ok());
        folder.expect_file("doc.txt", "halo").expect_only(&["doc.txt"]);
    });
}

#[test]
fn ex7_4_nothing_is_stored_outside() {
    promise!("A name that leads outside is as bad where it is written to.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET).put("folder/inside.txt", "inside");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in OUTSIDE.iter().chain(&["../new.txt", "folder/inside.txt", "new/new.txt"]) {
            peer.send(upload(name, "evil")).expect_reply(&Reply::error());
        }
        let path = folder.path().with_file_name("new.txt");
        let absolute = upload(&path.to_string_lossy(), "evil");
        peer.send(absolute.shown_as("UPLOAD and a whole path")).expect_reply(&Reply::error());
        folder.expect_file("../secret.txt", SECRET).expect_no_file("../new.txt");
        folder.expect_file("folder/inside.txt", "inside").expect_only(&["folder", "hello.txt"]);
    });
}

#[test]
fn ex7_4_names_that_cannot_be_stored_are_errors_and_the_conversation_goes_on() {
    promise!("Content comes behind a bad name too, and must not be taken for a request.", |lab| {
        let folder = storage(lab);
        folder.put_folder("folder");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let (longest, too_long) = ("n".repeat(255), "n".repeat(256));
        let long = |name: &str| {
            upload(name, "long").shown_as(&format!("UPLOAD and a name of {} bytes", name.len()))
        };
        peer.send(long(&too_long)).expect_reply(&Reply::error());
        for name in ["folder", "a\0b", ""] {
            peer.send(upload(name, "LIST")).expect_reply(&Reply::error());
        }
        peer.send(long(&longest)).expect_reply(&Reply::ok());
        folder.expect_file(&longest, "long").expect_only(&["folder", &longest]);
    });
}

#[test]
fn ex7_4_names_of_all_kinds_are_stored_as_they_are() {
    promise!("The reply repeats the name, and must be JSON all the same.", |lab| {
        let folder = storage(lab);
        let names = [
            "a..b",
            "B.BIN",
            "\u{e9}\u{1f600}",
            "quote\".txt",
            "back\\slash",
            "\u{7f}\u{1}",
            "-rf",
        ];
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in names {
            peer.send(upload(name, name)).expect_reply(&Reply::ok());
            folder.expect_file(name, name);
        }
        folder.expect_only(&names);
    });
}

#[test]
fn ex7_4_hidden_names_are_the_servers_own() {
    promise!("What is not whole yet has a name too, and nobody may take it.", |lab| {
        lab.not_for_commands("a command may hide nothing");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for name in [".hidden", "...", ".arriving-1-1"] {
            peer.send(upload(name, "evil")).expect_reply(&Reply::error());
        }
        folder.expect_only(&[]);
    });
}

#[test]
fn ex7_4_an_upload_does_not_follow_a_link() {
    promise!("A link in a folder may lead out of it, to the file of somebody else.", |lab| {
        let folder = storage(lab);
        folder.put("../secret.txt", SECRET).put_link("link", "../secret.txt");
        folder.put_link("dangling", "../new.txt");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload("link", "evil")).expect_reply(&Reply::any());
        peer.send(upload("dangling", "evil")).expect_reply(&Reply::any());
        folder.expect_file("../secret.txt", SECRET).expect_no_file("../new.txt");
    });
}

#[test]
fn ex7_4_an_upload_over_the_limit_is_refused_and_stores_nothing() {
    promise!("Somebody always has one byte more than there is room for.", |lab| {
        lab.not_for_commands("a command need not know --upload-limit");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &["--upload-limit", "100000"]);
        let mut peer = server.peer();
        let most = lab.drawn(100_000);
        peer.send(upload("most.bin", &most)).expect_reply(&Reply::ok());
        peer.send(upload("more.bin", lab.drawn(100_001))).expect_reply(&Reply::error());
        peer.send(upload("most.bin", lab.drawn(1_000_000))).expect_reply(&Reply::error());
        folder.expect_file("most.bin", &most).expect_only(&["most.bin"]);
    });
}

#[test]
fn ex7_4_a_large_upload_comes_whole() {
    promise!("Whoever looks at all that has come each time looks at most of it often.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let large = Payload::from(vec![0; 2 * LARGE]).shown_as("a large file");
        let mut peer = server.peer();
        peer.send(upload_head("large.bin"));
        let text = large.as_base64().parts(40);
        let mut parts = text.iter();
        // So much at a time that also whoever reads a few bytes at a time is done soon.
        lab.repeat(text.len(), || {
            peer.send(parts.next().expect("a part for each")).until_read();
        });
        peer.send(END).expect_reply(&Reply::ok());
        folder.expect_file("large.bin", &large);
    });
}

#[test]
fn ex7_4_a_large_upload_costs_little_memory() {
    promise!("What is on its way to the disk need not be in memory all at once.", |lab| {
        lab.not_for_commands("a command may hold as much as it likes");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload("up.txt", "up")).expect_reply(&Reply::ok());
        server.expect_to_grow_at_most(LITTLE_MEMORY, || {
            peer.send(upload_head("large.bin").and(vec![b'A'; LARGE])).until_read();
        });
        server.expect_to_grow_at_most(LITTLE_MEMORY, || {
            peer.send(END).expect_reply(&Reply::ok());
        });
        folder.expect_file("large.bin", Payload::from(vec![0; LARGE / 4 * 3]).shown_as("zeros"));
    });
}

#[test]
fn ex7_4_whoever_stops_in_the_middle_of_an_upload_is_let_go_and_leaves_nothing() {
    promise!("TCP never says that nothing more is coming; only a clock can.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &["--idle-limit", "0.2"]);
        let mut stuck = server.peer();
        stuck.send(upload_head("doc.txt").and("aGFs")).expect_reply(&Reply::error().or_gone());
        server.peer().send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
        folder.expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex7_4_an_upload_under_way_may_be_finished_at_the_goodbye() {
    promise!("Whoever has begun may end, if that does not take for ever.", |lab| {
        lab.not_for_commands("a command need not wait for what has not come");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload_head("doc.txt").and("aGFs")).until_read();
        server.until_at_rest();
        server.interrupt();
        peer.send("bw==").send(END).expect_reply(&Reply::ok()).expect_gone();
        server.expect_exit(0);
        folder.expect_file("doc.txt", "halo").expect_only(&["doc.txt"]);
    });
}

#[test]
fn ex7_4_stats_counts_uploads_too() {
    promise!("A transfer that has failed is a transfer too, even one that broke off.", |lab| {
        lab.not_for_commands("STATS is ours: a command need not know it");
        let folder = storage(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(upload("up.txt", "up")).expect_reply(&Reply::ok());
        peer.send(upload_text("bad.txt", "?")).expect_reply(&Reply::error());
        peer.send(upload("../bad.txt", "bad")).expect_reply(&Reply::error());
        peer.send(request("DELETE missing")).expect_reply(&Reply::error());
        peer.send(upload_head("cut.txt").and("aG")).half_close().expect_gone().hang_up();
        server.peer().send(request("STATS")).expect(stats(1, 3));
    });
}

#[test]
fn ex7_4_a_raw_upload_is_a_size_and_the_bytes() {
    promise!("Bytes that are counted need no end, and may look like one.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &RAW);
        let mut peer = server.peer();
        let lines = "LIST\r\n\r\n200 OK\r\n";
        server.freeze();
        peer.send(
            upload_raw("empty.bin", "")
                .and(upload_raw("lines.txt", lines))
                .and("DOWNLOAD lines.txt\r\n"),
        );
        server.thaw();
        peer.expect("200 OK\r\n200 OK\r\n").expect(format!("{}\r\n{lines}", lines.len()));
        for len in [1, 65_535, 65_536, 65_537, 300_000] {
            let (name, drawn) = (format!("{len}.bin"), lab.drawn(len));
            peer.send(upload_raw(&name, &drawn)).expect("200 OK\r\n");
            folder.expect_file(&name, &drawn);
        }
        folder.expect_file("empty.bin", "").expect_file("lines.txt", lines);
    });
}

#[test]
fn ex7_4_a_raw_upload_cut_at_any_place_is_one_upload() {
    promise!(
        "A size that is cut in two is two sizes, unless somebody waits for the rest.",
        |lab| {
            let folder = storage(lab);
            let server = lab.server_over(&folder, &RAW);
            let mut peer = server.peer();
            let request = upload_raw("up", "halo");
            let mut cut = 0;
            lab.repeat(request.bytes().len() - 1, || {
                cut += 1;
                let (front, rest) = request.bytes().split_at(cut);
                peer.send(front);
                server.until_at_rest();
                peer.send(rest).expect("200 OK\r\n");
            });
            folder.expect_file("up", "halo").expect_only(&["up"]);
        }
    );
}

#[test]
fn ex7_4_a_raw_upload_that_breaks_off_or_is_refused_leaves_nothing_behind() {
    promise!("Where the size is known, it is known as well what is missing.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put("../secret.txt", SECRET);
        let server = lab.server_over(&folder, &RAW);
        for name in ["doc.txt", "hello.txt"] {
            let mut peer = server.peer();
            peer.send(Payload::text(format!("UPLOAD {name} 6000\r\n")).and(vec![b'x'; 3000]));
            peer.half_close().expect_gone().hang_up();
            folder.expect_file("hello.txt", HELLO).expect_only(&["hello.txt"]);
        }
        let mut peer = server.peer();
        peer.send(upload_raw("../secret.txt", "evil"));
        expect_refused(&mut peer);
        peer.send("LIST\r\n").expect("hello.txt\r\n\r\n");
        peer.send("UPLOAD doc.txt six\r\n");
        expect_refused(&mut peer);
        peer.hang_up();
        folder.expect_file("../secret.txt", SECRET).expect_only(&["hello.txt"]);
    });
}

// 7.5 The pools: threads, and processes.

const THREADS: [&str; 4] = ["--mode", "thread", "--workers", "4"];
const PROCESSES: [&str; 4] = ["--mode", "process", "--workers", "3"];

/// What must hold in every mode: an upload, a file, a list, what is missing, a deletion.
#[track_caller]
fn all_of_it(server: &Server, folder: &Folder) {
    let mut peer = server.peer();
    peer.send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
    peer.send(upload("up.txt", "halo").and(get("up.txt")));
    peer.expect_reply(&Reply::ok()).expect_reply(&Reply::file("up.txt", "halo"));
    peer.send(list()).expect_reply(&Reply::list(&["hello.txt", "up.txt"]));
    peer.send(delete("up.txt")).expect_reply(&Reply::ok());
    peer.send(get("up.txt")).expect_reply(&Reply::error());
    peer.half_close().expect_gone();
    folder.expect_only(&["hello.txt"]);
}

#[test]
fn ex7_5_one_worker_serves_one_client_at_a_time() {
    promise!("Whoever waits for one client hears no other.", |lab| {
        lab.not_for_commands("a command may serve more clients than it has workers");
        let folder = storage_with_hello(lab);
        for mode in [&["--mode", "single"][..], &["--mode", "thread", "--workers", "1"]] {
            let server = lab.server_over(&folder, mode);
            let mut first = ask(&server);
            let mut second = server.peer();
            second.send(list()).expect_nothing(&server);
            first.hang_up();
            second.expect_reply(&Reply::list(&["hello.txt"]));
        }
    });
}

#[test]
fn ex7_5_the_threads_say_what_one_says() {
    promise!("Who does the work is the server's affair; the client sees bytes.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &THREADS);
        all_of_it(&server, &folder);
    });
}

#[test]
fn ex7_5_with_all_threads_but_one_stalled_the_last_one_serves() {
    promise!("A worker that waits for its client is one worker less, and no more.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &THREADS);
        let _stalled = stall_three(&server);
        server.peer().send(upload("up.txt", "up")).expect_reply(&Reply::ok());
        lab.repeat(5, || ask_for_up(&server));
    });
}

/// Half a request, half an upload, and a file that nobody reads: each holds a worker.
#[track_caller]
fn stall_three(server: &Server) -> [Peer; 3] {
    let (mut head, mut content) = (server.peer(), server.peer());
    head.send("GET hel").until_read();
    content.send(upload_head("slow.txt").and("aGFs")).until_read();
    let mut reader = server.peer_with_little_room();
    reader.send(get("large.bin")).until_read();
    server.until_at_rest();
    [head, content, reader]
}

#[track_caller]
fn ask_for_up(server: &Server) {
    server.peer().send(get("up.txt")).expect_reply(&Reply::file("up.txt", "up"));
}

#[test]
fn ex7_5_with_all_threads_stalled_the_next_client_waits_for_one_of_them() {
    promise!("A pool is as large as it is told to be.", |lab| {
        lab.not_for_commands("a command may serve more clients than it has workers");
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--mode", "thread", "--workers", "3"]);
        let [mut head, mut content, _reader] = stall_three(&server);
        let mut next = server.peer();
        next.send(list()).expect_nothing(&server);
        head.send("lo.txt\r\n\r\n").expect_reply(&Reply::file("hello.txt", HELLO));
        next.expect_nothing(&server);
        content.hang_up();
        next.expect_reply(&Reply::list(&["hello.txt", "large.bin"]));
    });
}

#[test]
fn ex7_5_half_an_upload_is_not_to_be_seen() {
    promise!("What has no name yet must not be found under another.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &THREADS);
        let before = folder.names();
        let mut writer = server.peer();
        writer.send(upload_head("doc.txt").and("aGFs".repeat(50_000).as_bytes())).until_read();
        server.until_at_rest();
        let mut reader = ask(&server);
        reader.send(get("doc.txt")).expect_reply(&Reply::error());
        lab.in_short("looks for whatever is new in the folder, and gets nothing", || {
            for name in folder.names().difference(&before) {
                reader
                    .send(get(name).shown_as("GET and the new name"))
                    .expect_reply(&Reply::error());
                reader
                    .send(delete(name).shown_as("DELETE and the new name"))
                    .expect_reply(&Reply::error());
            }
        });
        writer.send(END).expect_reply(&Reply::ok());
        let whole = Reply::file("doc.txt", "hal".repeat(50_000));
        reader.send(get("doc.txt")).expect_reply(&whole);
        folder.expect_only(&["doc.txt", "hello.txt"]);
    });
}

#[test]
fn ex7_5_a_reader_keeps_the_old_file_when_another_replaces_and_deletes_it() {
    promise!("A name may be given to another file; who has opened the old one keeps it.", |lab| {
        let folder = storage(lab);
        let old = Payload::from(vec![0; 4 << 20]).shown_as("all of the old file");
        folder.put_zeros("file.bin", 4 << 20);
        let server = lab.server_over(&folder, &THREADS);
        let mut reader = server.peer_with_little_room();
        reader.send(get("file.bin")).until_read();
        server.until_at_rest();
        let mut writer = server.peer();
        writer.send(upload("file.bin", "new")).expect_reply(&Reply::ok());
        writer.send(get("file.bin")).expect_reply(&Reply::file("file.bin", "new"));
        writer.send(delete("file.bin")).expect_reply(&Reply::ok());
        writer.send(list()).expect_reply(&Reply::list(&[]));
        reader.expect_reply(&Reply::file("file.bin", &old));
        reader.send(get("file.bin")).expect_reply(&Reply::error());
    });
}

#[test]
fn ex7_5_of_two_writers_of_one_name_one_is_there_whole() {
    promise!("Two who write one file at the same time write one file of two halves.", |lab| {
        let folder = storage(lab);
        let server = lab.server_over(&folder, &THREADS);
        let (ones, twos) = (Payload::from(vec![b'1'; 150_000]), Payload::from(vec![b'2'; 90_000]));
        let (first, second) = ones.as_base64().split_at(100_000);
        let (third, fourth) = twos.as_base64().split_at(100_000);
        let (mut one, mut two) = (server.peer(), server.peer());
        one.send(upload_head("both.bin").and(first)).until_read();
        two.send(upload_head("both.bin").and(third)).until_read();
        one.send(second.and(END)).expect_reply(&Reply::ok());
        folder.expect_file("both.bin", &ones);
        two.send(fourth.and(END)).expect_reply(&Reply::ok());
        folder.expect_file("both.bin", &twos).expect_only(&["both.bin"]);
    });
}

#[test]
fn ex7_5_two_hundred_clients_at_once_are_served_by_four_threads() {
    promise!("Who is not served yet waits in the queue of the kernel, already connected.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &THREADS);
        two_hundred_clients(lab, &server);
    });
}

/// All of them connect and ask before the first one is heard, and each leaves when it is served.
#[track_caller]
fn two_hundred_clients(lab: &Lab, server: &Server) {
    let mut peers = Vec::new();
    lab.repeat(200, || {
        let mut peer = server.peer();
        peer.send(get("hello.txt")).half_close();
        peers.push(peer);
    });
    let mut peers = peers.iter_mut();
    lab.repeat(200, || {
        let peer = peers.next().expect("one for each");
        peer.expect_reply(&Reply::file("hello.txt", HELLO)).expect_gone().hang_up();
    });
}

#[test]
fn ex7_5_a_client_that_leaves_in_the_middle_costs_no_thread() {
    promise!("A worker that ends with its client is one worker less.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--mode", "thread", "--workers", "2"]);
        lab.repeat(3, || {
            server.peer().send("LIS").until_read().reset();
            server.peer().send(upload_head("cut.bin").and("aGFs")).until_read().reset();
            server.peer_with_little_room().send(get("large.bin")).until_read().reset();
            server.freeze();
            server.peer().send(list()).reset();
            server.thaw();
        });
        let (_one, mut two) = (ask_large(&server), ask_large(&server));
        two.send(get("hello.txt")).expect_reply(&Reply::file("hello.txt", HELLO));
        folder.expect_only(&["hello.txt", "large.bin"]);
    });
}

#[track_caller]
fn ask_large(server: &Server) -> Peer {
    let mut peer = server.peer();
    peer.send(list()).expect_reply(&Reply::list(&["hello.txt", "large.bin"]));
    peer
}

#[test]
fn ex7_5_ctrl_c_ends_all_threads_when_what_has_arrived_is_answered() {
    promise!("Who waits for a client waits for something that will not come any more.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &THREADS);
        let (mut idle, mut late) = (ask(&server), ask(&server));
        server.until_at_rest().freeze();
        late.send(list().and(get("hello.txt")));
        server.interrupt().thaw();
        late.expect_reply(&Reply::list(&["hello.txt"]));
        late.expect_reply(&Reply::file("hello.txt", HELLO)).expect_gone().hang_up();
        idle.expect_gone().hang_up();
        server.expect_exit(0);
    });
}

#[test]
fn ex7_5_ctrl_c_ends_whoever_rests_before_those_who_work() {
    promise!("Who has nothing under way has nothing to finish.", |lab| {
        lab.not_for_commands("a command need not wait for what has not come");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &THREADS);
        let (mut rests, mut works) = (ask(&server), server.peer());
        works.send(upload_head("doc.txt").and("aGFs")).until_read();
        server.until_at_rest();
        server.interrupt();
        rests.expect_gone().hang_up();
        works.send("bw==").send(END).expect_reply(&Reply::ok()).expect_gone();
        server.expect_exit(0);
        folder.expect_file("doc.txt", "halo");
    });
}

#[test]
fn ex7_5_ctrl_c_cuts_off_those_who_neither_read_nor_send() {
    promise!("A goodbye that waits for everybody waits for the slowest.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &THREADS);
        let _stalled = stall_three(&server);
        server.interrupt().expect_exit(0);
        folder.expect_only(&["hello.txt", "large.bin"]);
    });
}

#[test]
fn ex7_5_the_processes_say_what_one_says() {
    promise!("Who does the work is the server's affair; the client sees bytes.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        all_of_it(&server, &folder);
    });
}

#[test]
fn ex7_5_with_all_processes_but_one_stalled_the_last_one_serves() {
    promise!("Processes that take turns are one process.", |lab| {
        let folder = storage_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--mode", "process", "--workers", "4"]);
        server.expect_workers(4);
        let _stalled = stall_three(&server);
        server.peer().send(upload("up.txt", "up")).expect_reply(&Reply::ok());
        lab.repeat(5, || ask_for_up(&server));
    });
}

#[test]
fn ex7_5_a_process_that_stands_still_keeps_only_its_own_client_waiting() {
    promise!("What one process does is no affair of another: that is what it is for.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        let mut writer = ask(&server);
        let worker = server.freeze_worker_of(&mut writer);
        let mut reader = server.peer();
        reader.send(upload("one.txt", "one")).expect_reply(&Reply::ok());
        server.thaw_worker(worker);
        writer.send(get("one.txt")).expect_reply(&Reply::file("one.txt", "one"));
    });
}

#[test]
fn ex7_5_the_end_arrives_though_many_hold_the_listener() {
    promise!("A connection ends when the last who holds it lets go.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        lab.repeat(5, || {
            ask(&server).half_close().expect_gone();
        });
    });
}

#[test]
fn ex7_5_two_hundred_clients_at_once_are_served_by_three_processes() {
    promise!("Many wait for one listener; each client is for one of them.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        two_hundred_clients(lab, &server);
    });
}

#[test]
fn ex7_5_a_worker_that_is_killed_leaves_nothing_behind_and_is_replaced() {
    promise!("A process that is killed tidies nothing up; another must do it.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        let mut unlucky = ask(&server);
        unlucky.send(upload_head("cut.bin").and("aGFs")).until_read();
        let worker = server.freeze_worker_of(&mut unlucky);
        let mut lucky = ask(&server);
        server.kill_worker(worker);
        unlucky.expect_gone();
        lucky.send(list()).expect_reply(&Reply::list(&["hello.txt"]));
        server.expect_workers(3);
        folder.expect_only(&["hello.txt"]);
        let _others = [ask(&server), ask(&server)];
    });
}

#[test]
fn ex7_5_the_counts_of_all_processes_are_one_sum() {
    promise!("Processes share no memory: who has counted must tell somebody.", |lab| {
        lab.not_for_commands("STATS is ours: a command need not know it");
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        let mut peers = [server.peer(), server.peer(), server.peer()];
        for peer in &mut peers {
            peer.send(get("hello.txt").and(get("missing")).and(upload("up.txt", "up")));
            peer.expect_reply(&Reply::file("hello.txt", HELLO)).expect_reply(&Reply::error());
            peer.expect_reply(&Reply::ok());
        }
        for peer in &mut peers {
            peer.send(request("STATS")).expect(stats(6, 3));
        }
    });
}

#[test]
fn ex7_5_ctrl_c_ends_every_process_when_what_has_arrived_is_answered() {
    promise!("Ctrl+C is for all processes at the terminal at once.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        let mut idle = ask(&server);
        server.until_at_rest().freeze();
        idle.send(list().and(get("hello.txt")));
        server.interrupt().thaw();
        idle.expect_reply(&Reply::list(&["hello.txt"]));
        idle.expect_reply(&Reply::file("hello.txt", HELLO)).expect_gone().hang_up();
        server.expect_exit(0).expect_nothing_left();
    });
}

#[test]
fn ex7_5_workers_do_not_outlive_the_process_that_started_them() {
    promise!("A child whose parent dies is given another, and goes on.", |lab| {
        let folder = storage_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        ask(&server);
        server.kill_first_process().expect_nothing_left();
        let again = lab.server_over_on(&folder, server.port(), &PROCESSES);
        ask(&again);
    });
}

#[test]
fn ex7_5_the_second_language_is_spoken_in_every_mode() {
    promise!("What is said and who says it are two choices.", |lab| {
        let folder = storage_with_hello(lab);
        for mode in ["thread", "process"] {
            let server =
                lab.server_over(&folder, &["--mode", mode, "--workers", "2", "--wire", "raw"]);
            let (mut stalled, mut peer) = (server.peer(), server.peer());
            stalled.send("UPLOAD slow.txt 10\r\n12345").until_read();
            peer.send(upload_raw("up.txt", "halo")).expect("200 OK\r\n");
            peer.send("DOWNLOAD up.txt\r\nDELETE up.txt\r\n")
                .expect("4\r\nhalo")
                .expect("200 OK\r\n");
            stalled.send("67890").expect("200 OK\r\n");
            folder.expect_file("slow.txt", "1234567890").expect_only(&["hello.txt", "slow.txt"]);
        }
    });
}

// 7.6 The client: send a file, and bring one.

/// A file beside the folder, for a client to send.
fn file_to_send(folder: &Folder, name: &str, content: impl Into<Payload>) -> PathBuf {
    folder.put(&format!("../{name}"), content);
    folder.path().with_file_name(name)
}

/// The reply that brings a file, in the style of the original.
fn brought(name: &str, content: &Payload) -> Payload {
    let head = format!(r#"{{"status": "OK", "data_namafile": "{name}", "data_file": ""#);
    Payload::text(head).and(content.as_base64()).and(Payload::text("\"}\r\n\r\n"))
}

/// Starts a client that is to bring `name` into the folder under the same name.
#[track_caller]
fn client_gets(lab: &Lab, host: &Host, folder: &Folder, name: &str) -> Program {
    let output = folder.path().join(name);
    lab.client_with(host.address(), &["get", name, "--output"], &[&output])
}

#[test]
fn ex7_6_an_upload_goes_out_as_base64_with_its_end() {
    promise!("Whoever does not end a request waits for a reply for ever.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        for content in
            [Payload::from(HELLO), Payload::from(""), Payload::from(b"\0\xff\r\n\r\n\xfe")]
        {
            let file = file_to_send(&folder, "send.txt", &content);
            let client = lab.client_with(host.address(), &["upload"], &[&file]);
            let mut peer = host.accept();
            peer.expect(upload("send.txt", &content));
            peer.send(reply(r#"{"status": "OK", "data": "File send.txt berhasil diunggah"}"#));
            peer.hang_up();
            client.expect_exit(0);
        }
    });
}

#[test]
fn ex7_6_an_upload_may_have_any_length_and_another_name() {
    promise!("Base64 that is filled up in the middle has ended in the middle.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        for len in [49_151, 49_152, 49_153, 98_304, 1_000_000] {
            let drawn = lab.drawn(len);
            let file = file_to_send(&folder, "send.bin", &drawn);
            let client = lab.client_with(host.address(), &["upload", "--as", "new.bin"], &[&file]);
            let mut peer = host.accept();
            peer.expect(upload("new.bin", &drawn)).send(reply(r#"{"status":"OK"}"#)).hang_up();
            client.expect_exit(0);
        }
    });
}

#[test]
fn ex7_6_an_upload_that_is_refused_is_a_sentence_and_exit_code_1() {
    promise!("That all bytes have left does not mean that anybody has stored them.", |lab| {
        let folder = storage(lab);
        let file = file_to_send(&folder, "send.txt", HELLO);
        let host = lab.host();
        let client = lab.client_with(host.address(), &["upload"], &[&file]);
        let mut peer = host.accept();
        peer.expect(upload("send.txt", HELLO));
        peer.send(reply(r#"{"data": "disk penuh", "status": "ERROR"}"#)).hang_up();
        client.expect_error(&["disk penuh"]).expect_exit(1);
        let client = lab.client_with(host.address(), &["upload"], &[&file]);
        host.accept().expect(upload("send.txt", HELLO)).hang_up();
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}

#[test]
fn ex7_6_an_upload_to_a_server_that_stops_reading_is_given_up() {
    promise!("A write to somebody who reads nothing waits for as long as he likes.", |lab| {
        let folder = storage(lab);
        let file = file_to_send(&folder, "send.bin", lab.drawn(8 << 20));
        let host = lab.host_with_little_room();
        let options = ["--time-limit", "0.2", "upload"];
        let client = lab.client_with(host.address(), &options, &[&file]);
        let _deaf = host.accept();
        client.expect_trouble("silent", host.address()).expect_exit(1);
    });
}

#[test]
fn ex7_6_a_file_is_brought_as_it_is() {
    promise!(
        "Where the content begins in a read, and where it ends, nobody knows before.",
        |lab| {
            let folder = storage(lab);
            let host = lab.host();
            for len in [0, 1, 2, 3, 100, 49_153, 300_000] {
                let (name, drawn) = (format!("{len}.bin"), lab.drawn(len));
                let client = client_gets(lab, &host, &folder, &name);
                let mut peer = host.accept();
                peer.expect(get(&name)).send(brought(&name, &drawn)).hang_up();
                client.expect_exit(0);
                folder.expect_file(&name, &drawn);
            }
        }
    );
}

#[test]
fn ex7_6_a_file_is_brought_in_any_pieces() {
    promise!("Four letters are three bytes; a read may bring the first of the four.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        let client = client_gets(lab, &host, &folder, "a.txt");
        let mut peer = host.accept();
        peer.expect(get("a.txt"));
        let bytes = brought("a.txt", &Payload::from(HELLO));
        let mut pieces = bytes.bytes().chunks(5);
        lab.repeat(pieces.len(), || {
            peer.send(pieces.next().unwrap_or_default());
            client.until_at_rest();
        });
        peer.hang_up();
        client.expect_exit(0);
        folder.expect_file("a.txt", HELLO).expect_only(&["a.txt"]);
    });
}

#[test]
fn ex7_6_a_file_is_brought_from_any_style_of_json() {
    promise!("Keys have no order, and some write a slash with a backslash.", |lab| {
        let folder = storage(lab);
        let content = b"\xff\xff\xffhalo\xff\xff";
        let host = lab.host();
        for text in [
            r#"{"data_file":"\/\/\/\/aGFsb\/\/\/","data_namafile":"a.txt","status":"OK"}"#,
            "{\n\t\"status\" : \"OK\" ,\n\t\"data_file\"\n:\n\"////aGFsb///\" ,\n\t\"data_namafile\":\"a.txt\" }\n",
            r#"{"status": "OK", "note": "\"data_file\": \"bm8=\"", "data_file": "////aGFsb///", "data": ["data_file"]}"#,
        ] {
            let client = client_gets(lab, &host, &folder, "a.txt");
            host.accept().expect(get("a.txt")).send(reply(text)).hang_up();
            client.expect_exit(0);
            folder.expect_file("a.txt", content).remove("a.txt");
        }
    });
}

#[test]
fn ex7_6_a_file_is_there_whole_or_not_at_all() {
    promise!("Half a file looks like a file, and nobody sees where it ends.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        let bytes = brought("a.txt", &Payload::from("halo".repeat(50_000)));
        let len = bytes.bytes().len();
        for cut in [1, 40, 100_000, len - 6, len - 4, len - 1] {
            let client = client_gets(lab, &host, &folder, "a.txt");
            let part =
                Payload::from(&bytes.bytes()[..cut]).shown_as(&format!("{cut} bytes of the reply"));
            host.accept().expect(get("a.txt")).send(part).hang_up();
            client.expect_trouble("closed", host.address()).expect_exit(1);
            folder.expect_only(&[]);
        }
    });
}

#[test]
fn ex7_6_what_is_no_file_is_a_sentence_and_leaves_nothing() {
    promise!(
        "A reply is what a stranger says, and a client is no more trusting than a server.",
        |lab| {
            let folder = storage(lab);
            folder.put("a.txt", "old");
            let host = lab.host();
            for text in [
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFsb"}"#,
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFsbw"}"#,
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGF!bw=="}"#,
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFs\nbw=="}"#,
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFsbw==aGFs"}"#,
                r#"{"status": "OK", "data_namafile": "a.txt"}"#,
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": null}"#,
                r#"{"status": "ERROR", "data_file": "aGFsbw=="}"#,
                r#"{"data_file": "aGFsbw=="}"#,
                r#"{"status": "OK", "data_file": "aGFsbw==""#,
                r#""data_file": "aGFsbw==""#,
                "aGFsbw==",
            ] {
                let client = client_gets(lab, &host, &folder, "a.txt");
                host.accept().expect(get("a.txt")).send(reply(text)).hang_up();
                client.expect_error(&[]).expect_exit(1);
                folder.expect_file("a.txt", "old").expect_only(&["a.txt"]);
            }
        }
    );
}

#[test]
fn ex7_6_what_is_not_there_is_said_in_the_words_of_the_server() {
    promise!("The server knows why; the client is the only one who can tell the user.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        let client = client_gets(lab, &host, &folder, "a.txt");
        let mut peer = host.accept();
        peer.expect(get("a.txt"))
            .send(reply(r#"{"status": "ERROR", "data": "File tidak ditemukan"}"#));
        peer.hang_up();
        client.expect_error(&["File tidak ditemukan"]).expect_exit(1);
        folder.expect_only(&[]);
    });
}

#[test]
fn ex7_6_a_server_that_falls_silent_in_the_middle_is_given_up() {
    promise!("TCP never says that nothing more is coming; only a clock can.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        let output = folder.path().join("a.txt");
        let options = ["--time-limit", "0.2", "get", "a.txt", "--output"];
        let client = lab.client_with(host.address(), &options, &[&output]);
        let mut peer = host.accept();
        peer.expect(get("a.txt")).send(r#"{"status": "OK", "data_file": "aGFs"#);
        client.expect_trouble("silent", host.address()).expect_exit(1);
        folder.expect_only(&[]);
    });
}

#[test]
fn ex7_6_a_file_goes_where_the_user_is_and_never_above() {
    promise!("A name that is fine on one machine may lead anywhere on another.", |lab| {
        let folder = storage(lab);
        let host = lab.host();
        let client = lab.own_client_in(&folder, host.address(), &["get", "a.txt"]);
        let mut peer = host.accept();
        peer.expect(get("a.txt")).send(brought("a.txt", &Payload::from(HELLO))).hang_up();
        client.expect_exit(0);
        folder.expect_file("a.txt", HELLO);
        let client = lab.own_client_in(&folder, host.address(), &["get", "../new.txt"]);
        client.expect_error(&[]).expect_exit(1);
        folder.expect_no_file("../new.txt").expect_only(&["a.txt"]);
    });
}

#[test]
fn ex7_6_an_upload_is_verified_by_what_comes_back() {
    promise!("What was stored is known only when it has been read again.", |lab| {
        let folder = storage(lab);
        let file = file_to_send(&folder, "send.txt", HELLO);
        let host = lab.host();
        for (back, code) in
            [(HELLO, 0), ("halo dunid\n", 1), ("halo dunia", 1), ("halo dunia\n\n", 1)]
        {
            let client = lab.client_with(host.address(), &["upload", "--verify"], &[&file]);
            let mut peer = host.accept();
            peer.expect(upload("send.txt", HELLO)).send(reply(r#"{"status": "OK"}"#)).hang_up();
            let mut peer = host.accept();
            peer.expect(get("send.txt")).send(brought("send.txt", &Payload::from(back))).hang_up();
            client.expect_exit(code);
        }
    });
}

#[test]
fn ex7_6_the_client_and_the_server_understand_each_other() {
    promise!("Both ends must keep their promises for a file to arrive.", |lab| {
        let folder = storage_with_hello(lab);
        let drawn = lab.drawn(1_000_000);
        let file = file_to_send(&folder, "send\u{e9}.bin", &drawn);
        let output = folder.path().with_file_name("back.bin");
        for wire in ["json", "raw"] {
            let server = lab.server_over(&folder, &["--wire", wire]);
            let client = |options: &[&str], paths: &[&Path]| {
                let options = [&["--wire", wire][..], options].concat();
                lab.client_with(server.address(), &options, paths)
            };
            client(&["upload", "--verify"], &[&file]).expect_exit(0);
            folder.expect_file("send\u{e9}.bin", &drawn);
            client(&["list"], &[]).expect_shown("hello.txt\nsend\u{e9}.bin\n").expect_exit(0);
            client(&["get", "send\u{e9}.bin", "--output"], &[&output]).expect_exit(0);
            folder.expect_file("../back.bin", &drawn);
            client(&["delete", "send\u{e9}.bin"], &[]).expect_exit(0);
            folder.expect_only(&["hello.txt"]);
            client(&["delete", "send\u{e9}.bin"], &[]).expect_error(&[]).expect_exit(1);
        }
    });
}

// 7.7 One row of the stress table.

const COLUMNS: &str = "Nomor,Operasi,Volume,Jumlah client worker pool,\
    Jumlah server worker pool,Waktu total per client,Throughput per client,\
    Jumlah worker client yang sukses dan gagal,Jumlah worker server yang sukses dan gagal";

/// Starts a stress test in `folder`, which keeps the files of its servers there too.
#[track_caller]
fn stress(lab: &Lab, folder: &Folder, options: &[&str]) -> Program {
    lab.program_in(folder, &[&["stress", "--storage", "."], options].concat())
}

#[test]
fn ex7_7_every_combination_has_its_row_and_nothing_is_left_behind() {
    promise!("What is measured once may be chance; what is left out was not measured.", |lab| {
        let folder = storage(lab);
        let choices = ["--quick", "--client-workers", "1,2", "--server-workers", "1,3"];
        stress(lab, &folder, &choices).expect_exit(0);
        let lines = [
            COLUMNS,
            "1,download,1 MB,1,1,*,*,1 sukses 0 gagal,1 sukses 0 gagal",
            "2,download,1 MB,1,3,*,*,1 sukses 0 gagal,1 sukses 0 gagal",
            "3,download,1 MB,2,1,*,*,2 sukses 0 gagal,2 sukses 0 gagal",
            "4,download,1 MB,2,3,*,*,2 sukses 0 gagal,2 sukses 0 gagal",
            "5,upload,1 MB,1,1,*,*,1 sukses 0 gagal,1 sukses 0 gagal",
            "6,upload,1 MB,1,3,*,*,1 sukses 0 gagal,1 sukses 0 gagal",
            "7,upload,1 MB,2,1,*,*,2 sukses 0 gagal,2 sukses 0 gagal",
            "8,upload,1 MB,2,3,*,*,2 sukses 0 gagal,2 sukses 0 gagal",
        ];
        folder.expect_lines("stress.csv", &lines);
        folder.expect_part("stress.svg", "<svg").expect_only(&["stress.csv", "stress.svg"]);
    });
}

#[test]
fn ex7_7_clients_and_servers_may_be_processes_and_speak_raw() {
    promise!("What is measured is the same, whoever does it and in whatever language.", |lab| {
        let folder = storage(lab);
        let choices =
            ["--sizes", "1,2", "--client-workers", "3", "--server-workers", "2", "--headers", "en"];
        let kinds = ["--mode", "process", "--clients", "processes", "--wire", "raw"];
        stress(lab, &folder, &[&choices[..], &kinds].concat()).expect_exit(0);
        let lines = [
            "Number,Operation,Volume,Client worker pool,Server worker pool,\
             Total time per client (s),Throughput per client (bytes/s),\
             Client workers succeeded and failed,Server workers succeeded and failed",
            "1,download,1 MB,3,2,*,*,3 succeeded 0 failed,3 succeeded 0 failed",
            "2,download,2 MB,3,2,*,*,3 succeeded 0 failed,3 succeeded 0 failed",
            "3,upload,1 MB,3,2,*,*,3 succeeded 0 failed,3 succeeded 0 failed",
            "4,upload,2 MB,3,2,*,*,3 succeeded 0 failed,3 succeeded 0 failed",
        ];
        folder.expect_lines("stress.csv", &lines).expect_only(&["stress.csv", "stress.svg"]);
    });
}

#[test]
fn ex7_7_failures_are_counted_on_both_sides_and_said() {
    promise!("A table that counts what it hoped for is worth nothing.", |lab| {
        let folder = storage_with_hello(lab);
        // Where a folder stands, no file can be stored.
        folder.put_folder("stress-upload-1");
        let server = lab.server_over(&folder, &THREADS);
        // It has been counting before.
        let mut peer = server.peer();
        peer.send(get("hello.txt").and(get("missing")));
        peer.expect_reply(&Reply::file("hello.txt", HELLO)).expect_reply(&Reply::error()).hang_up();
        let table = lab.folder();
        let program = stress_against(
            lab,
            &table,
            server.address(),
            &["--client-workers", "3", "--server-workers", "4"],
        );
        program.expect_exit(1).expect_error(&["1 of 2 rows"]);
        let lines = [
            COLUMNS,
            "1,download,1 MB,3,4,*,*,3 sukses 0 gagal,3 sukses 0 gagal",
            "2,upload,1 MB,3,4,*,*,2 sukses 1 gagal,2 sukses 1 gagal",
        ];
        table.expect_lines("stress.csv", &lines);
        folder.expect_only(&["hello.txt", "stress-upload-1"]);
    });
}

/// Starts a stress test in `table` against a server of the judge's.
#[track_caller]
fn stress_against(lab: &Lab, table: &Folder, server: SocketAddr, options: &[&str]) -> Program {
    let address = server.to_string();
    let always = ["stress", "--quick", "--connect", &address];
    lab.program_in(table, &[&always[..], options].concat())
}

/// Answers the next client, which asks one thing.
#[track_caller]
fn answer(host: &Host, question: impl Into<Payload>, answer: &Payload) {
    host.accept().expect(question).send(answer).hang_up();
}

/// Takes an upload of the next client, and hands back its content, as base64.
#[track_caller]
fn take_upload(host: &Host, name: &str) -> Payload {
    let mut peer = host.accept();
    let content = peer.expect_between(&format!("UPLOAD {name} "), END);
    peer.send(reply(r#"{"status": "OK"}"#)).hang_up();
    content
}

/// Gives the next client, which asks for `name`, a file with this base64.
#[track_caller]
fn give(host: &Host, name: &str, content: &Payload) {
    let head = Payload::text(r#"{"status": "OK", "data_file": ""#);
    answer(host, get(name), &head.and(content).and(Payload::text("\"}\r\n\r\n")));
}

#[test]
fn ex7_7_a_server_that_does_not_count_is_measured_all_the_same() {
    promise!("What nobody can tell is left empty, and not made up.", |lab| {
        let (table, host) = (lab.folder(), lab.host());
        let unknown = reply(r#"{"status": "ERROR", "data": "Perintah tidak valid"}"#);
        let one = ["--client-workers", "1", "--server-workers", "1"];
        let program = stress_against(lab, &table, host.address(), &one);
        let content = take_upload(&host, "stress-download-1");
        answer(&host, request("STATS"), &unknown);
        give(&host, "stress-download-1", &content);
        answer(&host, request("STATS"), &unknown);
        answer(&host, delete("stress-download-1"), &unknown);

        answer(&host, request("STATS"), &unknown);
        let content = take_upload(&host, "stress-upload-0");
        answer(&host, request("STATS"), &unknown);
        give(&host, "stress-upload-0", &content);
        answer(&host, delete("stress-upload-0"), &unknown);
        program.expect_exit(0);
        let lines = [
            COLUMNS,
            "1,download,1 MB,1,1,*,*,1 sukses 0 gagal,",
            "2,upload,1 MB,1,1,*,*,1 sukses 0 gagal,",
        ];
        table.expect_lines("stress.csv", &lines);
    });
}

#[test]
fn ex7_7_what_comes_back_changed_has_failed() {
    promise!("A transfer is done when the bytes are the same, and not when it has ended.", |lab| {
        let (table, host) = (lab.folder(), lab.host());
        let counts = |succeeded| stats(succeeded, 0);
        let one = ["--client-workers", "1", "--server-workers", "1"];
        let program = stress_against(lab, &table, host.address(), &one);
        take_upload(&host, "stress-download-1");
        answer(&host, request("STATS"), &counts(5));
        let zeros = Payload::from(vec![0; 1_000_000]).shown_as("as many zeros");
        give(&host, "stress-download-1", &zeros.as_base64());
        answer(&host, request("STATS"), &counts(6));
        answer(&host, delete("stress-download-1"), &reply(r#"{"status": "OK"}"#));

        answer(&host, request("STATS"), &counts(7));
        let content = take_upload(&host, "stress-upload-0");
        answer(&host, request("STATS"), &counts(8));
        let (cut, _) = content.split_at(content.bytes().len() - 400);
        give(&host, "stress-upload-0", &cut);
        answer(&host, delete("stress-upload-0"), &reply(r#"{"status": "OK"}"#));
        program.expect_exit(1);
        let lines = [
            COLUMNS,
            "1,download,1 MB,1,1,0.000000,0,0 sukses 1 gagal,1 sukses 0 gagal",
            "2,upload,1 MB,1,1,0.000000,0,0 sukses 1 gagal,1 sukses 0 gagal",
        ];
        table.expect_lines("stress.csv", &lines);
    });
}

#[test]
fn ex7_7_a_row_that_fails_does_not_keep_the_next_from_being_measured() {
    promise!("Who gives up at the first failure never sees how many there are.", |lab| {
        let (table, nobody) = (lab.folder(), lab.nobody());
        let choices = ["--client-workers", "2", "--server-workers", "1"];
        let program = stress_against(lab, &table, nobody.address(), &choices);
        program.expect_exit(1).expect_error(&["2 of 2 rows"]);
        let lines = [
            COLUMNS,
            "1,download,1 MB,2,1,0.000000,0,0 sukses 2 gagal,",
            "2,upload,1 MB,2,1,0.000000,0,0 sukses 2 gagal,",
        ];
        table.expect_lines("stress.csv", &lines);
    });
}

#[test]
fn ex7_7_a_run_goes_on_where_it_was_stopped() {
    promise!("What has been measured need not be measured again; what has failed must.", |lab| {
        let folder = storage(lab);
        let kept = "1,download,1 MB,1,1,123.000000,456,1 sukses 0 gagal,1 sukses 0 gagal";
        let failed = "2,upload,1 MB,1,1,123.000000,456,0 sukses 1 gagal,0 sukses 1 gagal";
        folder.put("stress.csv", format!("{COLUMNS}\n{kept}\n{failed}\n"));
        let choices = ["--quick", "--client-workers", "1", "--server-workers", "1", "--resume"];
        stress(lab, &folder, &choices).expect_exit(0);
        let again = "2,upload,1 MB,1,1,*,*,1 sukses 0 gagal,1 sukses 0 gagal";
        folder.expect_lines("stress.csv", &[COLUMNS, kept, again]);
    });
}

#[test]
fn ex7_7_ctrl_c_stops_the_run_and_clears_away() {
    promise!("A program that is stopped owes others what it has begun with them.", |lab| {
        let (table, host) = (lab.folder(), lab.host());
        let unknown = reply(r#"{"status": "ERROR", "data": "Perintah tidak valid"}"#);
        let one = ["--client-workers", "1", "--server-workers", "1"];
        let program = stress_against(lab, &table, host.address(), &one);
        let content = take_upload(&host, "stress-download-1");
        answer(&host, request("STATS"), &unknown);
        let mut peer = host.accept();
        let (front, rest) = content.split_at(100_000);
        peer.expect(get("stress-download-1"))
            .send(r#"{"status": "OK", "data_file": ""#)
            .send(front);
        program.until_at_rest().interrupt().until_at_rest();
        peer.send(rest).hang_up();
        answer(&host, request("STATS"), &unknown);
        answer(&host, delete("stress-download-1"), &reply(r#"{"status": "OK"}"#));
        program.expect_exit(1).expect_error(&["stopped", "--resume"]);
        table.expect_no_file("stress.csv");
    });
}
