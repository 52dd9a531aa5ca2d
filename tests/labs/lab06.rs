//! What the HTTP server promises in its three models, and its client.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep. A response is judged by what it means: a promise names what
//! matters of it, and the case of fields, their order and the reason are free.

use wirelab::{Folder, Lab, Payload, Peer, Server, Wanted, promise};

const HELLO: &str = "halo dunia\n";

/// Nothing of this may ever leave the server.
const SECRET: &str = "what lies outside is nobody's business";

/// What may be said of a path that leads nowhere or outside.
const NO_SUCH_PATH: [u16; 3] = [400, 403, 404];

/// What may be said of an upload or a deletion that is not possible there.
const NO_SUCH_PLACE: [u16; 5] = [400, 403, 404, 405, 409];

/// What may be said of an upload that has been stored.
const STORED: [u16; 3] = [200, 201, 204];

/// The same where several write one file at the same time.
const WRITTEN: [u16; 4] = [200, 201, 204, 409];

/// How often something is tried that even a right server may miss when it has bad luck.
const ROUNDS: usize = 10;

/// Behind this many names a listing takes its time.
const MANY_FILES: usize = 10_000;

/// A request without a body.
fn request(line: &str, fields: &[&str]) -> Payload {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    Payload::text(format!("{line} HTTP/1.1\r\nHost: wirelab\r\n{fields}\r\n"))
}

fn get(path: &str) -> Payload {
    request(&format!("GET {path}"), &[])
}

/// The head of an upload of so many bytes.
fn post_head(path: &str, len: usize) -> Payload {
    request(&format!("POST {path}"), &[&format!("Content-Length: {len}")])
}

/// An upload.
fn post(path: &str, body: impl Into<Payload>) -> Payload {
    let body = body.into();
    post_head(path, body.bytes().len()).and(&body)
}

/// A response with all of `body`. It may come in chunks, and then says nothing of its length.
fn ok(body: impl Into<Payload>) -> Wanted {
    let body = body.into();
    let len = body.bytes().len().to_string();
    Wanted::status(200).field_if_any("Content-Length", &len).body(body)
}

fn stored() -> Wanted {
    Wanted::one_of(&STORED)
}

/// A folder with one small file.
fn folder_with_hello(lab: &Lab) -> Folder {
    let folder = lab.folder();
    folder.put("hello.txt", HELLO);
    folder
}

/// Asks for the small file on a connection of its own, and gets it.
#[track_caller]
fn ask(server: &Server) -> Peer {
    let mut peer = server.peer();
    peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
    peer
}

/// Connects a peer for each place where a stream can be cut, and sends each peer's own `stream` cut
/// there, so that each half comes in a read of its own.
#[track_caller]
fn cut_anywhere(lab: &Lab, server: &Server, stream: impl Fn(usize) -> Payload) -> Vec<Peer> {
    let count = stream(0).bytes().len() - 1;
    let mut peers = Vec::new();
    lab.repeat(count, || {
        let cut = peers.len() + 1;
        let mut peer = server.peer();
        peer.send(&stream(cut).bytes()[..cut]);
        peers.push(peer);
    });
    server.until_at_rest();
    let mut cuts = (1..).zip(&mut peers);
    lab.repeat(count, || {
        let (cut, peer) = cuts.next().expect("a peer for each cut");
        peer.send(&stream(cut).bytes()[cut..]);
    });
    peers
}

/// Does the same for each of `peers`.
#[track_caller]
fn for_each(lab: &Lab, peers: &mut [Peer], act: impl Fn(&mut Peer)) {
    let mut rest = peers.iter_mut();
    lab.repeat(rest.len(), || act(rest.next().expect("one of them")));
}

// Given: it holds before the first exercise.

#[test]
fn ex6_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--model", "hope"]);
        program.expect_error(&["hope", "events", "Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["--workers", "0"]);
        program.expect_error(&["at least 1", "Usage:", "Examples:"]).expect_exit(2);
    });
}

#[test]
fn ex6_0_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        lab.server_over(&lab.folder(), &[]).expect_ready_line();
    });
}

#[test]
fn ex6_0_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let folder = lab.folder();
        let first = lab.server_over(&folder, &[]);
        let second = lab.server_over_in_vain(&folder, first.port());
        second.expect_error(&["in use"]).expect_exit(1);
        first.peer();
    });
}

#[test]
fn ex6_0_ctrl_c_ends_a_server_that_waits_with_exit_code_0() {
    promise!("A signal is no descriptor: something has to make it end the wait.", |lab| {
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        server.until_at_rest();
        server.interrupt().expect_exit(0);
    });
}

// Given: the client.

/// A response of a server of ours, with `fields` and `body`.
fn respond(status: &str, fields: &[&str], body: &str) -> Payload {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    Payload::text(format!("HTTP/1.1 {status}\r\n{fields}\r\n{body}"))
}

#[test]
fn ex6_0_an_upload_goes_out_with_its_length_and_its_bytes() {
    promise!("Whoever sends a body says first how long it is.", |lab| {
        let folder = lab.folder();
        folder.put("../up load.txt", HELLO);
        let file = folder.path().with_file_name("up load.txt");
        let host = lab.host();
        let client = lab.client_with(host.address(), &["upload"], &[&file]);
        let mut peer = host.accept();
        let wanted = Wanted::request("POST /").field("Content-Length", "11").body(HELLO);
        peer.expect_request(&wanted).send(respond("200 OK", &["Content-Length: 4"], "good"));
        client.expect_shown("good\n").expect_exit(0);
    });
}

#[test]
fn ex6_0_get_shows_the_body_and_nothing_else() {
    promise!("What a program shows, another may read.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["get", "/a b.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /a%20b.txt HTTP/1.1").has_field("Host"));
        peer.send(respond("200 OK", &["Content-Length: 11"], HELLO));
        client.expect_shown(HELLO).expect_exit(0);
    });
}

#[test]
fn ex6_0_the_client_ends_with_the_body_and_not_with_the_connection() {
    promise!("Some servers close late, and some send more than they have said.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["get", "/hello.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt"));
        // No blank behind the colon, and an empty line too much.
        let fields = ["Content-type:text/plain", "Content-Length:11"];
        peer.send(respond("200 OK", &fields, HELLO).and("\r\n\r\n"));
        client.expect_shown(HELLO).expect_exit(0);
    });
}

#[test]
fn ex6_0_the_client_knows_every_way_in_which_a_body_ends() {
    promise!("By its length, by its last chunk, or by the end of the stream.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["get", "/hello.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt"));
        peer.send(respond("100 Continue", &[], ""));
        peer.send(respond("200 OK", &["Transfer-Encoding: chunked"], "5\r\nhalo \r"));
        peer.until_read().send("\n6;x=y\r\ndunia\n\r\n0\r\n\r\n");
        client.expect_shown(HELLO).expect_exit(0);
        let client = lab.client(host.address(), &["get", "/hello.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt"));
        peer.send("HTTP/1.0 200 OK\r\n\r\nhalo ").until_read().send("dunia\n").hang_up();
        client.expect_shown(HELLO).expect_exit(0);
    });
}

#[test]
fn ex6_0_list_shows_one_name_on_a_line() {
    promise!("A list may be a text, a page with line breaks, or a page with links.", |lab| {
        let host = lab.host();
        for (kind, list) in [
            ("text/html", "isi dir upload: <br>a b.txt<br>c&amp;d.txt"),
            ("text/plain", "a b.txt\nc&d.txt\n"),
            ("text/html", "<html><a href=\"a%20b.txt\">x</a> <a href='c%26d.txt'>y</a></html>"),
        ] {
            let client = lab.client(host.address(), &["list", "/upload"]);
            let mut peer = host.accept();
            peer.expect_request(&Wanted::request("GET /upload"));
            let fields =
                [format!("Content-Type: {kind}"), format!("Content-Length: {}", list.len())];
            let [kind, len] = &fields;
            peer.send(respond("200 OK", &[kind, len], list));
            client.expect_shown("a b.txt\nc&d.txt\n").expect_exit(0);
        }
    });
}

#[test]
fn ex6_0_a_refusal_is_a_sentence_and_exit_code_1() {
    promise!("A page that says that something is missing is not what was asked for.", |lab| {
        let host = lab.host();
        for (arguments, request, refusal) in [
            (["get", "/missing.txt"], "GET /missing.txt", "404 Not Found"),
            (["delete", "missing.txt"], "DELETE /missing.txt", "404 Not Found"),
            (["list", "secret"], "GET /secret", "403 Forbidden"),
        ] {
            let client = lab.client(host.address(), &arguments);
            let mut peer = host.accept();
            peer.expect_request(&Wanted::request(request));
            peer.send(respond(refusal, &["Content-Length: 3"], "no\n"));
            client.expect_trouble(&refusal[..3], host.address()).expect_exit(1);
        }
    });
}

#[test]
fn ex6_0_a_body_that_breaks_off_is_a_sentence_and_exit_code_1() {
    promise!("An end of stream before the end of the body is a loss, not an end.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["get", "/hello.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt"));
        peer.send(respond("200 OK", &["Content-Length: 11"], "halo")).hang_up();
        client.expect_trouble("closed", host.address()).expect_exit(1);
        let client = lab.client(host.address(), &["delete", "hello.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("DELETE /hello.txt")).hang_up();
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}

#[test]
fn ex6_0_a_silent_server_is_given_up_and_one_that_is_not_there_is_told() {
    promise!("TCP never says that nothing is coming; only a clock can.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--time-limit", "0.2", "get", "/hello.txt"]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt")).send("HTTP/1.1 200 OK\r\n");
        client.expect_trouble("silent", host.address()).expect_exit(1);
        let nobody = lab.nobody();
        let client = lab.client(nobody.address(), &["get", "/hello.txt"]);
        client.expect_trouble("refused", nobody.address()).expect_exit(1);
    });
}

#[test]
fn ex6_0_a_file_that_is_brought_is_there_whole_or_not_at_all() {
    promise!("Half a file looks like a file, and nobody sees where it ends.", |lab| {
        let (host, folder) = (lab.host(), lab.folder());
        let output = folder.path().join("hello.txt");
        let get = ["get", "/hello.txt", "--output"];
        let client = lab.client_with(host.address(), &get, &[&output]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt"));
        peer.send(respond("200 OK", &["Content-Length: 11"], "halo")).hang_up();
        client.expect_trouble("closed", host.address()).expect_exit(1);
        folder.expect_only(&[]);
        let client = lab.client_with(host.address(), &get, &[&output]);
        let mut peer = host.accept();
        peer.expect_request(&Wanted::request("GET /hello.txt"));
        peer.send(respond("200 OK", &["Content-Length: 11"], HELLO)).hang_up();
        client.expect_exit(0);
        folder.expect_file("hello.txt", HELLO).expect_only(&["hello.txt"]);
    });
}

// 6.1 One request, one response.

#[test]
fn ex6_1_a_file_comes_with_its_length_and_its_bytes() {
    promise!("A response says itself where it ends: by its length, or in chunks.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = ok(HELLO).field_begins("Content-Type", "text/plain");
        server.peer().send(get("/hello.txt")).expect_response(&wanted);
    });
}

#[test]
fn ex6_1_the_length_counts_bytes_and_not_letters() {
    promise!("A letter with an accent is one letter and two bytes.", |lab| {
        let folder = lab.folder();
        let page = "<p>h\u{e9}ll\u{f6} w\u{f8}rld, \u{1f600}</p>\n".repeat(20);
        folder.put("page.html", &page);
        let server = lab.server_over(&folder, &[]);
        let wanted = ok(&page).field_begins("Content-Type", "text/html");
        server.peer().send(get("/page.html")).expect_response(&wanted);
    });
}

#[test]
fn ex6_1_every_byte_value_comes_unchanged() {
    promise!("A body is bytes; that they are text is only a hope.", |lab| {
        let folder = lab.folder();
        let every_value: Vec<u8> = (0..=255).collect();
        let drawn = lab.drawn(70_000);
        folder.put("every.jpg", &every_value).put("drawn.jpg", &drawn);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/every.jpg")).expect_response(&ok(&every_value));
        server.peer().send(get("/drawn.jpg")).expect_response(&ok(&drawn));
    });
}

#[test]
fn ex6_1_an_empty_file_has_a_response_too() {
    promise!("A length of 0 is a length; a response without one has no end.", |lab| {
        let folder = lab.folder();
        folder.put("empty.txt", "").put("one.txt", "1");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/empty.txt")).expect_response(&ok(""));
        server.peer().send(get("/one.txt")).expect_response(&ok("1"));
    });
}

#[test]
fn ex6_1_a_file_of_no_known_type_is_served_too() {
    promise!("There are more kinds of files than any table knows.", |lab| {
        let folder = lab.folder();
        folder.put("strange.xyzzy", "strange").put("README", "no ending at all");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/strange.xyzzy")).expect_response(&ok("strange"));
        server.peer().send(get("/README")).expect_response(&ok("no ending at all"));
    });
}

#[test]
fn ex6_1_a_head_cut_at_any_place_is_one_request() {
    promise!("TCP keeps no message boundaries: a head may arrive in many reads.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peers = cut_anywhere(lab, &server, |_| get("/hello.txt"));
        for_each(lab, &mut peers, |peer| {
            peer.expect_response(&ok(HELLO));
        });
    });
}

#[test]
fn ex6_1_a_head_without_its_end_is_not_a_request_yet() {
    promise!("An empty line ends a head, and nothing else does.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send("GET /hello.txt HTTP/1.1\r\n").until_read().expect_nothing(&server);
        peer.send("Host: wirelab\r\n").until_read().expect_nothing(&server);
        peer.send("\r\n").expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_1_a_query_is_no_part_of_the_name() {
    promise!("What stands behind the question mark is for programs, not for the disk.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/hello.txt?x=1&y=2")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_1_a_request_that_comes_together_with_the_end_is_answered() {
    promise!("Whoever has nothing more to say may still listen.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.freeze();
        let mut peer = server.peer();
        peer.send(get("/hello.txt")).half_close();
        server.thaw();
        peer.expect_response(&ok(HELLO)).expect_gone();
        server.peer().half_close().expect_gone();
        ask(&server);
    });
}

#[test]
fn ex6_1_the_date_is_in_the_one_form_that_http_knows() {
    promise!("Two machines agree about a time only if they agree how to write it.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = ok(HELLO).now_if_any("Date");
        server.peer().send(get("/hello.txt")).expect_response(&wanted);
    });
}

#[test]
fn ex6_1_a_file_of_16_mebibytes_comes_whole() {
    promise!("One write takes what the kernel has room for, and says how much that was.", |lab| {
        let folder = lab.folder();
        let large = lab.drawn(16 << 20);
        folder.put("large.bin", &large);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/large.bin")).expect_response(&ok(&large));
    });
}

#[test]
fn ex6_1_a_large_file_costs_little_memory() {
    promise!("A file is on the disk already; it need not be in memory as well.", |lab| {
        lab.not_for_commands("a command may hold as much as it likes");
        let folder = lab.folder();
        folder.put_zeros("large.bin", 32 << 20);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer_with_little_room();
        server.expect_to_grow_at_most(4 << 20, || {
            peer.send(get("/large.bin")).until_read();
            server.until_at_rest();
        });
        peer.expect_response(&ok(vec![0; 32 << 20]));
        server.expect_to_grow_at_most(4 << 20, || ());
    });
}

#[test]
fn ex6_1_clients_that_send_half_a_head_hold_up_nobody() {
    promise!("A read from somebody who says nothing waits for as long as he likes.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut slow = server.crowd(50);
        slow.send("GET /hello.txt HTTP/1.1\r\nHost: wi");
        server.until_at_rest();
        ask(&server);
        slow.send("relab\r\n\r\n").expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_1_clients_that_do_not_read_hold_up_nobody() {
    promise!("A write to somebody who reads nothing waits for as long as he likes.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &[]);
        let mut stuck = server.crowd_with_little_room(20);
        stuck.send(get("/large.bin"));
        server.until_at_rest();
        ask(&server);
        stuck.reset();
        server.until_at_rest();
        ask(&server);
    });
}

#[test]
fn ex6_1_a_reset_in_the_middle_of_anything_ends_one_client() {
    promise!("What one client does ends at most its own conversation.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &[]);
        let mut witness = server.peer();
        lab.repeat(3, || {
            server.peer().send("GET /hello.txt HT").until_read().reset();
            server.peer_with_little_room().send(get("/large.bin")).until_read().reset();
            server.freeze();
            server.peer().send(get("/hello.txt")).reset();
            server.thaw();
        });
        server.until_at_rest();
        witness.send(get("/hello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_1_what_has_arrived_is_answered_before_the_goodbye() {
    promise!("A signal may come when the bytes are there and not yet read.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let (mut silent, mut late) = (server.peer(), server.peer());
        server.until_at_rest().freeze();
        late.send(get("/hello.txt"));
        server.interrupt().thaw();
        late.expect_response(&ok(HELLO)).expect_gone();
        silent.expect_gone();
        server.expect_exit(0);
    });
}

// 6.2 What cannot be had: HEAD, 400, 404, 405, 501.

#[test]
fn ex6_2_what_is_not_there_is_404() {
    promise!("A program reads the status, and only a person reads the page behind it.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/missing.txt")).expect_response(&Wanted::status(404));
        ask(&server);
    });
}

#[test]
fn ex6_2_head_has_the_fields_of_get_and_no_body() {
    promise!("Whoever reads a body that was not sent reads the next response.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::status(200).field_if_any("Content-Length", "11").to_head();
        let close = ["Connection: close"];
        let mut peer = server.peer();
        peer.send(request("HEAD /hello.txt", &close)).expect_response(&wanted).expect_gone();
        let mut peer = server.peer();
        let missing = Wanted::status(404).to_head();
        peer.send(request("HEAD /missing.txt", &close)).expect_response(&missing).expect_gone();
    });
}

#[test]
fn ex6_2_a_method_that_nobody_knows_is_501() {
    promise!("A server says what it cannot do; only the client can do without it.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::status(501);
        server.peer().send(request("BREW /hello.txt", &[])).expect_response(&wanted);
        ask(&server);
    });
}

#[test]
fn ex6_2_a_method_that_is_not_allowed_is_405_and_is_told_which_are() {
    promise!("Whoever may not do one thing wants to know what he may.", |lab| {
        lab.not_for_commands("a command need not know PUT");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::status(405).field_lists("Allow", "GET").field_lists("Allow", "HEAD");
        let wanted = wanted.field_lists("Allow", "POST").field_lists("Allow", "DELETE");
        let put = request("PUT /hello.txt", &["Content-Length: 0"]);
        server.peer().send(put).expect_response(&wanted);
        server.peer().send(request("PATCH /hello.txt", &[])).expect_response(&wanted);
        folder.expect_file("hello.txt", HELLO);
    });
}

#[test]
fn ex6_2_what_is_no_request_is_refused() {
    promise!("Anybody may send anything; a server has an answer to it, and goes on.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        for garbage in ["hello?", "GET", "GET /hello.txt HTTP/x"] {
            let garbage = Payload::text(format!("{garbage}\r\nHost: wirelab\r\n\r\n"));
            server.peer().send(garbage).expect_response(&Wanted::refusal());
        }
        ask(&server);
    });
}

#[test]
fn ex6_2_a_field_that_two_servers_could_read_in_two_ways_is_refused() {
    promise!("Where two servers read one request in two ways, another can hide in it.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        // A line that goes on on the next, and a CR in a value.
        for field in ["X: a\r\n Content-Length: 5", "X: a\rContent-Length: 5"] {
            let request = request("GET /hello.txt", &[field]);
            server.peer().send(request).expect_response(&Wanted::refusal());
        }
        ask(&server);
    });
}

#[test]
fn ex6_2_a_field_that_is_not_well_formed_is_refused() {
    promise!("Whoever guesses what was meant guesses otherwise than somebody else.", |lab| {
        lab.not_for_commands("a command may be kinder");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        for field in ["Content-Length : 5", "X: a\0b", "no colon here", ": no name", "Host: two"] {
            let request = request("GET /hello.txt", &[field]);
            server.peer().send(request).expect_response(&Wanted::status(400));
        }
        ask(&server);
    });
}

#[test]
fn ex6_2_a_request_says_to_whom_it_is_sent() {
    promise!("One address may stand for many servers; Host says which is meant.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let ask_with = |version: &str, hosts: &str| {
            Payload::text(format!("GET /hello.txt HTTP/1.{version}\r\n{hosts}\r\n"))
        };
        server.peer().send(ask_with("1", "")).expect_response(&Wanted::refusal());

        // Before HTTP/1.1 nobody knew of Host.
        server.peer().send(ask_with("0", "")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_2_a_body_without_a_certain_end_is_refused_and_nothing_behind_it_is_heard() {
    promise!(
        "Whoever cannot tell where a body ends cannot tell what the next request is.",
        |lab| {
            let folder = folder_with_hello(lab);
            let server = lab.server_over(&folder, &[]);
            for fields in [
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: -5\r\n",
                "Content-Length: 5 5\r\n",
                "Content-Length: five\r\n",
                "Content-Length: 99999999999999999999999999\r\n",
            ] {
                let head = format!("POST /new.txt HTTP/1.1\r\nHost: wirelab\r\n{fields}\r\n");
                let mut peer = server.peer();
                peer.send(Payload::text(head).and(get("/hello.txt")));
                peer.half_close().expect_response(&Wanted::refusal().or_gone()).expect_gone();
            }
            folder.expect_no_file("new.txt");
            ask(&server);
        }
    );
}

#[test]
fn ex6_2_a_head_that_is_too_long_is_refused_before_it_has_an_end() {
    promise!("Whoever keeps a head until it is whole keeps what strangers send.", |lab| {
        lab.not_for_commands("a command may have other limits");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let line = Payload::from(format!("GET /{}", "x".repeat(9_000)));
        server.peer().send(line).expect_response(&Wanted::status(414));
        let fields = format!("X: {}\r\n", "x".repeat(1_000)).repeat(20);
        let head = Payload::from(format!("GET / HTTP/1.1\r\nHost: wirelab\r\n{fields}"));
        server.peer().send(head).expect_response(&Wanted::status(431));
        let fields = "X: x\r\n".repeat(200);
        let head = Payload::from(format!("GET / HTTP/1.1\r\nHost: wirelab\r\n{fields}\r\n"));
        server.peer().send(head).expect_response(&Wanted::status(431));
        ask(&server);
    });
}

#[test]
fn ex6_2_a_head_that_is_too_long_is_refused_though_all_of_it_is_there() {
    promise!("A limit that depends on how the bytes arrive is none.", |lab| {
        lab.not_for_commands("a command may have other limits");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let fields = format!("X: {}\r\n", "x".repeat(1_000)).repeat(20);
        let head = Payload::from(format!("GET / HTTP/1.1\r\nHost: wirelab\r\n{fields}\r\n"));
        let mut peer = server.peer();
        server.freeze();
        peer.send(head);
        server.thaw();
        peer.expect_response(&Wanted::status(431));
        ask(&server);
    });
}

#[test]
fn ex6_2_another_version_of_http_is_505_and_a_later_http_1_is_understood() {
    promise!("The first number of a version says whether two can talk at all.", |lab| {
        lab.not_for_commands("a command may call any other version a bad request");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let ask_in = |version| {
            Payload::text(format!("GET /hello.txt HTTP/{version}\r\nHost: wirelab\r\n\r\n"))
        };
        server.peer().send(ask_in("2.0")).expect_response(&Wanted::status(505));
        server.peer().send(ask_in("1.2")).expect_response(&ok(HELLO));
    });
}

// 6.3 A path below the root, or nothing.

#[test]
fn ex6_3_a_name_is_decoded_and_decoded_once() {
    promise!("What still looks encoded after one decoding is part of the name.", |lab| {
        let folder = lab.folder();
        folder.put("a b.txt", "blank").put("\u{e9}t\u{e9}.txt", "summer");
        folder.put("%41.txt", "percent").put("A.txt", "letter").put("a+b.txt", "plus");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/a%20b.txt")).expect_response(&ok("blank"));
        server.peer().send(get("/%C3%A9t%c3%a9.txt")).expect_response(&ok("summer"));
        server.peer().send(get("/%2541.txt")).expect_response(&ok("percent"));
        server.peer().send(get("/%41.txt")).expect_response(&ok("letter"));
        server.peer().send(get("/a+b.txt")).expect_response(&ok("plus"));
    });
}

#[test]
fn ex6_3_no_path_leads_outside() {
    promise!("Two dots lead up, in whatever way they are written.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("../secret.txt", SECRET).put("inside/file.txt", "inside");
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::one_of(&NO_SUCH_PATH).body_lacks(SECRET);
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/.%2E/secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e%2Fsecret.txt",
            "/inside/../../secret.txt",
            "/inside/%2e%2e/%2e%2e/secret.txt",
            "/./../secret.txt",
            "//../secret.txt",
            "/hello.txt/../../secret.txt",
            "/%252e%252e/secret.txt",
            "/..\\secret.txt",
            "/../secret.txt?x=1",
        ] {
            server.peer().send(get(path)).expect_response(&wanted);
        }
        server.peer().send(get("/hello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_3_no_path_leads_to_the_root_of_the_machine() {
    promise!("A path that begins with two slashes is still a path below the root.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("../secret.txt", SECRET);
        let server = lab.server_over(&folder, &[]);
        let secret = folder.path().with_file_name("secret.txt");
        let secret = secret.to_string_lossy().into_owned();
        let wanted = Wanted::one_of(&NO_SUCH_PATH).body_lacks(SECRET);
        let paths = [
            ("its own path", secret.clone()),
            ("its own path behind another slash", format!("/{secret}")),
            ("its own path with its slashes encoded", format!("/{}", secret.replace('/', "%2F"))),
            ("its own path on the way up", format!("/..{secret}")),
        ];
        for (what, path) in paths {
            lab.in_short(
                &format!("asks for what lies outside by {what}, and gets nothing"),
                || {
                    server.peer().send(get(&path)).expect_response(&wanted);
                },
            );
        }
        server.peer().send(get("/%68ello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_3_a_link_that_leads_outside_is_not_followed() {
    promise!("A name below the root may be a link, and a link may lead anywhere.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("../secret.txt", SECRET);
        folder.put_link("link.txt", "../secret.txt").put_link("up", "..");
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::one_of(&NO_SUCH_PATH).body_lacks(SECRET);
        server.peer().send(get("/link.txt")).expect_response(&wanted);
        server.peer().send(get("/up/secret.txt")).expect_response(&wanted);
        server.peer().send(get("/%75p/secret.txt")).expect_response(&wanted);
        server.peer().send(get("/%68ello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_3_what_no_name_can_hold_is_refused() {
    promise!("A NUL ends a name for the kernel, and not for the server.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::one_of(&NO_SUCH_PATH).body_lacks(HELLO);
        for path in ["/hello.txt%00", "/hello.txt%00.jpg", "/%zz", "/%4", "/%"] {
            server.peer().send(get(path)).expect_response(&wanted);
        }
        server.peer().send(get("/%68ello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_3_a_file_may_stand_in_a_folder_of_a_folder() {
    promise!("A slash in a path parts two names, and each is decoded for itself.", |lab| {
        lab.not_for_commands("a command may have files and no folders");
        let folder = lab.folder();
        folder.put("one/two three/four.txt", "deep").put_folder("empty");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/one/two%20three/four.txt")).expect_response(&ok("deep"));
        let wanted = Wanted::status(404);
        server.peer().send(get("/one/four.txt")).expect_response(&wanted);
        server.peer().send(get("/empty/four.txt")).expect_response(&wanted);
    });
}

#[test]
fn ex6_3_a_folder_is_its_index() {
    promise!("A path may name no file at all, and still mean one.", |lab| {
        let folder = lab.folder();
        folder.put("index.html", "<h1>halo</h1>");
        let server = lab.server_over(&folder, &[]);
        let wanted = ok("<h1>halo</h1>").field_begins("Content-Type", "text/html");
        server.peer().send(get("/")).expect_response(&wanted);
    });
}

#[test]
fn ex6_3_a_folder_without_its_slash_is_told_where_it_is() {
    promise!("A link in a page counts from the last slash of the page's own path.", |lab| {
        lab.not_for_commands("a command may show a folder under either name");
        let folder = lab.folder();
        folder.put("a b/index.html", "<h1>halo</h1>");
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::status(301).field("Location", "/a%20b/");
        server.peer().send(get("/a%20b")).expect_response(&wanted);
        server.peer().send(get("/a%20b/")).expect_response(&ok("<h1>halo</h1>"));
    });
}

#[test]
fn ex6_3_a_page_about_a_folder_names_its_files() {
    promise!("A name may hold what a page takes for a tag, and a link for a path.", |lab| {
        lab.not_for_commands("a command may have another page");
        let folder = lab.folder();
        folder.put("a.txt", "").put("<b>&\".txt", "tag").put("c d.txt", "blank").put(".e.txt", "");
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::status(200).field_begins("Content-Type", "text/html");
        let names = ["a.txt", "&lt;b&gt;&amp;", "c d.txt", "c%20d.txt"];
        server.peer().send(get("/")).expect_response(&wanted.clone().body_holds(&names));
        server.peer().send(get("/")).expect_response(&wanted.clone().body_lacks("<b>"));
        server.peer().send(get("/")).expect_response(&wanted.clone().body_lacks(".e.txt"));
        server.peer().send(get("/%3Cb%3E%26%22.txt")).expect_response(&ok("tag"));
    });
}

#[test]
fn ex6_3_a_hidden_name_is_as_if_it_were_not_there() {
    promise!("What begins with a dot is kept from sight, and so it is kept here.", |lab| {
        lab.not_for_commands("a command may serve such names");
        let folder = folder_with_hello(lab);
        folder.put(".secret.txt", SECRET).put(".git/config", SECRET);
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::status(404).body_lacks(SECRET);
        for path in ["/.secret.txt", "/%2esecret.txt", "/.git/config", "/.git/"] {
            server.peer().send(get(path)).expect_response(&wanted);
        }
    });
}

#[test]
fn ex6_3_a_target_may_be_a_whole_address() {
    promise!("Whoever talks to a proxy names the server in every request.", |lab| {
        lab.not_for_commands("a command may never have met a proxy");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("http://wirelab/%68ello.txt")).expect_response(&ok(HELLO));
        let allow = Wanted::one_of(&[200, 204]).field_lists("Allow", "GET");
        server.peer().send(request("OPTIONS *", &[])).expect_response(&allow);
        let wanted = Wanted::status(400);
        server.peer().send(get("*")).expect_response(&wanted);
        server.peer().send(get("hello.txt")).expect_response(&wanted);
    });
}

#[test]
fn ex6_3_what_is_neither_file_nor_folder_is_refused_and_holds_up_nobody() {
    promise!("Whoever opens a pipe waits until somebody opens its other end.", |lab| {
        lab.not_for_commands("a command may be served from another kind of disk");
        let folder = folder_with_hello(lab);
        folder.put_pipe("pipe.txt");
        let server = lab.server_over(&folder, &[]);
        server.peer().send(get("/%70ipe.txt")).expect_response(&Wanted::status(403));
        ask(&server);
    });
}

// 6.4 Keep-alive and pipelining.

#[test]
fn ex6_4_a_connection_serves_one_request_after_another() {
    promise!("A connection costs a round trip, and is worth more than one request.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("other.txt", "something else").put("empty.txt", "");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        lab.repeat(3, || {
            peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
            peer.send(get("/empty.txt")).expect_response(&ok(""));
            peer.send(request("HEAD /hello.txt", &[])).expect_response(
                &Wanted::status(200).field_if_any("Content-Length", "11").to_head(),
            );
            peer.send(get("/other.txt")).expect_response(&ok("something else"));
        });
    });
}

#[test]
fn ex6_4_two_requests_in_one_segment_get_two_responses() {
    promise!("A segment is not a message: one read may bring two requests.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("other.txt", "something else");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("/hello.txt").and(get("/other.txt")));
        peer.expect_response(&ok(HELLO)).expect_response(&ok("something else"));
        peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_4_a_request_and_a_half_wait_for_the_other_half() {
    promise!("What is left after a request is the beginning of the next.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("/hello.txt").and("GET /hel")).expect_response(&ok(HELLO));
        peer.expect_nothing(&server);
        let rest = "lo.txt HTTP/1.1\r\nHost: wirelab\r\n\r\nG";
        peer.send(rest).expect_response(&ok(HELLO)).expect_nothing(&server);
        peer.send(&get("/hello.txt").bytes()[1..]).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_4_two_requests_cut_at_any_place_get_the_same_responses() {
    promise!("Where the network cuts a stream is no business of the two that talk.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("other.txt", "something else");
        let server = lab.server_over(&folder, &[]);
        let both = get("/hello.txt").and(get("/other.txt"));
        let mut peers = cut_anywhere(lab, &server, |_| both.clone());
        for_each(lab, &mut peers, |peer| {
            peer.expect_response(&ok(HELLO)).expect_response(&ok("something else"));
        });
    });
}

#[test]
fn ex6_4_many_requests_at_once_are_answered_in_their_order() {
    promise!("A response does not say to which request it belongs: only its place does.", |lab| {
        let folder = lab.folder();
        let names: Vec<String> = (0..10).map(|number| format!("file{number}.txt")).collect();
        for name in &names {
            folder.put(name, name);
        }
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let all: Vec<u8> =
            names.iter().flat_map(|name| get(&format!("/{name}")).bytes().to_vec()).collect();
        server.freeze();
        lab.repeat(20, || {
            peer.send(&all);
        });
        server.thaw();
        lab.repeat(20, || {
            for name in &names {
                peer.expect_response(&ok(name));
            }
        });
    });
}

#[test]
fn ex6_4_a_long_response_ends_before_the_next_begins() {
    promise!("A response that takes many writes is still one: no other stands in it.", |lab| {
        let folder = folder_with_hello(lab);
        let long = lab.drawn(8 << 20);
        folder.put("long.bin", &long);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("/long.bin").and(get("/hello.txt")));
        peer.expect_response(&ok(&long)).expect_response(&ok(HELLO));
        // The second request may also come while the first response is on its way.
        peer.send(get("/long.bin"));
        server.until_at_rest();
        peer.send(get("/hello.txt")).expect_response(&ok(&long)).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_4_whoever_asks_for_the_end_gets_it_behind_the_response() {
    promise!(
        "A client that waits for the end of the stream waits until somebody ends it.",
        |lab| {
            let folder = folder_with_hello(lab);
            let server = lab.server_over(&folder, &[]);
            let mut peer = server.peer();
            peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
            peer.send(request("GET /hello.txt", &["Connection: close"]));
            peer.expect_response(&ok(HELLO)).expect_gone();
        }
    );
}

#[test]
fn ex6_4_a_wish_is_heard_among_other_wishes() {
    promise!("A field may be a list, and its words may be written in capitals.", |lab| {
        lab.not_for_commands("a command may know the usual form only");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        for field in ["connection: x, CLOSE", "Connection: close, x", "Connection: x,\tclose\t"] {
            let mut peer = server.peer();
            peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
            peer.send(request("GET /hello.txt", &[field]));
            peer.expect_response(&ok(HELLO).field_lists("Connection", "close")).expect_gone();
        }
    });
}

#[test]
fn ex6_4_nothing_is_answered_behind_the_last_request() {
    promise!("Whoever has asked for the end has nothing more to ask.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let last = request("GET /hello.txt", &["Connection: close"]);
        let mut peer = server.peer();
        peer.send(get("/hello.txt").and(&last).and(get("/hello.txt")));
        peer.expect_response(&ok(HELLO)).expect_response(&ok(HELLO)).expect_gone();
    });
}

#[test]
fn ex6_4_a_client_of_http_1_0_gets_the_end_unless_it_asks_for_more() {
    promise!("Before HTTP/1.1 the end of a response was the end of the stream.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
        peer.send("GET /hello.txt HTTP/1.0\r\n\r\n").expect_response(&ok(HELLO)).expect_gone();
    });
}

#[test]
fn ex6_4_a_client_of_http_1_0_may_ask_for_more() {
    promise!("Before it was the rule, keep-alive was a wish, and its answer a promise.", |lab| {
        lab.not_for_commands("a command may close after each request of HTTP/1.0");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let more = "GET /hello.txt HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
        let stays = ok(HELLO).field_lists("Connection", "keep-alive");
        peer.send(more).expect_response(&stays).send(more).expect_response(&stays);
        peer.send("GET /hello.txt HTTP/1.0\r\n\r\n").expect_response(&ok(HELLO)).expect_gone();
    });
}

#[test]
fn ex6_4_requests_that_come_together_with_the_end_are_all_answered() {
    promise!("Whoever has nothing more to say may still wait for what was asked.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.freeze();
        let mut peer = server.peer();
        let one = get("/hello.txt");
        peer.send(one.and(&one).and(&one)).half_close();
        server.thaw();
        lab.repeat(3, || {
            peer.expect_response(&ok(HELLO));
        });
        peer.expect_gone();
    });
}

#[test]
fn ex6_4_the_body_of_a_get_is_no_request() {
    promise!("Any request may have a body, whether anybody wants it or not.", |lab| {
        lab.not_for_commands("a command may expect no body there");
        let folder = folder_with_hello(lab);
        folder.put("other.txt", "something else").put("hidden.txt", SECRET);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
        let hidden = get("/hidden.txt");
        let length = format!("Content-Length: {}", hidden.bytes().len());
        let outer = request("GET /hello.txt", &[&length]);
        peer.send(outer.and(&hidden).and(get("/other.txt")));
        peer.expect_response(&Wanted::one_of(&[200, 400, 411, 413, 501]).body_lacks(SECRET));
        peer.expect_response(&ok("something else").or_gone());
    });
}

#[test]
fn ex6_4_an_idle_connection_is_let_go_after_the_limit() {
    promise!("A client that may always ask again may also never do so.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &["--idle-limit", "0.5"]);
        let mut peer = server.peer();
        peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
        peer.send(get("/hello.txt")).expect_response(&ok(HELLO)).expect_gone();
        ask(&server);
    });
}

#[test]
fn ex6_4_a_thousand_idle_connections_delay_nobody() {
    promise!("Those who are silent cost memory; they must cost no time.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut idle = server.crowd(1000);
        idle.send(get("/hello.txt")).expect_response(&ok(HELLO));
        server.until_at_rest();
        let mut active = server.peer();
        lab.repeat(50, || {
            active.send(get("/hello.txt")).expect_response(&ok(HELLO));
        });
        idle.send(get("/hello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_4_when_no_descriptor_is_left_nothing_spins_and_whoever_is_here_gets_an_answer() {
    promise!("A connection takes a descriptor, and so does every file that is sent.", |lab| {
        lab.not_for_commands("a command may need more descriptors than this");
        let folder = folder_with_hello(lab);
        let server = lab.server_over_with_descriptors(&folder, 64, &[]);
        let mut here = server.crowd(30);
        here.send(get("/hello.txt")).expect_response(&ok(HELLO));
        let mut more = server.crowd_at_the_door(60);
        server.until_at_rest();
        here.send(get("/hello.txt")).expect_response(&Wanted::one_of(&[200, 503]));
        server.until_at_rest();
        more.reset();
        server.until_at_rest();
        here.send(get("/hello.txt")).expect_response(&ok(HELLO));
        ask(&server);
    });
}

#[test]
fn ex6_4_a_client_that_asks_and_never_reads_is_not_heard_for_ever() {
    promise!(
        "A request is short and its response long: whoever only asks fills the server.",
        |lab| {
            lab.not_for_commands("a command may hold as much as it likes");
            let folder = folder_with_hello(lab);
            folder.put("page.txt", vec![b'x'; 20_000]);
            let server = lab.server_over(&folder, &[]);
            let mut greedy = server.peer_with_little_room();
            let question = get("/page.txt");
            server.expect_to_grow_at_most(8 << 20, || {
                // As many as one read can bring.
                server.freeze();
                greedy.send(question.times(1000));
                server.thaw();
                greedy.expect_back_pressure_on(&question, &server);
            });
            ask(&server);
            lab.repeat(100, || {
                greedy.expect_response(&ok(vec![b'x'; 20_000]));
            });
        }
    );
}

#[test]
fn ex6_4_a_client_that_has_the_file_already_is_told_so() {
    promise!("The fastest response is the one without a body.", |lab| {
        lab.not_for_commands("a command need not know conditions");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let wanted = ok(HELLO).has_field("ETag").has_field("Last-Modified");
        let first = peer.send(get("/hello.txt")).response(&wanted);
        let [tag, date] =
            ["ETag", "Last-Modified"].map(|name| first.field(name).unwrap_or_default());
        let not_modified = Wanted::status(304).has_field("ETag");
        let conditions = [
            (
                "If-None-Match with its tag: 304",
                format!("If-None-Match: \"x\", W/{tag}"),
                &not_modified,
            ),
            ("If-None-Match with another tag: 200", "If-None-Match: \"x\"".to_string(), &ok(HELLO)),
            (
                "If-Modified-Since with its date: 304",
                format!("If-Modified-Since: {date}"),
                &not_modified,
            ),
            ("If-Match with another tag: 412", "If-Match: \"x\"".to_string(), &Wanted::status(412)),
        ];
        for (what, condition, wanted) in conditions {
            lab.in_short(&format!("asks with {what}"), || {
                peer.send(request("GET /hello.txt", &[&condition])).expect_response(wanted);
            });
        }
        peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_4_a_part_of_a_file_may_be_asked_for() {
    promise!("Whoever lost a connection wants the rest, and not all of it again.", |lab| {
        lab.not_for_commands("a command need not know ranges");
        let folder = lab.folder();
        folder.put("digits.txt", "0123456789");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let mut ask_for = |range: &str, wanted: Wanted| {
            let range = format!("Range: {range}");
            peer.send(request("GET /digits.txt", &[&range])).expect_response(&wanted);
        };
        let part = |range: &str, body: &str| {
            Wanted::status(206).field("Content-Range", &format!("bytes {range}/10")).body(body)
        };
        ask_for("bytes=2-4", part("2-4", "234"));
        ask_for("bytes=7-", part("7-9", "789"));
        ask_for("bytes=-2", part("8-9", "89"));
        ask_for("bytes=8-100", part("8-9", "89"));
        ask_for("bytes=10-", Wanted::status(416).field("Content-Range", "bytes */10"));
        // Several at once, another unit, and nonsense: a server may send all of it.
        ask_for("bytes=0-1,5-6", ok("0123456789"));
        ask_for("lines=1-2", ok("0123456789"));
        ask_for("bytes=5-2", ok("0123456789"));
        let head = Wanted::status(200).field("Content-Length", "10").to_head();
        let in_head = request("HEAD /digits.txt", &["Range: bytes=2-4"]);
        peer.send(in_head).expect_response(&head);
    });
}

#[test]
fn ex6_4_ctrl_c_ends_idle_connections_when_what_was_asked_is_answered() {
    promise!("A connection that may always be used again ends only if somebody ends it.", |lab| {
        let folder = folder_with_hello(lab);
        let page = "x".repeat(20_000);
        folder.put("page.txt", &page);
        let server = lab.server_over(&folder, &[]);
        let mut idle = ask(&server);
        idle.send(get("/hello.txt")).expect_response(&ok(HELLO));
        let mut late = server.peer();
        server.until_at_rest().freeze();
        // More than a server makes responses for before it sends some.
        lab.repeat(30, || {
            late.send(get("/page.txt"));
        });
        server.interrupt().thaw();
        lab.repeat(30, || {
            late.expect_response(&ok(&page));
        });
        late.expect_gone();
        idle.expect_gone();
        server.expect_exit(0);
    });
}

// 6.5 Upload, whole or not at all; delete.

#[test]
fn ex6_5_an_upload_is_there_as_it_was_sent() {
    promise!("A body is as long as its head says, however many reads that takes.", |lab| {
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let drawn = lab.drawn(100_000);
        let mut peer = server.peer();
        peer.send(post("/up.bin", &drawn)).expect_response(&stored());
        folder.expect_file("up.bin", &drawn);
        peer.send(get("/up.bin")).expect_response(&ok(&drawn));
        folder.expect_only(&["up.bin"]);
    });
}

#[test]
fn ex6_5_an_upload_may_have_any_length() {
    promise!("A buffer has a size, and a body need not be a multiple of it.", |lab| {
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        for len in [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20] {
            let (name, drawn) = (format!("up{len}.bin"), lab.drawn(len));
            peer.send(post(&format!("/{name}"), &drawn)).expect_response(&stored());
            folder.expect_file(&name, &drawn);
        }
    });
}

#[test]
fn ex6_5_an_upload_may_come_in_any_pieces() {
    promise!(
        "Where a head ends in a read, the body begins in the same read, or in the next.",
        |lab| {
            let folder = lab.folder();
            let server = lab.server_over(&folder, &[]);
            let body = "GET /x HTTP/1.1\r\n\r\n";
            let upload = |cut| post(&format!("/up{cut:03}.txt"), body);
            let mut peers = cut_anywhere(lab, &server, upload);
            for_each(lab, &mut peers, |peer| {
                peer.expect_response(&stored());
            });
            let mut cuts = 1..;
            lab.repeat(peers.len(), || {
                let cut = cuts.next().expect("a number for each");
                folder.expect_file(&format!("up{cut:03}.txt"), body);
            });
        }
    );
}

#[test]
fn ex6_5_an_upload_may_name_its_file_in_a_field() {
    promise!("A name that a client sends is a wish; only its last part is a name.", |lab| {
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let upload = request("POST /upload", &["Filename: test.txt", "Content-Length: 4"]);
        let mut peer = server.peer();
        peer.send(upload.and("halo")).expect_response(&stored());
        peer.send(get("/test.txt")).expect_response(&ok("halo"));
        folder.expect_only(&["test.txt"]);
    });
}

#[test]
fn ex6_5_upload_and_delete_say_what_the_original_says() {
    promise!("A program that reads exactly so many bytes wants exactly those bytes.", |lab| {
        lab.not_for_commands("a command may say it in other words");
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let upload = request("POST /upload", &["Filename: test.txt", "Content-Length: 4"]);
        let said = Wanted::one_of(&STORED[..2]).body("File test.txt uploaded successfully");
        peer.send(upload.and("halo")).expect_response(&said);
        let list = ok("isi dir upload: <br>test.txt");
        peer.send(get("/upload")).expect_response(&list);
        peer.send(request("DELETE /test.txt", &[])).expect_response(&ok("Deleted"));
    });
}

#[test]
fn ex6_5_the_list_names_what_was_uploaded() {
    promise!("What one client has stored, another must be able to find.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        server.peer().send(post("/new.txt", "new")).expect_response(&stored());
        let wanted = Wanted::status(200).body_holds(&["hello.txt", "new.txt"]);
        server.peer().send(get("/upload")).expect_response(&wanted);
    });
}

#[test]
fn ex6_5_what_stands_behind_a_body_is_the_next_request() {
    promise!("Only the length says where a body ends; nothing in it does.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        server.freeze();
        peer.send(post("/one.txt", "one\r\n\r\n").and(get("/one.txt")).and(post("/two.txt", "")));
        peer.send(get("/hello.txt"));
        server.thaw();
        peer.expect_response(&stored()).expect_response(&ok("one\r\n\r\n"));
        peer.expect_response(&stored()).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_5_an_upload_replaces_a_file_whole() {
    promise!("A file that is written over keeps its tail, unless somebody cuts it off.", |lab| {
        let folder = lab.folder();
        folder.put("up.txt", "something long that was here before");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        peer.send(post("/up.txt", "short")).expect_response(&stored());
        peer.send(get("/up.txt")).expect_response(&ok("short"));
        folder.expect_file("up.txt", "short").expect_only(&["up.txt"]);
    });
}

#[test]
fn ex6_5_an_upload_that_breaks_off_leaves_nothing_behind() {
    promise!("A stream may end in the middle of anything: by an end, or by a reset.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let half = post_head("/doc.txt", 6000).and(vec![b'x'; 3000]);
        let mut ends = server.peer();
        ends.send(&half).until_read().half_close();
        ends.expect_response(&Wanted::refusal().or_gone()).hang_up();
        server.peer().send(&half).until_read().reset();
        server.until_at_rest();
        server.peer().send(get("/doc.txt")).expect_response(&Wanted::status(404));
        folder.expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex6_5_an_upload_that_breaks_off_leaves_what_was_there() {
    promise!("Whoever empties a file before the new one is whole may end with neither.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut writer = server.peer();
        writer.send(post_head("/hello.txt", 6000).and(vec![b'x'; 3000])).until_read();
        server.until_at_rest();
        ask(&server);
        writer.reset();
        server.until_at_rest();
        ask(&server);
        server.peer().send(post("/hello.txt", "new")).expect_response(&stored());
        folder.expect_file("hello.txt", "new").expect_only(&["hello.txt"]);
    });
}

#[test]
fn ex6_5_half_an_upload_is_not_to_be_seen() {
    promise!("What has no name yet must not be found under another.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let before = folder.names();
        let mut writer = server.peer();
        writer.send(post_head("/doc.txt", 6000).and(vec![b'x'; 3000])).until_read();
        server.until_at_rest();
        server.peer().send(get("/doc.txt")).expect_response(&Wanted::status(404));
        let unseen = Wanted::status(200).body_lacks("doc.txt");
        server.peer().send(get("/upload")).expect_response(&unseen);
        lab.in_short("looks for whatever is new in the folder, and finds nothing", || {
            for name in folder.names().difference(&before) {
                let unseen =
                    Wanted::status(200).body_lacks(Payload::from(name).shown_as("the new name"));
                server.peer().send(get("/upload")).expect_response(&unseen);
                let refused = Wanted::one_of(&NO_SUCH_PATH);
                server
                    .peer()
                    .send(get(&format!("/{name}")).shown_as("GET and the new name"))
                    .expect_response(&refused);
            }
        });
        writer.send(vec![b'y'; 3000]).expect_response(&stored());
        let whole = [vec![b'x'; 3000], vec![b'y'; 3000]].concat();
        server.peer().send(get("/doc.txt")).expect_response(&ok(whole));
        folder.expect_only(&["doc.txt", "hello.txt"]);
    });
}

#[test]
fn ex6_5_a_server_that_is_killed_leaves_no_half_file() {
    promise!("A program that is killed has no time to tidy up.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let before = folder.names();
        let mut writer = server.peer();
        writer.send(post_head("/doc.txt", 600_000).and(vec![b'x'; 300_000])).until_read();
        writer.send(get("/hello.txt")).until_read();
        server.kill();
        folder.expect_no_file("doc.txt");
        let again = lab.server_over(&folder, &[]);
        again.peer().send(get("/doc.txt")).expect_response(&Wanted::status(404));
        lab.in_short("looks for whatever is left in the folder, and finds nothing", || {
            for name in folder.names().difference(&before) {
                let unseen =
                    Wanted::status(200).body_lacks(Payload::from(name).shown_as("the new name"));
                again.peer().send(get("/upload")).expect_response(&unseen);
            }
        });
        again.peer().send(post("/doc.txt", "whole")).expect_response(&stored());
        folder.expect_file("doc.txt", "whole");
    });
}

#[test]
fn ex6_5_of_two_writers_of_one_name_one_is_there_whole() {
    promise!("Two who write one file at the same time write one file of two halves.", |lab| {
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let (ones, twos) = (Payload::from(vec![b'1'; 200_000]), Payload::from(vec![b'2'; 150_000]));
        let (mut one, mut two) = (server.peer(), server.peer());
        let (first, second) = ones.split_at(100_000);
        one.send(post_head("/both.txt", 200_000).and(&first)).until_read();
        let (third, fourth) = twos.split_at(100_000);
        two.send(post_head("/both.txt", 150_000).and(&third)).until_read();
        let done = Wanted::one_of(&WRITTEN);
        one.send(&second).expect_response(&done);
        two.send(&fourth).expect_response(&done);
        folder.expect_one_of("both.txt", &[&ones, &twos]).expect_only(&["both.txt"]);
    });
}

#[test]
fn ex6_5_what_is_deleted_is_gone() {
    promise!("To say that it is done is one thing, and to do it another.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("a b.txt", "blank");
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let deleted = Wanted::one_of(&[200, 202, 204]);
        peer.send(request("DELETE /a%20b.txt", &["X: y"])).expect_response(&deleted);
        folder.expect_only(&["hello.txt"]);
        peer.send(get("/a%20b.txt")).expect_response(&Wanted::status(404));
        let mut peer = server.peer();
        peer.send(request("DELETE /a%20b.txt", &[])).expect_response(&Wanted::status(404));
        ask(&server);
    });
}

#[test]
fn ex6_5_a_folder_is_neither_deleted_nor_written_over() {
    promise!("What is in a folder was put there by somebody else.", |lab| {
        let folder = lab.folder();
        folder.put("inside/file.txt", "inside").put_folder("empty");
        let server = lab.server_over(&folder, &[]);
        let refused = Wanted::one_of(&NO_SUCH_PLACE);
        for path in ["/inside", "/inside/", "/empty", "/empty/", "/"] {
            let delete = request(&format!("DELETE {path}"), &[]);
            server.peer().send(delete).expect_response(&refused);
        }
        server.peer().send(post("/inside", "a file")).expect_response(&refused);
        server.peer().send(post("/missing/file.txt", "a file")).expect_response(&refused);
        folder.expect_file("inside/file.txt", "inside").expect_only(&["empty", "inside"]);
    });
}

#[test]
fn ex6_5_nothing_is_stored_or_deleted_outside() {
    promise!("A path that leads outside is worse where it is written to.", |lab| {
        let folder = lab.folder();
        folder.put("../secret.txt", SECRET).put_link("up", "..");
        let server = lab.server_over(&folder, &[]);
        let refused = Wanted::one_of(&NO_SUCH_PLACE);
        // The last part of it may be taken for the name.
        let any = Wanted::one_of(&[&STORED[..], &NO_SUCH_PLACE].concat());
        for path in ["/../", "/%2e%2e/", "/..%2F", "/up/"] {
            let delete = request(&format!("DELETE {path}secret.txt"), &[]);
            server.peer().send(delete).expect_response(&refused);
            let evil = post(&format!("{path}evil.txt"), "evil");
            server.peer().send(evil).expect_response(&any);
        }
        for name in ["../evil.txt", "/../evil.txt", "..", "up/evil.txt"] {
            let named = format!("Filename: {name}");
            let upload = request("POST /upload", &[&named, "Content-Length: 4"]).and("evil");
            server.peer().send(upload).expect_response(&any);
        }
        folder.expect_no_file("../evil.txt").expect_file("../secret.txt", SECRET);
        server.peer().send(post("/good.txt", "good")).expect_response(&stored());
    });
}

#[test]
fn ex6_5_a_link_is_replaced_and_not_written_through() {
    promise!("Whoever opens a link to write opens what it leads to.", |lab| {
        let folder = lab.folder();
        folder.put("../secret.txt", SECRET).put_link("link.txt", "../secret.txt");
        let server = lab.server_over(&folder, &[]);
        let any = Wanted::one_of(&[200, 201, 204, 400, 403, 404, 409]);
        server.peer().send(post("/link.txt", "evil")).expect_response(&any);
        let any = Wanted::one_of(&[200, 202, 204, 400, 403, 404, 409]);
        server.peer().send(request("DELETE /link.txt", &[])).expect_response(&any);
        folder.expect_file("../secret.txt", SECRET);
        server.peer().send(post("/good.txt", "good")).expect_response(&stored());
    });
}

#[test]
fn ex6_5_clients_that_send_half_a_body_hold_up_nobody() {
    promise!("A body is as slow as the one who sends it.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let mut slow = server.crowd(50);
        slow.send(post_head("/slow.txt", 10).and("12345"));
        server.until_at_rest();
        ask(&server);
        server.peer().send(post("/quick.txt", "quick")).expect_response(&stored());
        slow.send("67890").expect_response(&Wanted::one_of(&WRITTEN));
        folder.expect_file("slow.txt", "1234567890");
        folder.expect_only(&["hello.txt", "quick.txt", "slow.txt"]);
    });
}

#[test]
fn ex6_5_a_large_upload_costs_little_memory() {
    promise!("A body may be longer than the memory; the disk is where it is to go.", |lab| {
        lab.not_for_commands("a command may hold as much as it likes");
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let mut peer = server.peer();
        let piece = lab.drawn(1 << 20);
        server.expect_to_grow_at_most(4 << 20, || {
            peer.send(post_head("/large.bin", (32 << 20) + 1));
            lab.repeat(32, || {
                peer.send(&piece);
            });
            peer.until_read();
        });
        peer.send("!").expect_response(&stored());
        folder.expect_file("large.bin", piece.times(32).and("!"));
    });
}

#[test]
fn ex6_5_an_upload_over_the_limit_is_refused_before_it_comes() {
    promise!("Whoever may send anything may send more than the disk holds.", |lab| {
        lab.not_for_commands("a command may have no such option");
        let folder = lab.folder();
        let server = lab.server_over(&folder, &["--upload-limit", "1000"]);
        let mut peer = server.peer();
        peer.send(post("/up.bin", vec![b'x'; 1000])).expect_response(&stored());
        peer.send(post_head("/more.bin", 1001)).expect_response(&Wanted::status(413));
        peer.expect_gone();
        let chunked = request("POST /more.bin", &["Transfer-Encoding: chunked"]);
        let chunk = format!("3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(1001));
        let mut peer = server.peer();
        peer.send(chunked.and(chunk)).expect_response(&Wanted::status(413)).expect_gone();
        folder.expect_only(&["up.bin"]);
    });
}

#[test]
fn ex6_5_an_upload_may_come_in_chunks() {
    promise!("Whoever does not know yet how long a body will be sends it in chunks.", |lab| {
        lab.not_for_commands("a command may ask for a length");
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &[]);
        let body = "5\r\nhello\r\n1;x=y\r\n \r\n10\r\nwide, wide world\r\n0\r\nTrailer: x\r\n\r\n";
        let chunked = ["Transfer-Encoding: chunked"];
        let upload = |cut| request(&format!("POST /up{cut:03}.txt"), &chunked).and(body);
        let mut peers = cut_anywhere(lab, &server, |cut| upload(cut).and(get("/hello.txt")));
        for_each(lab, &mut peers, |peer| {
            peer.expect_response(&stored()).expect_response(&ok(HELLO));
        });
        let mut cuts = 1..;
        lab.repeat(peers.len(), || {
            let cut = cuts.next().expect("a number for each");
            folder.expect_file(&format!("up{cut:03}.txt"), "hello wide, wide world");
        });
    });
}

#[test]
fn ex6_5_a_chunk_that_is_none_is_refused_and_nothing_is_stored() {
    promise!("A size that is guessed is a place where another request can hide.", |lab| {
        lab.not_for_commands("a command may ask for a length");
        let folder = lab.folder();
        let server = lab.server_over(&folder, &[]);
        let wanted = Wanted::refusal();
        for body in ["x\r\n", "-1\r\n", "5\r\nhello!\r\n", "fffffffffffffffff\r\n", "\r\n"] {
            let head = request("POST /up.txt", &["Transfer-Encoding: chunked"]);
            server.peer().send(head.and(body)).expect_response(&wanted).expect_gone();
        }
        let coded = request("POST /up.txt", &["Transfer-Encoding: gzip, chunked"]);
        server.peer().send(coded).expect_response(&Wanted::status(501)).expect_gone();
        folder.expect_only(&[]);
        server.peer().send(request("POST /up.txt", &[])).expect_response(&Wanted::status(411));
    });
}

#[test]
fn ex6_5_a_client_that_waits_for_a_word_before_the_body_gets_it() {
    promise!("Whoever has much to send may ask first whether anybody wants it.", |lab| {
        lab.not_for_commands("a command need not know 100-continue");
        let folder = lab.folder();
        folder.put_folder("folder");
        let server = lab.server_over(&folder, &["--upload-limit", "1000"]);
        let mut peer = server.peer();
        let expect = "Expect: 100-continue";
        let upload = request("POST /up.txt", &["Content-Length: 4", expect]);
        peer.send(upload).expect_response(&Wanted::status(100));
        peer.send("halo").expect_response(&stored());
        let refused = request("POST /folder", &["Content-Length: 4", expect]);
        server.peer().send(refused).expect_response(&Wanted::one_of(&NO_SUCH_PLACE));
        let much = request("POST /up.txt", &["Content-Length: 4000", expect]);
        server.peer().send(much).expect_response(&Wanted::status(413));
        let other = request("POST /up.txt", &["Content-Length: 4", "Expect: a miracle"]);
        server.peer().send(other).expect_response(&Wanted::status(417));
        folder.expect_file("up.txt", "halo");
    });
}

#[test]
fn ex6_5_the_client_and_the_server_understand_each_other() {
    promise!("Both ends must keep their promises for a file to arrive.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put("../a b&c.txt", "from the client");
        let file = folder.path().with_file_name("a b&c.txt");
        let server = lab.server_over(&folder, &[]);
        lab.client_with(server.address(), &["upload"], &[&file]).expect_exit(0);
        folder.expect_file("a b&c.txt", "from the client");
        let list = lab.client(server.address(), &["list", "upload"]);
        list.expect_shown("a b&c.txt\nhello.txt\n").expect_exit(0);
        let list = lab.client(server.address(), &["list", "/"]);
        list.expect_shown("a b&c.txt\nhello.txt\n").expect_exit(0);
        let get = lab.client(server.address(), &["get", "/a b&c.txt"]);
        get.expect_shown("from the client").expect_exit(0);
        lab.client(server.address(), &["delete", "a b&c.txt"]).expect_exit(0);
        folder.expect_only(&["hello.txt"]);
        let again = lab.client(server.address(), &["delete", "a b&c.txt"]);
        again.expect_trouble("404", server.address()).expect_exit(1);
    });
}

// 6.6 The thread pool.

const POOL: [&str; 4] = ["--model", "threads", "--workers", "4"];

#[test]
fn ex6_6_the_pool_says_what_the_loop_says() {
    promise!("Who does the work is the server's affair; the client sees bytes.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &POOL);
        all_of_it(&server, &folder);
    });
}

/// What must hold in every model: a file, what is missing, an upload, a list, a deletion.
#[track_caller]
fn all_of_it(server: &Server, folder: &Folder) {
    let mut peer = server.peer();
    peer.send(get("/hello.txt")).expect_response(&ok(HELLO));
    peer.send(post("/up.txt", "halo").and(get("/up.txt")));
    peer.expect_response(&stored()).expect_response(&ok("halo"));
    let list = Wanted::status(200).body_holds(&["hello.txt", "up.txt"]);
    peer.send(get("/upload")).expect_response(&list);
    let deleted = Wanted::one_of(&[200, 202, 204]);
    peer.send(request("DELETE /up.txt", &[])).expect_response(&deleted);
    peer.send(get("/up.txt")).expect_response(&Wanted::status(404));
    folder.expect_only(&["hello.txt"]);
}

#[test]
fn ex6_6_one_worker_is_enough() {
    promise!("A pool is as large as it is told to be, and one is a number.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &["--model", "threads", "--workers", "1"]);
        all_of_it(&server, &folder);
        server.crowd(20).send(get("/hello.txt")).expect_response(&ok(HELLO));
    });
}

#[test]
fn ex6_6_a_long_job_delays_no_short_one() {
    promise!("A lock that is held while the work is done lets one work at a time.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_many(MANY_FILES);
        let server = lab.server_over(&folder, &POOL);
        let list = Wanted::status(200).body_holds(&["hello.txt"]);
        let mut short = ask(&server);
        let mut long = [server.peer(), server.peer(), server.peer()];
        let mut len = 0;
        for peer in &mut long {
            len = peer.send(get("/upload")).response(&list).wire_len();
        }
        // Whoever does one thing after the other has sent every list before the short answer.
        lab.expect_mostly("the short answer comes before the long ones", ROUNDS, || {
            server.freeze();
            for peer in &mut long {
                peer.send(get("/upload"));
            }
            short.send(get("/hello.txt"));
            server.thaw();
            short.expect_response(&ok(HELLO));
            let is_first = !long.iter_mut().any(|peer| peer.has_come(len));
            for peer in &mut long {
                peer.expect_response(&list);
            }
            is_first
        });
    });
}

#[test]
fn ex6_6_slow_clients_hold_no_worker() {
    promise!("A worker that waits for a client waits for as long as the client likes.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--model", "threads", "--workers", "2"]);
        slow_clients_delay_nobody(&server);
    });
}

/// Silent clients, half a head, half a body, and those who do not read; and one who is served.
#[track_caller]
fn slow_clients_delay_nobody(server: &Server) {
    let mut idle = server.crowd(20);
    idle.send(get("/hello.txt")).expect_response(&ok(HELLO));
    let _silent = server.crowd(20);
    let mut heads = server.crowd(50);
    heads.send("GET /hello.txt HTTP/1.1\r\nHo");
    let mut bodies = server.crowd(50);
    bodies.send(post_head("/slow.txt", 10).and("12345"));
    let mut stuck = server.crowd_with_little_room(20);
    stuck.send(get("/large.bin"));
    server.until_at_rest();
    let mut good = ask(server);
    good.send(post("/quick.txt", "quick").and(get("/quick.txt")));
    good.expect_response(&stored()).expect_response(&ok("quick"));
    heads.send("st: wirelab\r\n\r\n").expect_response(&ok(HELLO));
    bodies.send("67890").expect_response(&Wanted::one_of(&WRITTEN));
    idle.send(get("/hello.txt")).expect_response(&ok(HELLO));
}

#[test]
fn ex6_6_the_requests_of_one_client_are_answered_in_their_order() {
    promise!("Two workers for one connection are two who do not know who comes first.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_many(1000);
        let server = lab.server_over(&folder, &POOL);
        let list = Wanted::status(200).body_holds(&["hello.txt"]);
        let mut peer = server.peer();
        server.freeze();
        lab.repeat(20, || {
            peer.send(get("/upload")).send(get("/hello.txt"));
        });
        server.thaw();
        lab.repeat(20, || {
            peer.expect_response(&list).expect_response(&ok(HELLO));
        });
    });
}

#[test]
fn ex6_6_two_hundred_clients_at_once_get_their_files() {
    promise!("Between two threads a connection may be lost, or be in two hands.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &POOL);
        let mut crowd = server.crowd(200);
        lab.repeat(5, || {
            crowd.send(get("/hello.txt")).expect_response(&ok(HELLO));
        });
        server.until_at_rest();
    });
}

#[test]
fn ex6_6_a_client_that_leaves_while_it_is_served_costs_no_worker() {
    promise!("A worker that ends with its client is one worker less.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--model", "threads", "--workers", "2"]);
        lab.repeat(5, || {
            server.peer_with_little_room().send(get("/large.bin")).until_read().reset();
            server.peer().send(post_head("/up.txt", 10).and("12345")).until_read().reset();
            server.freeze();
            server.peer().send(get("/hello.txt")).reset();
            server.thaw();
        });
        server.until_at_rest();
        all_of_it_without_the_large(&server, &folder);
    });
}

/// [`all_of_it`], where a large file stays.
#[track_caller]
fn all_of_it_without_the_large(server: &Server, folder: &Folder) {
    ask(server).send(post("/up.txt", "halo")).expect_response(&stored());
    folder.expect_only(&["hello.txt", "large.bin", "up.txt"]);
}

#[test]
fn ex6_6_ctrl_c_ends_the_pool_when_what_has_arrived_is_answered() {
    promise!("Who waits for work waits for something that will not come any more.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &POOL);
        let (mut idle, mut late) = (ask(&server), server.peer());
        server.until_at_rest().freeze();
        late.send(get("/hello.txt").and(get("/hello.txt")));
        server.interrupt().thaw();
        late.expect_response(&ok(HELLO)).expect_response(&ok(HELLO)).expect_gone();
        idle.expect_gone();
        server.expect_exit(0);
    });
}

// 6.7 The process pool.

const PROCESSES: [&str; 4] = ["--model", "processes", "--workers", "3"];

#[test]
fn ex6_7_the_processes_say_what_the_loop_says() {
    promise!("Who does the work is the server's affair; the client sees bytes.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        all_of_it(&server, &folder);
    });
}

#[test]
fn ex6_7_what_one_worker_stores_another_finds() {
    promise!("Processes share no memory; the disk is all they have in common.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        let mut writer = server.peer();
        writer.send(post("/one.txt", "one")).expect_response(&stored());
        let worker = server.freeze_worker_of(&mut writer);
        let mut reader = server.peer();
        reader.send(get("/one.txt")).expect_response(&ok("one"));
        reader.send(post("/two.txt", "two")).expect_response(&stored());
        server.thaw_worker(worker);
        writer.send(get("/two.txt")).expect_response(&ok("two"));
    });
}

#[test]
fn ex6_7_the_end_arrives_though_many_hold_the_socket() {
    promise!("A connection ends when the last who holds it lets go.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        lab.repeat(5, || {
            let mut peer = server.peer();
            let last = request("GET /hello.txt", &["Connection: close"]);
            peer.send(last).expect_response(&ok(HELLO)).expect_gone();
        });
    });
}

#[test]
fn ex6_7_a_worker_that_is_killed_takes_only_its_own_clients_with_it_and_is_replaced() {
    promise!("What one process does, even how it ends, is no affair of another.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        let mut unlucky = ask(&server);
        let worker = server.freeze_worker_of(&mut unlucky);
        let mut lucky = ask(&server);
        server.kill_worker(worker);
        unlucky.expect_gone();
        lucky.send(get("/hello.txt")).expect_response(&ok(HELLO));
        server.expect_workers(3);
        server.until_at_rest();
        lab.repeat(5, || {
            ask(&server);
        });
    });
}

#[test]
fn ex6_7_slow_clients_delay_nobody() {
    promise!("A process that waits for a client is one process less.", |lab| {
        let folder = folder_with_hello(lab);
        folder.put_zeros("large.bin", 8 << 20);
        let server = lab.server_over(&folder, &["--model", "processes", "--workers", "2"]);
        slow_clients_delay_nobody(&server);
    });
}

#[test]
fn ex6_7_two_hundred_clients_at_once_get_their_files() {
    promise!("Many wait for one listener; each client is for one of them.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        let mut crowd = server.crowd(200);
        lab.repeat(5, || {
            crowd.send(get("/hello.txt")).expect_response(&ok(HELLO));
        });
        server.until_at_rest();
    });
}

#[test]
fn ex6_7_ctrl_c_ends_every_process_when_what_has_arrived_is_answered() {
    promise!("Ctrl+C is for all processes at the terminal at once.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        let mut idle = ask(&server);
        server.until_at_rest().freeze();
        idle.send(get("/hello.txt").and(get("/hello.txt")));
        server.interrupt().thaw();
        idle.expect_response(&ok(HELLO)).expect_response(&ok(HELLO)).expect_gone();
        server.expect_exit(0).expect_nothing_left();
    });
}

#[test]
fn ex6_7_workers_do_not_outlive_the_process_that_started_them() {
    promise!("A child whose parent dies is given another, and goes on.", |lab| {
        let folder = folder_with_hello(lab);
        let server = lab.server_over(&folder, &PROCESSES);
        server.expect_workers(3);
        ask(&server);
        server.kill_first_process().expect_nothing_left();
        let again = lab.server_over_on(&folder, server.port(), &PROCESSES);
        ask(&again);
    });
}
