//! What a blocking echo server and its client promise.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep.

use std::time::Duration;

use wirelab::promise;

// Given: it holds before the first exercise.

#[test]
fn ex1_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--no-such-option"]);
        program.expect_error(&["Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["client", "nowhere"]);
        program.expect_error(&["nowhere", "Usage:", "Examples:"]).expect_exit(2);
    });
}

// 1.1 Make a listener by hand.

#[test]
fn ex1_1_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        lab.server().expect_ready_line();
    });
}

#[test]
fn ex1_1_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let first = lab.server();
        let second = lab.server_in_vain(first.port());
        second.expect_error(&["in use"]).expect_exit(1);
        first.peer();
    });
}

#[test]
fn ex1_1_a_killed_server_can_listen_on_the_same_port_at_once() {
    promise!(
        "Its connections stay behind in TIME_WAIT and hold the address, unless the next listener \
         sets SO_REUSEADDR.",
        |lab| {
            let server = lab.server();
            let mut peer = server.peer();
            server.until_at_rest().kill();
            peer.hang_up();
            lab.server_on(server.port()).peer();
        }
    );
}

#[test]
fn ex1_1_ctrl_c_ends_the_server_with_exit_code_0() {
    promise!("A blocking accept hears nothing but clients; a signal must end it.", |lab| {
        lab.server().interrupt().expect_exit(0);
    });
}

// 1.2 Echo one client until it has no more to say.

#[test]
fn ex1_2_a_message_comes_back_byte_for_byte_and_at_once() {
    promise!("A client that waits for its answer says nothing more until it comes.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("halo\r\n").expect("halo\r\n");
        peer.send("apa kabar?\r\n").expect("apa kabar?\r\n");
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex1_2_only_what_was_sent_comes_back() {
    promise!("A read fills a part of the buffer, and says how much.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("a long message first").expect("a long message first");
        peer.send("short").expect("short");
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex1_2_every_byte_value_comes_back_unchanged() {
    promise!("TCP carries bytes, not text: none of the 256 values is special.", |lab| {
        let every_value: Vec<u8> = (0..=255).collect();
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(&every_value).expect(&every_value);
        peer.send("  no line end, and spaces  ").expect("  no line end, and spaces  ");
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex1_2_bytes_that_arrive_in_pieces_come_back_in_order() {
    promise!("TCP keeps no message boundaries: one message may arrive in many reads.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("h").until_read().send("al").until_read().send("o\r").until_read();
        peer.send("\n").expect("halo\r\n");
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex1_2_what_arrives_together_with_the_end_is_answered_before_it() {
    promise!("Bytes and the end of the stream may be there before the first read.", |lab| {
        let server = lab.server();
        server.freeze();
        let mut peer = server.peer();
        peer.send("one\r\n").send("two\r\n").half_close();
        server.thaw();
        peer.expect("one\r\ntwo\r\n").expect_eof();
    });
}

#[test]
fn ex1_2_a_mebibyte_comes_back_unchanged() {
    promise!("The bytes of one write may need many reads.", |lab| {
        let much = lab.drawn(1 << 20);
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(&much).expect(&much);
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex1_2_a_client_that_reads_late_gets_every_byte() {
    promise!("When nobody reads, buffers fill and a write must wait; it may not drop.", |lab| {
        let server = lab.server();
        let mut peer = server.peer_with_little_room();
        let much = peer.fill(&server);
        peer.half_close().expect(&much).expect_eof();
    });
}

#[test]
fn ex1_2_an_interrupted_write_loses_nothing() {
    promise!("A write may take less than it was given, and says how much it took.", |lab| {
        let server = lab.server();
        let mut peer = server.peer_with_little_room();
        let much = peer.fill(&server);
        // Stopped while it waits in the middle of a write, the server finds the write cut short.
        server.freeze().thaw().until_at_rest();
        peer.half_close().expect(&much).expect_eof();
    });
}

// 1.3 Serve clients one after another.

#[test]
fn ex1_3_the_next_client_is_served_when_the_first_has_left() {
    promise!("A listening socket outlives the connections that came from it.", |lab| {
        let server = lab.server();
        for words in ["first", "second", "third"] {
            let mut peer = server.peer();
            peer.send(words).expect(words);
            peer.half_close().expect_eof();
        }
    });
}

#[test]
fn ex1_3_a_hundred_clients_come_and_go() {
    promise!("What a server keeps of each client that has left adds up.", |lab| {
        let server = lab.server();
        lab.repeat(100, || {
            let mut peer = server.peer();
            peer.send("halo").expect("halo").half_close().expect_eof();
        });
    });
}

#[test]
fn ex1_3_a_client_that_had_to_wait_is_answered_in_its_turn() {
    promise!("The kernel shakes hands and takes bytes long before accept is called.", |lab| {
        let server = lab.server();
        let mut first = server.peer();
        first.send("first").expect("first");
        let mut second = server.peer();
        second.send("second").half_close();
        first.half_close().expect_eof();
        second.expect("second").expect_eof();
    });
}

#[test]
fn ex1_3_a_client_that_says_nothing_gets_the_end_and_the_next_is_served() {
    promise!("A read of 0 bytes is the end of the stream, not an empty message.", |lab| {
        let server = lab.server();
        server.peer().half_close().expect_eof();
        let mut next = server.peer();
        next.send("halo").expect("halo");
    });
}

#[test]
fn ex1_3_a_reset_ends_one_client_not_the_server() {
    promise!(
        "A reset is an error of the read or the write, and of this connection alone.",
        |lab| {
            let server = lab.server();
            lab.repeat(3, || {
                let mut rude = server.peer();
                rude.send("halo").expect("halo").reset();
                server.until_at_rest();
            });
            let mut next = server.peer();
            next.send("still there?").expect("still there?");
        }
    );
}

#[test]
fn ex1_3_a_client_that_resets_while_it_waits_costs_nothing() {
    promise!("A connection can die in the queue, before accept has seen it.", |lab| {
        let server = lab.server();
        server.freeze();
        server.peer().send("never mind").reset();
        server.thaw().until_at_rest();
        let mut next = server.peer();
        next.send("still there?").expect("still there?");
    });
}

#[test]
fn ex1_3_a_reset_in_the_middle_of_an_answer_ends_one_client_not_the_server() {
    promise!("A write that waits for a client can end with an error instead.", |lab| {
        let server = lab.server();
        let mut rude = server.peer_with_little_room();
        rude.fill(&server);
        rude.reset();
        server.until_at_rest();
        let mut next = server.peer();
        next.send("still there?").expect("still there?");
    });
}

// 1.4 The client: connect, send lines, read back exactly as many bytes.

#[test]
fn ex1_4_what_is_typed_is_sent_and_what_comes_back_is_shown() {
    promise!("The client speaks first and waits for its answer before it speaks again.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        for line in ["halo\n", "apa kabar?\n"] {
            client.type_in(line);
            peer.expect(line).send(line);
            client.expect_shown(line);
        }
    });
}

#[test]
fn ex1_4_an_answer_in_pieces_is_read_to_its_last_byte() {
    promise!("One read may bring a part of the answer; only its length tells the rest.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("selamat pagi\n");
        peer.expect("selamat pagi\n");
        peer.send("s").until_read().send("elamat").until_read().send(" pagi\n");
        client.expect_shown("selamat pagi\n");
        client.type_in("next\n");
        peer.expect("next\n").send("next\n");
        client.expect_shown("next\n");
    });
}

#[test]
fn ex1_4_a_line_longer_than_all_buffers_does_not_block_both_sides() {
    promise!("If both sides only write, the buffers between them fill and both wait.", |lab| {
        let line = lab.drawn_line(8 << 20);
        let host = lab.host_with_little_room();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in(&line);
        let (first, rest) = line.split_at(1);
        peer.expect(&first).send(&first).until_read().echo(&rest);
        client.expect_shown(&line);
    });
}

#[test]
fn ex1_4_a_reply_that_does_not_come_is_waited_for_no_longer_than_the_limit() {
    promise!("A read without a limit waits for as long as the connection lasts.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--time-limit", "0.2"]);
        let mut peer = host.accept();
        client.type_in("anybody there?\n");
        peer.expect("anybody there?\n");
        client.expect_to_give_up_after(Duration::from_millis(200));
    });
}

#[test]
fn ex1_4_a_connection_that_does_not_come_is_waited_for_no_longer_than_the_limit() {
    promise!("Connecting waits too: a kernel whose queue is full does not answer.", |lab| {
        let house = lab.full_house();
        lab.client(house.address(), &["--time-limit", "0.2"])
            .expect_to_give_up_after(Duration::from_millis(200));
    });
}

// 1.5 Half-close.

#[test]
fn ex1_5_when_the_input_ends_the_server_is_told_and_still_heard() {
    promise!("A connection has two directions, and each ends by itself.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("halo\n");
        peer.expect("halo\n").send("halo\n");
        client.end_input();
        peer.expect_eof().send("one more thing\n").until_read();
        peer.send("goodbye\n").hang_up();
        client.expect_shown("halo\none more thing\ngoodbye\n").expect_exit(0);
    });
}

#[test]
fn ex1_5_a_last_line_without_its_end_is_sent_too() {
    promise!("Input ends where it ends; the last line may have no line end.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("no line end").end_input();
        peer.expect("no line end").send("no line end").expect_eof().hang_up();
        client.expect_shown("no line end").expect_exit(0);
    });
}

#[test]
fn ex1_5_a_file_goes_through_the_client_and_the_server_unchanged() {
    promise!("Both ends must keep their promises for the bytes to arrive.", |lab| {
        let file = lab.drawn(100_000);
        let server = lab.server();
        let client = lab.client(server.address(), &[]);
        client.type_in(&file).end_input();
        client.expect_shown(&file).expect_exit(0);
    });
}

// 1.6 The client meets trouble.

#[test]
fn ex1_6_a_refused_connection_is_a_sentence_and_exit_code_1() {
    promise!("Where nobody listens, the kernel answers a connect with a reset.", |lab| {
        let nobody = lab.nobody();
        let client = lab.client(nobody.address(), &[]);
        client.expect_trouble("refused", nobody.address()).expect_exit(1);
    });
}

#[test]
fn ex1_6_a_silent_server_is_given_up_after_the_time_limit() {
    promise!("TCP never says that nothing is coming; only a clock can.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--time-limit", "0.2"]);
        let mut peer = host.accept();
        client.type_in("anybody there?\n");
        peer.expect("anybody there?\n");
        client.expect_trouble("silent", host.address()).expect_exit(1);
    });
}

#[test]
fn ex1_6_an_answer_that_breaks_off_is_a_sentence_and_exit_code_1() {
    promise!("An end of stream in the middle of an answer is a loss, not an end.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("halo\n");
        peer.expect("halo\n").send("ha").half_close();
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}

#[test]
fn ex1_6_a_reset_in_the_middle_of_an_answer_is_a_sentence_and_exit_code_1() {
    promise!("A reset takes the connection away at once, with all that was under way.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("halo\n");
        peer.expect("halo\n").send("ha").until_read().reset();
        client.expect_trouble("lost", host.address()).expect_exit(1);
    });
}

#[test]
fn ex1_6_a_reset_after_the_half_close_is_a_sentence_and_exit_code_1() {
    promise!(
        "What the server still owed is lost too, and nobody can tell how much it was.",
        |lab| {
            let host = lab.host();
            let client = lab.client(host.address(), &[]);
            let mut peer = host.accept();
            client.type_in("halo\n");
            peer.expect("halo\n").send("halo\n");
            client.end_input();
            peer.expect_eof().send("one more thing\n").until_read().reset();
            client.expect_trouble("lost", host.address()).expect_exit(1);
        }
    );
}
