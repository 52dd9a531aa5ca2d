//! What a server that reverses messages promises, under six framings, and what its client does.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep.

use wirelab::{Lab, Payload, Peer, Server, promise};

/// The longest message of `close`, `streams`, `prefix` and `blocks`.
const MEBIBYTE: usize = 1 << 20;

/// The longest line of `delimiter`, as it is sent and without its LF.
const LINE_LEN_MAX: usize = 65_536;

/// How many peers announce a mebibyte each, and what all of them together may cost.
const ANNOUNCERS: usize = 64;
const LITTLE_MEMORY: usize = 24 << 20;

// What the framings look like on the wire.

fn server(lab: &Lab, framing: &str) -> Server {
    lab.server_with(&["--framing", framing])
}

/// `message`, padded to 16 bytes.
fn record(message: &str) -> Vec<u8> {
    let mut record = message.as_bytes().to_vec();
    record.resize(16, 0);
    record
}

/// The four bytes that say how long a body is.
fn header(len: usize) -> [u8; 4] {
    u32::try_from(len).expect("a length of 32 bits").to_be_bytes()
}

/// `message` with its length in front.
fn frame(message: impl AsRef<[u8]>) -> Vec<u8> {
    [&header(message.as_ref().len()), message.as_ref()].concat()
}

/// One message in these blocks, and the empty one.
fn run(blocks: &[&str]) -> Vec<u8> {
    blocks.iter().chain(&[""]).flat_map(frame).collect()
}

/// The message of a run of blocks, and how many bytes the run has.
fn joined(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut message, mut left) = (Vec::new(), bytes);
    loop {
        let (header, rest) = left.split_first_chunk::<4>()?;
        let (block, rest) = rest.split_at_checked(u32::from_be_bytes(*header) as usize)?;
        message.extend(block);
        left = rest;
        if block.is_empty() {
            return Some((message, bytes.len() - left.len()));
        }
    }
}

#[track_caller]
fn expect_run(peer: &mut Peer, message: impl Into<Payload>) {
    peer.expect_as("as a run of blocks", message, joined);
}

/// Sends `much` in parts, each when the one before it has been read: whoever reads byte by byte
/// needs its time. It may be refused in the last one.
fn send_much(lab: &Lab, peer: &mut Peer, much: &Payload) {
    let parts = much.parts(4);
    let (last, before) = parts.split_last().expect("there are four");
    let mut next = before.iter();
    lab.repeat(before.len(), || {
        peer.send(next.next().expect("as many as there are parts")).until_read();
    });
    peer.send(last);
}

/// Sends `conversation` once for each place where it can be cut in two, in two reads.
fn send_cut_at_every_position(
    lab: &Lab,
    peer: &mut Peer,
    conversation: &[u8],
    mut answers: impl FnMut(&mut Peer),
) {
    let mut cut = 0;
    lab.repeat(conversation.len() - 1, || {
        cut += 1;
        let (first, rest) = conversation.split_at(cut);
        peer.send(first).until_read().send(rest);
        answers(peer);
    });
}

// Given: it holds before the first exercise.

#[test]
fn ex4_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--no-such-option"]);
        program.expect_error(&["Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["client", "--framing", "morse"]);
        program.expect_error(&["morse", "Usage:", "Examples:"]).expect_exit(2);
    });
}

#[test]
fn ex4_0_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        lab.server().expect_ready_line();
    });
}

#[test]
fn ex4_0_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let first = lab.server();
        let second = lab.server_in_vain(first.port());
        second.expect_error(&["in use"]).expect_exit(1);
    });
}

#[test]
fn ex4_0_a_killed_server_can_listen_on_the_same_port_at_once() {
    promise!("Its connections stay behind in TIME_WAIT and hold the address.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        server.until_at_rest().kill();
        peer.hang_up();
        lab.server_on(server.port()).peer();
    });
}

#[test]
fn ex4_0_a_refused_connection_is_a_sentence_and_exit_code_1() {
    promise!("Where nobody listens, the kernel answers a connect with a reset.", |lab| {
        let nobody = lab.nobody();
        let client = lab.client(nobody.address(), &["--framing", "prefix", "halo"]);
        client.expect_trouble("refused", nobody.address()).expect_exit(1);
    });
}

// 4.1 Close: the end of the stream ends the message.

#[test]
fn ex4_1_close_a_message_is_answered_after_its_end() {
    promise!("The end of a stream is the only mark that needs no byte of its own.", |lab| {
        let server = server(lab, "close");
        let mut peer = server.peer();
        peer.send("halo, dunia").half_close().expect("ainud ,olah").expect_eof();
    });
}

#[test]
fn ex4_1_close_every_byte_value_may_stand_in_a_message() {
    promise!("Where the end is no byte, no byte is special.", |lab| {
        let every_value: Payload = (0..=255).collect::<Vec<u8>>().into();
        let server = server(lab, "close");
        let mut peer = server.peer();
        peer.send(&every_value).half_close().expect(every_value.reversed()).expect_eof();
    });
}

#[test]
fn ex4_1_close_a_message_that_comes_in_pieces_is_one_message() {
    promise!(
        "One read is not one message: only the end of the stream says that it is whole.",
        |lab| {
            let server = server(lab, "close");
            let mut peer = server.peer();
            peer.send("h").until_read().send("al").until_read().send("o\n").until_read();
            peer.half_close().expect("\nolah").expect_eof();
        }
    );
}

#[test]
fn ex4_1_close_a_message_and_its_end_may_be_there_before_the_first_read() {
    promise!("The kernel takes bytes and the end before the program asks.", |lab| {
        let server = server(lab, "close");
        server.freeze();
        let mut peer = server.peer();
        peer.send("halo").half_close();
        server.thaw();
        peer.expect("olah").expect_eof();
    });
}

#[test]
fn ex4_1_close_an_empty_message_has_an_empty_answer() {
    promise!("A stream can end before its first byte: a message of length 0.", |lab| {
        let server = server(lab, "close");
        server.peer().half_close().expect_eof();
        server.peer().send("x").half_close().expect("x").expect_eof();
    });
}

#[test]
fn ex4_1_close_a_mebibyte_is_answered() {
    promise!("A message longer than all buffers comes in many reads.", |lab| {
        let much = lab.drawn(MEBIBYTE);
        let server = server(lab, "close");
        let mut peer = server.peer();
        send_much(lab, &mut peer, &much);
        peer.half_close().expect(much.reversed()).expect_eof();
    });
}

#[test]
fn ex4_1_close_a_byte_over_a_mebibyte_is_too_much() {
    promise!("Whoever waits for an end must know how much to hold until it comes.", |lab| {
        let too_much = lab.drawn(MEBIBYTE + 1);
        let server = server(lab, "close");
        server.peer().send("halo").half_close().expect("olah").expect_eof();
        let mut peer = server.peer();
        send_much(lab, &mut peer, &too_much);
        peer.half_close().expect_gone();
        server.peer().send("halo").half_close().expect("olah").expect_eof();
    });
}

#[test]
fn ex4_1_close_a_message_without_an_end_is_refused_before_it_ends() {
    promise!("The end may never come; a limit must not wait for it.", |lab| {
        let too_much = lab.drawn(MEBIBYTE + 1);
        let server = server(lab, "close");
        server.peer().send("halo").half_close().expect("olah").expect_eof();
        let mut peer = server.peer();
        send_much(lab, &mut peer, &too_much);
        peer.send("and more").expect_gone();
    });
}

#[test]
fn ex4_1_a_silent_client_delays_nobody() {
    promise!("A read waits for one client; the others do not stop talking meanwhile.", |lab| {
        let server = server(lab, "close");
        let mut silent = server.peer();
        silent.send("wait").until_read();
        server.peer().send("halo").half_close().expect("olah").expect_eof();
        silent.half_close().expect("tiaw").expect_eof();
    });
}

#[test]
fn ex4_1_a_client_that_finds_no_place_waits_and_is_served_in_its_turn() {
    promise!(
        "A connection that nobody accepts yet is kept by the kernel, with its bytes.",
        |lab| {
            let server = lab.server_with(&["--framing", "close", "--max-clients", "1"]);
            let mut first = server.peer();
            first.send("first").until_read();
            let mut second = server.peer();
            second.send("second").half_close();
            first.half_close().expect("tsrif").expect_eof();
            second.expect("dnoces").expect_eof();
        }
    );
}

#[test]
fn ex4_1_a_reset_ends_one_connection_not_the_server() {
    promise!("A reset is an error of one connection alone.", |lab| {
        let server = server(lab, "close");
        lab.repeat(3, || {
            let mut rude = server.peer();
            rude.send("halo").until_read().reset();
            server.until_at_rest();
        });
        server.peer().send("still there?").half_close().expect("?ereht llits").expect_eof();
    });
}

#[test]
fn ex4_1_a_silent_client_is_let_go_after_the_idle_limit() {
    promise!("TCP never says that nothing is coming; only a clock can.", |lab| {
        let server = lab.server_with(&["--framing", "close", "--idle-limit", "0.2"]);
        server.peer().send("halo").half_close().expect("olah").expect_eof();
        server.peer().send("ha").expect_gone();
    });
}

#[test]
fn ex4_1_ctrl_c_lets_everybody_go_and_ends_with_exit_code_0() {
    promise!(
        "A thread that waits in a read must be woken, or the process ends around it.",
        |lab| {
            let server = server(lab, "close");
            let mut peer = server.peer();
            peer.send("half a mess").until_read();
            server.interrupt();
            peer.expect_gone();
            server.expect_exit(0);
        }
    );
}

#[test]
fn ex4_1_ctrl_c_answers_a_message_that_has_ended() {
    promise!("Bytes and an end that wait in the receive buffer came before the goodbye.", |lab| {
        let server = server(lab, "close");
        let mut peer = server.peer();
        peer.send("ha").until_read().send("lo").half_close();
        server.interrupt();
        peer.expect("olah").expect_gone();
        server.expect_exit(0);
    });
}

#[test]
fn ex4_1_close_the_client_connects_anew_for_each_message() {
    promise!("A stream has one end, so a connection carries one message each way.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "close", "halo", "", "dunia"]);
        for (message, answer) in [("halo", "olah"), ("", ""), ("dunia", "ainud")] {
            let mut peer = host.accept();
            peer.expect(message).expect_eof().send(answer).hang_up();
            client.expect_shown(format!("{answer}\n"));
        }
        client.expect_exit(0);
    });
}

#[test]
fn ex4_1_close_the_client_reads_its_answer_to_the_end() {
    promise!("What one read brings is not the answer; the end of the stream tells.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "close", "halo"]);
        let mut peer = host.accept();
        peer.expect("halo").expect_eof();
        peer.send("o").until_read().send("la").until_read().send("h").hang_up();
        client.expect_shown("olah\n").expect_exit(0);
    });
}

#[test]
fn ex4_1_close_the_client_shows_the_bytes_that_travel() {
    promise!("A message on the screen does not tell how it looks on the wire.", |lab| {
        let host = lab.host();
        let options = ["--framing", "close", "--show", "halo, apa kabar?!", "\n"];
        let client = lab.own_client(host.address(), &options);
        let mut peer = host.accept();
        peer.expect("halo, apa kabar?!").expect_eof().hang_up();
        client.expect_said("> 68 61 6c 6f 2c 20 61 70 61 20 6b 61 62 61 72 3f   halo, apa kabar?");
        client.expect_said("> 21                                                !");
        let mut peer = host.accept();
        // One byte comes in one read, however the client reads.
        peer.expect("\n").expect_eof().send("\n").hang_up();
        client.expect_said("> 0a                                                .");
        client.expect_said("< 0a                                                .");
        client.expect_exit(0);
    });
}

#[test]
fn ex4_1_close_lines_of_the_input_go_through_client_and_server() {
    promise!("Two programs that read a framing alike understand each other.", |lab| {
        let server = server(lab, "close");
        let client = lab.client(server.address(), &["--framing", "close"]);
        client.type_in("halo\n").expect_shown("olah\n");
        client.type_in("apa kabar?").end_input().expect_shown("?rabak apa\n").expect_exit(0);
    });
}

#[test]
fn ex4_1_close_a_silent_server_is_given_up_after_the_time_limit() {
    promise!("An answer ended by EOF is whole when the EOF comes, and not before.", |lab| {
        let host = lab.host();
        let options = ["--framing", "close", "--time-limit", "0.2", "halo"];
        let client = lab.client(host.address(), &options);
        let mut peer = host.accept();
        peer.expect("halo").expect_eof().send("olah");
        client.expect_trouble("silent", host.address()).expect_exit(1);
    });
}

// 4.2 Streams: send before you know where it ends.

#[test]
fn ex4_2_streams_the_answer_comes_after_the_end_and_not_before() {
    promise!(
        "Last byte first: no byte of the answer is known before the last one has come.",
        |lab| {
            let server = server(lab, "streams");
            let mut peer = server.peer();
            peer.send("ha").until_read().send("lo, ").until_read().send("dunia").until_read();
            peer.half_close().expect("ainud ,olah").expect_eof();
        }
    );
}

#[test]
fn ex4_2_streams_a_stream_cut_at_every_position_has_the_same_answer() {
    promise!("Nobody who reads can tell how a stream was written.", |lab| {
        let server = server(lab, "streams");
        let stream = b"halo\r\n\0dunia";
        let mut cut = 0;
        lab.repeat(stream.len() - 1, || {
            cut += 1;
            let (first, rest) = stream.split_at(cut);
            let mut peer = server.peer();
            peer.send(first).until_read().send(rest).half_close();
            peer.expect("ainud\0\n\rolah").expect_eof();
        });
    });
}

#[test]
fn ex4_2_streams_a_client_that_reads_late_gets_every_byte() {
    promise!("When nobody reads, buffers fill and a write must wait; it may not drop.", |lab| {
        let much = lab.drawn(MEBIBYTE);
        let server = server(lab, "streams");
        let mut peer = server.peer_with_little_room();
        send_much(lab, &mut peer, &much);
        peer.half_close();
        server.until_at_rest();
        peer.expect(much.reversed()).expect_eof();
    });
}

#[test]
fn ex4_2_streams_a_byte_over_a_mebibyte_is_too_much() {
    promise!("A stream need not say how long it will be; who holds it must have a limit.", |lab| {
        let too_much = lab.drawn(MEBIBYTE + 1);
        let server = server(lab, "streams");
        server.peer().send("halo").half_close().expect("olah").expect_eof();
        let mut peer = server.peer();
        send_much(lab, &mut peer, &too_much);
        peer.half_close().expect_gone();
    });
}

#[test]
fn ex4_2_streams_the_client_sends_each_piece_when_it_has_it() {
    promise!("A stream can be sent while it is made: nobody waits for its end to begin.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "streams"]);
        let mut peer = host.accept();
        client.type_in("halo");
        peer.expect("halo");
        client.type_in(", dunia\n");
        peer.expect(", dunia\n");
        client.end_input();
        peer.expect_eof().send("\nainud ");
        client.expect_shown("\nainud ");
        peer.send(",olah").hang_up();
        client.expect_shown(",olah\n").expect_exit(0);
    });
}

#[test]
fn ex4_2_streams_what_the_client_is_given_is_one_stream() {
    promise!("Pieces that are sent one after the other leave no trace of their borders.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "streams", "halo", "dunia"]);
        let mut peer = host.accept();
        peer.expect("halodunia").expect_eof().send("ainudolah").hang_up();
        client.expect_shown("ainudolah\n").expect_exit(0);
    });
}

#[test]
fn ex4_2_streams_a_file_goes_through_the_client_and_the_server() {
    promise!("Both ends must keep their promises for the bytes to arrive.", |lab| {
        let file = lab.drawn(300_000);
        let server = server(lab, "streams");
        let client = lab.client(server.address(), &["--framing", "streams"]);
        client.type_in(&file).end_input();
        client.expect_shown(file.reversed()).expect_shown("\n").expect_exit(0);
    });
}

#[test]
fn ex4_2_streams_a_reset_in_the_answer_is_a_sentence_and_exit_code_1() {
    promise!("A reset is not an end: what was shown so far is not the whole answer.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "streams", "halo"]);
        let mut peer = host.accept();
        peer.expect("halo").expect_eof().send("ol").until_read().reset();
        client.expect_trouble("lost", host.address()).expect_exit(1);
    });
}

// 4.3 Fixed: every message is 16 bytes long.

#[test]
fn ex4_3_fixed_a_record_comes_back_reversed_and_padded_again() {
    promise!("Padding belongs to the framing; the message ends where it begins.", |lab| {
        let server = server(lab, "fixed");
        let mut peer = server.peer();
        peer.send(record("halo")).expect(record("olah"));
        peer.send(record("dunia")).expect(record("ainud"));
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex4_3_fixed_records_may_be_full_and_empty() {
    promise!("Both ends of the range have the same 16 bytes on the wire.", |lab| {
        let server = server(lab, "fixed");
        let mut peer = server.peer();
        peer.send("0123456789abcdef").expect("fedcba9876543210");
        peer.send(record("")).expect(record(""));
        peer.send(record("x")).expect(record("x"));
    });
}

#[test]
fn ex4_3_fixed_a_nul_inside_a_message_belongs_to_it() {
    promise!("Only the NULs at the end are padding.", |lab| {
        let server = server(lab, "fixed");
        let mut peer = server.peer();
        peer.send(record("\0a\0\0b \n")).expect(record("\n b\0\0a\0"));
        peer.send(b"\xff\xfe\r\n 45678901234").expect(b"43210987654 \n\r\xfe\xff");
    });
}

#[test]
fn ex4_3_fixed_a_record_cut_at_every_position_has_the_same_answer() {
    promise!("A read brings what has come, and not the 16 bytes that were asked for.", |lab| {
        let server = server(lab, "fixed");
        let mut peer = server.peer();
        let conversation = record("halo");
        send_cut_at_every_position(lab, &mut peer, &conversation, |peer| {
            peer.expect(record("olah"));
        });
    });
}

#[test]
fn ex4_3_fixed_two_and_a_half_records_in_one_segment_are_two_and_a_beginning() {
    promise!("One read may bring more than one message, and a part of the next.", |lab| {
        let server = server(lab, "fixed");
        let mut peer = server.peer();
        let last = record("third");
        peer.send([record("one"), record("two"), last[..8].to_vec()].concat());
        peer.expect(record("eno")).expect(record("owt"));
        peer.send(&last[8..]).expect(record("driht"));
    });
}

#[test]
fn ex4_3_fixed_the_end_inside_a_record_has_no_answer() {
    promise!("The end of a stream does not complete what it cuts.", |lab| {
        let server = server(lab, "fixed");
        let mut peer = server.peer();
        peer.send([record("halo"), b"cut".to_vec()].concat()).half_close();
        peer.expect(record("olah")).expect_gone();
    });
}

#[test]
fn ex4_3_fixed_the_log_tells_an_end_inside_a_record_from_one_between_two() {
    promise!("An end says that no more will come, and not whether all has come.", |lab| {
        let server = server(lab, "fixed");
        let mut whole = server.peer();
        whole.send(record("halo")).expect(record("olah")).half_close().expect_eof();
        server.expect_words_about(whole.address(), "left: 1 answered");
        let mut cut = server.peer();
        cut.send("halo").half_close().expect_gone();
        server.expect_words_about(cut.address(), "let go: the stream ended inside a record");
    });
}

#[test]
fn ex4_3_fixed_the_client_pads_what_it_sends_and_unpads_what_comes() {
    promise!("One read may bring a part of the answer; 16 bytes are an answer.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "fixed", "halo", ""]);
        let mut peer = host.accept();
        peer.expect(record("halo")).send("ol").until_read().send(&record("olah")[2..]);
        client.expect_shown("olah\n");
        peer.expect(record("")).send(record(""));
        client.expect_shown("\n").expect_exit(0);
    });
}

#[test]
fn ex4_3_fixed_the_client_refuses_what_does_not_fit_into_16_bytes() {
    promise!("What a framing cannot carry must not be cut to fit.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "fixed", "seventeen bytes!!"]);
        client.expect_trouble("16", host.address()).expect_exit(1);
    });
}

// 4.4 Delimiter: a byte that stands nowhere else.

#[test]
fn ex4_4_delimiter_a_line_comes_back_reversed() {
    promise!("The delimiter is part of the framing and not of the message.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send("halo\n").expect("olah\n");
        peer.send("\n").expect("\n");
        peer.send("x\n").expect("x\n");
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex4_4_delimiter_escapes_are_undone_and_made_again() {
    promise!("A byte that ends messages cannot stand in one as itself.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send(b"ab\\nc\n").expect(b"c\\nba\n");
        peer.send(b"ab\\\\c\n").expect(b"c\\\\ba\n");
        // The message is a backslash and an n: two bytes, and neither is a line feed.
        peer.send(b"a\\\\nb\n").expect(b"bn\\\\a\n");
        peer.send(b"\\\\\\n\n").expect(b"\\n\\\\\n");
    });
}

#[test]
fn ex4_4_delimiter_an_unknown_escape_and_a_dangling_backslash_stay_as_they_are() {
    promise!("A grammar must say what comes of what it does not know.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send(b"a\\tb\n").expect(b"bt\\\\a\n");
        peer.send(b"dangling\\\n").expect(b"\\\\gnilgnad\n");
        peer.send(b"still there?\n").expect(b"?ereht llits\n");
    });
}

#[test]
fn ex4_4_delimiter_everything_but_lf_belongs_to_the_message() {
    promise!("Only LF has a meaning: CR, NUL and bytes that are no text do not.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send("  halo\r\n").expect("\rolah  \n");
        peer.send(b"\0\xff\xc3\xa9\t\n").expect(b"\t\xa9\xc3\xff\0\n");
    });
}

#[test]
fn ex4_4_delimiter_two_lines_cut_at_every_position_have_the_same_answers() {
    promise!("A cut may fall between a backslash and its letter, or before the LF.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        send_cut_at_every_position(lab, &mut peer, b"a\\nb\\\\\nhalo\n", |peer| {
            peer.expect(b"\\\\b\\na\nolah\n");
        });
    });
}

#[test]
fn ex4_4_delimiter_two_and_a_half_lines_in_one_segment_are_two_and_a_beginning() {
    promise!("One read may bring more than one message, and a part of the next.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send("one\ntwo\nthi").expect("eno\nowt\n");
        peer.send("rd\n").expect("driht\n");
    });
}

#[test]
fn ex4_4_delimiter_text_after_the_last_lf_is_no_message() {
    promise!("The end of a stream is not a line end.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send("halo\ndunia").half_close().expect("olah\n").expect_eof();
    });
}

#[test]
fn ex4_4_delimiter_a_line_of_65_536_bytes_is_answered_and_one_byte_more_is_too_much() {
    promise!("The LF may never come; what was sent before it must be held.", |lab| {
        let server = server(lab, "delimiter");
        let line = "x".repeat(LINE_LEN_MAX);
        server.peer().send(format!("{line}\n")).expect(format!("{line}\n"));
        server.peer().send(format!("{line}x\n")).half_close().expect_gone();
        server.peer().send("halo\n").expect("olah\n");
    });
}

#[test]
fn ex4_4_delimiter_the_limit_counts_bytes_as_they_are_sent() {
    promise!("An escape is two bytes on the wire, whatever it stands for.", |lab| {
        let server = server(lab, "delimiter");
        let line = "\\n".repeat(LINE_LEN_MAX / 2);
        server.peer().send(format!("{line}\n")).expect(format!("{line}\n"));
        server.peer().send(format!("{line}\\n\n")).half_close().expect_gone();
    });
}

#[test]
fn ex4_4_delimiter_a_line_without_an_end_is_refused_before_it_ends() {
    promise!("Who waits for a delimiter may wait for ever, and hold everything.", |lab| {
        let server = server(lab, "delimiter");
        let mut peer = server.peer();
        peer.send("halo\n").expect("olah\n");
        peer.send("x".repeat(MEBIBYTE)).expect_gone();
    });
}

#[test]
fn ex4_4_delimiter_the_client_escapes_what_it_sends_and_undoes_what_comes() {
    promise!("Both sides must know the escapes, or a message becomes two.", |lab| {
        let host = lab.host();
        let message = "two\nlines, c:\\new";
        let client = lab.client(host.address(), &["--framing", "delimiter", message, "x"]);
        let mut peer = host.accept();
        peer.expect(b"two\\nlines, c:\\\\new\n");
        peer.send(b"wen\\").until_read().send(b"\\:c ,senil\\").until_read().send(b"nowt\n");
        client.expect_shown("wen\\:c ,senil\nowt\n");
        peer.expect("x\n").send("x\n");
        client.expect_shown("x\n").expect_exit(0);
    });
}

// 4.5 Prefix: the length comes first.

#[test]
fn ex4_5_prefix_a_frame_comes_back_reversed() {
    promise!("A number on the wire has a byte order: the most significant comes first.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(b"\0\0\0\x04halo").expect(b"\0\0\0\x04olah");
        peer.send(b"\0\0\x01\x2c").send("x".repeat(300));
        peer.expect(b"\0\0\x01\x2c").expect("x".repeat(300));
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex4_5_prefix_a_length_of_0_is_a_message_and_so_is_1() {
    promise!("An empty message is not the end of anything.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(frame("")).expect(frame(""));
        peer.send(frame("x")).expect(frame("x"));
        peer.send([frame(""), frame("")].concat()).expect([frame(""), frame("")].concat());
    });
}

#[test]
fn ex4_5_prefix_the_length_counts_bytes() {
    promise!("A character may have several bytes; the wire knows only bytes.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(frame("caf\u{e9}")).expect(frame(b"\xa9\xc3fac"));
        peer.send(frame("\n\r\0\\")).expect(frame("\\\0\r\n"));
    });
}

#[test]
fn ex4_5_prefix_a_header_may_come_in_1_and_3_bytes() {
    promise!("A read for 4 bytes can return 1.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(b"\0").until_read().send(b"\0\0\x04halo").expect(frame("olah"));
    });
}

#[test]
fn ex4_5_prefix_two_frames_cut_at_every_position_have_the_same_answers() {
    promise!("A cut may fall inside a header, behind it, or inside a body.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        let conversation = [frame("halo"), frame("")].concat();
        let answers = [frame("olah"), frame("")].concat();
        send_cut_at_every_position(lab, &mut peer, &conversation, |peer| {
            peer.expect(&answers);
        });
    });
}

#[test]
fn ex4_5_prefix_two_and_a_half_frames_in_one_segment_are_two_and_a_beginning() {
    promise!("One read may bring more than one message, and a part of the next.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send([frame("one"), frame("two"), b"\0\0\0\x05th".to_vec()].concat());
        peer.expect([frame("eno"), frame("owt")].concat());
        peer.send("ird").expect(frame("driht"));
    });
}

#[test]
fn ex4_5_prefix_frames_that_arrive_with_the_end_are_answered_before_it() {
    promise!("The end of the stream may be there before the first frame is decoded.", |lab| {
        let server = server(lab, "prefix");
        server.freeze();
        let mut peer = server.peer();
        peer.send([frame("one"), frame("two")].concat()).half_close();
        server.thaw();
        peer.expect([frame("eno"), frame("owt")].concat()).expect_eof();
    });
}

#[test]
fn ex4_5_prefix_a_mebibyte_is_answered_and_the_next_frame_too() {
    promise!("A long body comes in many reads, and the last may hold the next header.", |lab| {
        let much = lab.drawn(MEBIBYTE);
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(header(MEBIBYTE));
        send_much(lab, &mut peer, &much);
        peer.send(frame("next"));
        peer.expect(header(MEBIBYTE)).expect(much.reversed()).expect(frame("txen"));
    });
}

#[test]
fn ex4_5_prefix_a_header_of_one_byte_over_a_mebibyte_is_too_much() {
    promise!("A header can announce more than anybody wants to wait for.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(frame("halo")).expect(frame("olah"));
        peer.send(header(MEBIBYTE + 1)).expect_gone();
        server.peer().send(b"\x01\0\0\0x").expect_gone();
        server.peer().send(frame("halo")).expect(frame("olah"));
    });
}

#[test]
fn ex4_5_prefix_a_header_of_4_294_967_295_is_too_much() {
    promise!("All bits set is a number too: -1 to somebody, 4 GiB to somebody else.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(frame("halo")).expect(frame("olah"));
        peer.send(b"\xff\xff\xff\xff").expect_gone();
        server.peer().send(b"\x80\0\0\0").expect_gone();
        server.peer().send(frame("halo")).expect(frame("olah"));
    });
}

#[test]
fn ex4_5_prefix_the_end_inside_a_header_or_a_body_has_no_answer() {
    promise!("The end of a stream does not complete what it cuts.", |lab| {
        let server = server(lab, "prefix");
        server.peer().send(b"\0\0").half_close().expect_gone();
        server.peer().send(b"\0\0\0\x04").half_close().expect_gone();
        let mut peer = server.peer();
        peer.send([frame("halo"), b"\0\0\0\x04dun".to_vec()].concat()).half_close();
        peer.expect(frame("olah")).expect_gone();
    });
}

#[test]
fn ex4_5_prefix_the_log_tells_an_end_inside_a_frame_from_one_between_two() {
    promise!("An end says that no more will come, and not whether all has come.", |lab| {
        let server = server(lab, "prefix");
        let mut whole = server.peer();
        whole.send(frame("halo")).expect(frame("olah")).half_close().expect_eof();
        server.expect_words_about(whole.address(), "left: 1 answered");
        let mut cut = server.peer();
        cut.send(b"\0\0").half_close().expect_gone();
        server.expect_words_about(cut.address(), "let go: the stream ended inside a header");
        let mut cut = server.peer();
        cut.send(b"\0\0\0\x04ha").half_close().expect_gone();
        server.expect_words_about(cut.address(), "let go: the stream ended inside a body");
    });
}

#[test]
fn ex4_5_prefix_a_mebibyte_that_is_only_announced_costs_bytes() {
    promise!("A header is a promise of somebody else's; memory is ours.", |lab| {
        let server = server(lab, "prefix");
        let mut peers = Vec::new();
        lab.repeat(ANNOUNCERS, || {
            let mut peer = server.peer();
            peer.send(frame("halo")).expect(frame("olah"));
            peers.push(peer);
        });
        // Whatever a connection costs by itself has been paid by now.
        server.until_at_rest();
        server.expect_to_grow_at_most(LITTLE_MEMORY, || {
            let mut peers = peers.iter_mut();
            lab.repeat(ANNOUNCERS, || {
                let peer = peers.next().expect("as many as there are announcers");
                peer.send(header(MEBIBYTE)).send("x");
            });
        });
    });
}

#[test]
fn ex4_5_prefix_ctrl_c_answers_what_has_arrived() {
    promise!("Bytes in the receive buffer were sent before anybody said goodbye.", |lab| {
        let server = server(lab, "prefix");
        let mut peer = server.peer();
        peer.send(frame("halo")).expect(frame("olah"));
        peer.send([frame("one"), frame("two")].concat());
        server.interrupt();
        peer.expect([frame("eno"), frame("owt")].concat()).expect_gone();
        server.expect_exit(0);
    });
}

#[test]
fn ex4_5_prefix_the_client_sends_frame_after_frame_on_one_connection() {
    promise!("With a length in front, an answer ends without the connection.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "prefix", "halo", "", "caf\u{e9}"]);
        let mut peer = host.accept();
        peer.expect(frame("halo")).send(b"\0\0").until_read().send(b"\0\x04ol").until_read();
        peer.send("ah");
        client.expect_shown("olah\n");
        peer.expect(frame("")).send(frame(""));
        client.expect_shown("\n");
        peer.expect(frame("caf\u{e9}")).send(frame("ok"));
        client.expect_shown("ok\n");
        peer.expect_eof();
        client.expect_exit(0);
    });
}

#[test]
fn ex4_5_prefix_an_answer_that_breaks_off_is_a_sentence_and_exit_code_1() {
    promise!("An end in the middle of an answer is a loss, not an end.", |lab| {
        let host = lab.host();
        for part in [&b""[..], b"\0\0", b"\0\0\0\x04ol"] {
            let client = lab.client(host.address(), &["--framing", "prefix", "halo"]);
            let mut peer = host.accept();
            peer.expect(frame("halo")).send(part).half_close();
            client.expect_trouble("closed", host.address()).expect_exit(1);
        }
    });
}

#[test]
fn ex4_5_prefix_an_answer_that_is_too_long_is_a_sentence_and_exit_code_1() {
    promise!("A client is no safer than a server: its peer announces what it likes.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "prefix", "halo"]);
        let mut peer = host.accept();
        peer.expect(frame("halo")).send(b"\xff\xff\xff\xff");
        client.expect_trouble("too long", host.address()).expect_exit(1);
    });
}

// 4.6 Blocks: many lengths, and an empty one at the end.

#[test]
fn ex4_6_blocks_a_run_of_blocks_is_one_message() {
    promise!("A block has a length of its own; the message has none.", |lab| {
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send(run(&["ha", "l", "o"]));
        expect_run(&mut peer, "olah");
        peer.send(run(&["dunia"]));
        expect_run(&mut peer, "ainud");
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex4_6_blocks_the_empty_block_alone_is_an_empty_message() {
    promise!("A run may have no blocks: the mark at its end is the whole message.", |lab| {
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send(run(&[])).expect(run(&[]));
        peer.send(run(&["x"]));
        expect_run(&mut peer, "x");
        peer.send(run(&[])).expect(run(&[]));
    });
}

#[test]
fn ex4_6_blocks_nothing_is_answered_before_the_empty_block() {
    promise!("A whole block is not a whole message.", |lab| {
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send(frame("ha")).until_read().send(frame("lo")).until_read().send(frame(""));
        expect_run(&mut peer, "olah");
    });
}

#[test]
fn ex4_6_blocks_two_runs_cut_at_every_position_have_the_same_answers() {
    promise!("A cut may fall inside a header, inside a block, or between two.", |lab| {
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        let conversation = [run(&["ha", "l"]), run(&[])].concat();
        send_cut_at_every_position(lab, &mut peer, &conversation, |peer| {
            for answer in ["lah", ""] {
                expect_run(peer, answer);
            }
        });
    });
}

#[test]
fn ex4_6_blocks_two_and_a_half_runs_in_one_segment_are_two_and_a_beginning() {
    promise!("One read may bring more than one message, and a part of the next.", |lab| {
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send([run(&["on", "e"]), run(&["two"]), frame("thi")].concat());
        expect_run(&mut peer, "eno");
        expect_run(&mut peer, "owt");
        peer.send(run(&["rd"]));
        expect_run(&mut peer, "driht");
    });
}

#[test]
fn ex4_6_blocks_a_mebibyte_in_all_is_answered() {
    promise!("Blocks of a byte add up as blocks of half a mebibyte do.", |lab| {
        let half = lab.drawn(MEBIBYTE / 2);
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send(header(MEBIBYTE / 2));
        send_much(lab, &mut peer, &half);
        peer.send(frame("x").repeat(1000)).send(header(MEBIBYTE / 2 - 1000)).until_read();
        send_much(lab, &mut peer, &"y".repeat(MEBIBYTE / 2 - 1000).into());
        peer.send(frame(""));
        let rest = "y".repeat(MEBIBYTE / 2 - 1000) + &"x".repeat(1000);
        let answer = [rest.into_bytes(), half.reversed().bytes().to_vec()].concat();
        expect_run(&mut peer, answer);
    });
}

#[test]
fn ex4_6_blocks_a_byte_over_a_mebibyte_in_all_is_too_much() {
    promise!("A limit for each block is no limit for the message.", |lab| {
        let half = lab.drawn(MEBIBYTE / 2);
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send(run(&["halo"]));
        expect_run(&mut peer, "olah");
        peer.send(header(MEBIBYTE / 2));
        send_much(lab, &mut peer, &half);
        peer.send(header(MEBIBYTE / 2 + 1)).send(&half).send(frame("")).send(frame(""));
        peer.expect_gone();
        let mut peer = server.peer();
        peer.send(header(MEBIBYTE + 1)).send(&half).send(&half).send("x").send(frame(""));
        peer.expect_gone();
        server.peer().send(b"\xff\xff\xff\xff").expect_gone();
    });
}

#[test]
fn ex4_6_blocks_a_run_without_an_end_is_refused_before_it_ends() {
    promise!("The empty block may never come.", |lab| {
        let server = server(lab, "blocks");
        let mut peer = server.peer();
        peer.send(run(&["halo"]));
        expect_run(&mut peer, "olah");
        send_much(lab, &mut peer, &frame("x".repeat(10_000)).repeat(125).into());
        peer.expect_gone();
    });
}

#[test]
fn ex4_6_blocks_the_end_before_the_empty_block_has_no_answer() {
    promise!("An end between two blocks is still inside the message.", |lab| {
        let server = server(lab, "blocks");
        for cut in [&b"\0\0\0\x02ha"[..], b"\0\0\0\x02ha\0\0", b"\0\0\0\x02h"] {
            server.peer().send(cut).half_close().expect_gone();
        }
        let mut peer = server.peer();
        peer.send([run(&["ha", "lo"]), frame("dunia")].concat()).half_close();
        expect_run(&mut peer, "olah");
        peer.expect_gone();
    });
}

#[test]
fn ex4_6_blocks_the_log_tells_an_end_inside_a_run_from_one_between_two() {
    promise!("An end between two blocks and one between two messages look alike.", |lab| {
        let server = server(lab, "blocks");
        let mut whole = server.peer();
        whole.send(run(&["ha", "lo"]));
        expect_run(&mut whole, "olah");
        whole.half_close().expect_eof();
        server.expect_words_about(whole.address(), "left: 1 answered");
        let mut cut = server.peer();
        cut.send(frame("ha")).half_close().expect_gone();
        server.expect_words_about(cut.address(), "let go: the stream ended before the empty block");
    });
}

#[test]
fn ex4_6_blocks_the_client_joins_the_blocks_of_its_answer() {
    promise!("Whoever answers cuts as it likes, and so does TCP.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "blocks", "halo", "dunia"]);
        let mut peer = host.accept();
        expect_run(&mut peer, "halo");
        peer.send(b"\0\0\0\x01o\0").until_read().send(b"\0\0\x03l").until_read();
        peer.send("ah").until_read().send(frame(""));
        client.expect_shown("olah\n");
        expect_run(&mut peer, "dunia");
        peer.send(run(&["ainud"]));
        client.expect_shown("ainud\n").expect_exit(0);
    });
}

#[test]
fn ex4_6_blocks_the_client_takes_an_end_before_the_empty_block_for_a_loss() {
    promise!("What came may be all, or half; only the empty block would tell.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--framing", "blocks", "halo"]);
        let mut peer = host.accept();
        expect_run(&mut peer, "halo");
        peer.send(frame("olah")).half_close();
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}
