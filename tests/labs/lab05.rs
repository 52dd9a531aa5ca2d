//! What the time server and its client promise.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep.

use wirelab::{Peer, Server, Zone, promise};

const TIME: &str = "JAM hh:mm:ss\r\n";
const INVALID: &str = "Invalid command\r\n";

/// What one client may cost that sends a mebibyte without a line end.
const LITTLE_MEMORY: usize = 512 << 10;

/// Asks for the time and gets it.
#[track_caller]
fn ask(peer: &mut Peer) {
    peer.send("TIME\r\n").expect_line_like(TIME);
}

/// Connects a client that is being served.
#[track_caller]
fn served(server: &Server) -> Peer {
    let mut peer = server.peer();
    ask(&mut peer);
    peer
}

// Given: it holds before the first exercise.

#[test]
fn ex5_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--max-clients", "0"]);
        program.expect_error(&["at least 1", "Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["--idle-limit", "soon"]);
        program.expect_error(&["soon", "Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["client", "nowhere"]);
        program.expect_error(&["nowhere", "Usage:", "Examples:"]).expect_exit(2);
    });
}

#[test]
fn ex5_0_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        lab.server().expect_ready_line();
    });
}

#[test]
fn ex5_0_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let first = lab.server();
        let second = lab.server_in_vain(first.port());
        second.expect_error(&["in use"]).expect_exit(1);
        first.peer();
    });
}

// 5.1 One command, one answer.

#[test]
fn ex5_1_time_is_answered_at_once_and_with_two_digits_each() {
    promise!("A client may read exactly 14 bytes, and says nothing more until they come.", |lab| {
        let server = lab.server_in(&Zone::where_it_is(3));
        let mut peer = server.peer();
        peer.send("TIME\r\n").expect_line_like("JAM hh:mm:ss\r\n");
    });
}

#[test]
fn ex5_1_a_connection_serves_one_question_after_another() {
    promise!("A connection lasts until one side ends it, not until the first answer.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        lab.repeat(5, || ask(&mut peer));
    });
}

#[test]
fn ex5_1_the_time_is_that_of_the_zone_the_server_is_in() {
    promise!("Every machine counts in UTC; what a clock shows depends on where it hangs.", |lab| {
        for zone in [Zone::where_it_is(21), Zone::with_half_an_hour()] {
            let server = lab.server_in(&zone);
            server.peer().send("TIME\r\n").expect_line_like(TIME).expect_to_be_now_in(&zone);
        }
    });
}

#[test]
fn ex5_1_a_client_that_ends_its_half_gets_the_end() {
    promise!("A read of 0 bytes is the end of the stream, not an empty line.", |lab| {
        let server = lab.server();
        server.peer().half_close().expect_gone().hang_up();
        served(&server);
    });
}

#[test]
fn ex5_1_an_idle_client_is_let_go_after_the_limit() {
    promise!("TCP never says that a client has gone to lunch; only a clock can.", |lab| {
        let server = lab.server_with(&["--idle-limit", "0.3"]);
        let mut peer = server.peer();
        ask(&mut peer);
        peer.expect_gone();
    });
}

#[test]
fn ex5_1_an_idle_client_does_not_hold_the_server_for_ever() {
    promise!("Whoever takes a seat and says nothing takes it from somebody.", |lab| {
        let server = lab.server_with(&["--max-clients", "1", "--idle-limit", "0.3"]);
        let mut idle = server.peer();
        let mut next = server.peer();
        next.send("TIME\r\n");
        idle.expect_gone().hang_up();
        next.expect_line_like(TIME);
    });
}

// 5.2 Lines.

#[test]
fn ex5_2_a_line_in_two_pieces_is_one_request() {
    promise!("TCP keeps no message boundaries: one line may arrive in many reads.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("TI").until_read().send("ME\r\n").expect_line_like(TIME);
        peer.send("TIME\r").until_read().send("\n").expect_line_like(TIME);
        peer.send("T").until_read().send("I").until_read().send("M").until_read();
        peer.send("E").until_read().send("\r").until_read().send("\n").expect_line_like(TIME);
    });
}

#[test]
fn ex5_2_two_lines_in_one_segment_get_two_replies() {
    promise!("A segment is not a message: one read may bring two.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("TIME\r\nTIME\r\n").expect_line_like(TIME);
        peer.expect_line_like(TIME);
        peer.half_close().expect_gone();
    });
}

#[test]
fn ex5_2_a_line_and_a_half_in_one_segment_wait_for_the_other_half() {
    promise!("What is left after a line is the beginning of the next.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("TIME\r\nTI").until_read().expect_line_like(TIME);
        peer.send("ME\r\nTIME\r").until_read().expect_line_like(TIME);
        peer.send("\n").expect_line_like(TIME);
    });
}

#[test]
fn ex5_2_a_conversation_cut_at_any_place_gets_the_same_replies() {
    promise!("Where the network cuts a stream is no business of the two that talk.", |lab| {
        let conversation = "TIME\r\nTIME\r\n";
        let server = lab.server();
        let mut peer = server.peer();
        for cut in 1..conversation.len() {
            let (first, second) = conversation.split_at(cut);
            peer.send(first).until_read().send(second).expect_line_like(TIME);
            peer.expect_line_like(TIME);
        }
    });
}

#[test]
fn ex5_2_many_lines_at_once_are_answered_one_by_one() {
    promise!(
        "A read brings as much as the buffer holds, and cuts the last line anywhere.",
        |lab| {
            let server = lab.server();
            let mut peer = server.peer();
            server.freeze();
            // Every other line is too long.
            peer.send(format!("TIME\r\n{}\r\n", "x".repeat(1500)).repeat(10));
            server.thaw();
            lab.repeat(10, || {
                peer.expect_line_like(TIME);
                peer.expect(INVALID);
            });
            peer.half_close().expect_gone();
        }
    );
}

#[test]
fn ex5_2_a_line_feed_alone_or_a_carriage_return_alone_ends_no_line() {
    promise!("A protocol names one line end; every other byte is part of the line.", |lab| {
        // Each half alone is short enough, and both together are one line that is too long.
        let half = "x".repeat(700);
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(format!("{half}\n{half}\r\n")).expect(INVALID);
        peer.send(format!("{half}\r{half}\r\n")).expect(INVALID);
        ask(&mut peer);
    });
}

#[test]
fn ex5_2_a_line_over_1_kib_gets_one_reply_and_the_next_line_is_heard() {
    promise!("Whoever keeps a line until it is whole keeps what strangers send.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(format!("{}\r\nTIME\r\n", "x".repeat(5000))).expect(INVALID);
        peer.expect_line_like(TIME);
        peer.send("x".repeat(3000)).until_read().send("x".repeat(3000)).until_read();
        peer.send("TIME\r").until_read().send("\nTIME\r\n").expect(INVALID);
        peer.expect_line_like(TIME);
        ask(&mut peer);
    });
}

#[test]
fn ex5_2_the_end_of_a_line_that_is_too_long_may_be_cut_too() {
    promise!("A read that fills the buffer may end anywhere, also between CR and LF.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        server.freeze();
        // Whatever the buffer's size, if it is a power of 2, a read ends with the CR.
        peer.send(format!("{}\r", "x".repeat((16 << 10) - 1)));
        server.thaw();
        peer.until_read().send("\nTIME\r\n").expect(INVALID).expect_line_like(TIME);
    });
}

#[test]
fn ex5_2_a_mebibyte_without_a_line_end_gets_one_reply_and_costs_nobody_anything() {
    promise!("A line that never ends is the cheapest attack on a buffer without a limit.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        // What a connection costs by itself has been paid by now.
        ask(&mut peer);
        server.until_at_rest();
        server.expect_to_grow_at_most(LITTLE_MEMORY, || {
            lab.repeat(8, || {
                peer.send("x".repeat(128 << 10)).until_read();
            });
        });
        peer.send("\r\nTIME\r\n").expect(INVALID).expect_line_like(TIME);
    });
}

// 5.3 QUIT and what is invalid.

#[test]
fn ex5_3_anything_else_is_told_so_and_the_connection_goes_on() {
    promise!("A mistake in one line is no reason to lose the lines behind it.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("HALO\r\n").expect("Invalid command\r\n");
        peer.send("JAM 00:00:00\r\n").expect("Invalid command\r\n");
        peer.send("\r\n").expect("Invalid command\r\n");
        ask(&mut peer);
        peer.send("\r\n\r\nTIME\r\n").expect(INVALID).expect(INVALID).expect_line_like(TIME);
        peer.send("QUIT\r\n").expect_gone();
    });
}

#[test]
fn ex5_3_what_is_nearly_a_command_is_not_one() {
    promise!("A protocol is exact: a server that guesses will guess wrong one day.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        let nearly = ["time", "Time", "quit", "TIM", "TIMES", "QUITE", "TIME NOW", "TIMEQUIT"];
        let with_blanks = [" TIME", "TIME ", " QUIT", "QUIT\t"];
        for line in nearly.iter().chain(&with_blanks) {
            peer.send(format!("{line}\r\n")).expect(INVALID);
        }
        ask(&mut peer);
    });
}

#[test]
fn ex5_3_quit_ends_the_connection_and_not_the_server() {
    promise!("A server that has nothing more to say must say so: with the end.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        ask(&mut peer);
        peer.send("QUIT\r\n").expect_gone();
        peer.hang_up();
        served(&server);
    });
}

#[test]
fn ex5_3_what_was_asked_before_quit_is_answered_before_the_end() {
    promise!("Bytes that are on their way must not be overtaken by the end.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("TIME\r\nTIME\r\nQUIT\r\n").expect_line_like(TIME);
        peer.expect_line_like(TIME);
        peer.expect_gone().hang_up();
        served(&server);
    });
}

#[test]
fn ex5_3_what_was_sent_behind_quit_is_not_answered() {
    promise!("A socket that is closed with bytes unread is reset, not ended.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        server.freeze();
        peer.send("TIME\r\nHALO\r\nQUIT\r\nTIME\r\n").send("TIME\r\n".repeat(5000));
        server.thaw();
        peer.expect_line_like(TIME);
        peer.expect(INVALID).expect_gone();
    });
}

#[test]
fn ex5_3_a_line_end_of_another_kind_does_not_end_a_command() {
    promise!("Other systems end their lines with LF or CR; on this wire they are bytes.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("TIME\nTIME\r\n").expect(INVALID);
        peer.send("TIME\rTIME\r\n").expect(INVALID);
        peer.send("TIME\n\rTIME\r\n").expect(INVALID);
        ask(&mut peer);
    });
}

#[test]
fn ex5_3_bytes_that_are_no_text_are_an_invalid_command() {
    promise!("The network carries bytes; that they are UTF-8 is only a hope.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(b"\xff\xfe\r\n").expect(INVALID);
        peer.send(b"TIME\0\r\n").expect(INVALID);
        // The two bytes of an e with an accent, in two reads.
        peer.send(b"caf\xc3").until_read().send(b"\xa9\r\n").expect(INVALID);
        peer.send(b"\xff\r\nTIME\r\n").expect(INVALID).expect_line_like(TIME);
        ask(&mut peer);
    });
}

#[test]
fn ex5_3_a_server_that_closed_first_can_start_again_at_once() {
    promise!("Who closes first keeps the connection, and its address, for a minute.", |lab| {
        let server = lab.server();
        lab.repeat(3, || {
            served(&server).send("QUIT\r\n").expect_gone().hang_up();
        });
        server.until_at_rest().kill();
        served(&lab.server_on(server.port()));
    });
}

// 5.4 A thread for each client.

#[test]
fn ex5_4_a_client_that_says_nothing_keeps_nobody_waiting() {
    promise!("A blocking read waits, and with it all that its thread should do.", |lab| {
        let server = lab.server();
        let mut silent = server.peer();
        let mut halfway = server.peer();
        halfway.send("TI").until_read();
        ask(&mut server.peer());
        halfway.send("ME\r\n").expect_line_like(TIME);
        ask(&mut silent);
    });
}

#[test]
fn ex5_4_two_clients_with_three_connections_each_are_served_at_once() {
    promise!("Nobody can see from outside which connections belong to one client.", |lab| {
        let server = lab.server();
        let mut first: Vec<Peer> = (0..3).map(|_| server.peer()).collect();
        let mut second: Vec<Peer> = (0..3).map(|_| server.peer()).collect();
        for (one, other) in first.iter_mut().zip(&mut second) {
            one.send("TIME\r\n");
            other.send("TIME\r\n");
        }
        for (one, other) in first.iter_mut().zip(&mut second).rev() {
            other.expect_line_like(TIME);
            one.expect_line_like(TIME);
        }
        for peer in first.iter_mut().chain(&mut second) {
            peer.send("QUIT\r\n").expect_gone();
        }
    });
}

#[test]
fn ex5_4_two_hundred_clients_are_served_at_once() {
    promise!("Whoever is served must not wait for those who are silent just now.", |lab| {
        let server = lab.server();
        let mut crowd = Vec::new();
        lab.repeat(200, || {
            let mut peer = server.peer();
            peer.send("TIME\r\n");
            crowd.push(peer);
        });
        let mut each = crowd.iter_mut();
        lab.repeat(200, || {
            each.next().expect("one of 200").expect_line_like(TIME);
        });
        let mut each = crowd.iter_mut();
        lab.repeat(200, || {
            each.next().expect("one of 200").send("TIME\r\nQUIT\r\n");
        });
        let mut each = crowd.iter_mut();
        lab.repeat(200, || {
            each.next().expect("one of 200").expect_line_like(TIME);
        });
        let mut each = crowd.iter_mut();
        lab.repeat(200, || {
            each.next().expect("one of 200").expect_gone();
        });
    });
}

#[test]
fn ex5_4_clients_come_and_go_and_the_others_stay() {
    promise!("What one client does ends at most its own conversation.", |lab| {
        let server = lab.server();
        let mut witness = served(&server);
        served(&server).send("QUIT\r\n").expect_gone();
        ask(&mut witness);
        served(&server).half_close().expect_gone();
        ask(&mut witness);
        served(&server).hang_up();
        ask(&mut witness);
        served(&server).send("TIM").until_read().reset();
        server.until_at_rest();
        ask(&mut witness);
        served(&server);
    });
}

#[test]
fn ex5_4_a_client_that_resets_while_it_waits_costs_nothing() {
    promise!("A connection can die in the queue, before accept has seen it.", |lab| {
        let server = lab.server();
        let mut witness = served(&server);
        server.freeze();
        server.peer().send("TIME\r\n").reset();
        server.thaw().until_at_rest();
        ask(&mut witness);
        served(&server);
    });
}

#[test]
fn ex5_4_beyond_max_clients_the_next_waits_its_turn() {
    promise!("The kernel shakes hands for a server that has no room; its clients wait.", |lab| {
        let server = lab.server_with(&["--max-clients", "2"]);
        let (mut first, mut second) = (served(&server), served(&server));
        let mut third = server.peer();
        third.send("TIME\r\n").expect_nothing(&server);
        ask(&mut first);
        second.send("QUIT\r\n").expect_gone();
        second.hang_up();
        third.expect_line_like(TIME);
        ask(&mut first);
        ask(&mut third);
    });
}

#[test]
fn ex5_4_every_way_to_leave_makes_room_for_the_next() {
    promise!("A seat that is not given back is lost for as long as the server runs.", |lab| {
        let server = lab.server_with(&["--max-clients", "2"]);
        let mut witness = served(&server);
        lab.repeat(3, || {
            served(&server).send("QUIT\r\n").expect_gone();
            served(&server).half_close().expect_gone();
            served(&server).hang_up();
            served(&server).reset();
        });
        served(&server);
        ask(&mut witness);
    });
}

#[test]
fn ex5_4_when_descriptors_run_out_those_inside_are_served_and_the_others_wait() {
    promise!("An accept that finds no descriptor leaves the client in the queue.", |lab| {
        let server = lab.server_with_descriptors(32, &[]);
        let mut inside = served(&server);
        let mut at_the_door = Vec::new();
        lab.repeat(40, || {
            at_the_door.push(server.peer());
        });
        ask(&mut inside);
        server.until_at_rest();
        ask(&mut inside);
        let mut last = at_the_door.pop().expect("one of 40");
        last.send("TIME\r\n");
        let mut others = at_the_door.iter_mut();
        lab.repeat(39, || {
            others.next().expect("one of 39").hang_up();
        });
        last.expect_line_like(TIME);
        ask(&mut inside);
    });
}

// 5.5 The client.

#[test]
fn ex5_5_what_is_typed_is_sent_as_a_line_and_its_reply_is_shown() {
    promise!("A terminal ends lines with LF, this wire with CR LF.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:53:22\r\n");
        client.expect_shown("JAM 14:53:22\n>> ").type_in("what?\n");
        peer.expect("what?\r\n").send("Invalid command\r\n");
        client.expect_shown("Invalid command\n>> ");
    });
}

#[test]
fn ex5_5_a_reply_in_pieces_is_shown_when_it_is_whole() {
    promise!("One read may bring a part of the reply; only the line end tells the rest.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("J").until_read().send("AM 14:53").until_read();
        peer.send(":22\r").until_read().send("\n");
        client.expect_shown("JAM 14:53:22\n>> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:53:23\r\n");
        client.expect_shown("JAM 14:53:23\n>> ");
    });
}

#[test]
fn ex5_5_after_quit_the_end_is_told_and_is_no_failure() {
    promise!("The same end is a goodbye if one has asked for it, and a loss if not.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("QUIT\n");
        peer.expect("QUIT\r\n").half_close();
        client.expect_shown("Connection closed by server.\n").expect_exit(0);
    });
}

#[test]
fn ex5_5_when_the_input_ends_the_client_leaves() {
    promise!("Whoever has no more to ask need not wait for more to come.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:53:22\r\n");
        client.expect_shown("JAM 14:53:22\n>> ").end_input();
        peer.half_close();
        client.expect_exit(0);
    });
}

#[test]
fn ex5_5_an_end_that_nobody_asked_for_is_a_sentence_and_exit_code_1() {
    promise!("A server that lets idle clients go ends between two commands.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").half_close();
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}

#[test]
fn ex5_5_a_reply_that_breaks_off_is_a_sentence_and_exit_code_1() {
    promise!("An end of stream in the middle of a line is a loss, not an end.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:5").half_close();
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}

#[test]
fn ex5_5_a_reply_without_an_end_is_a_sentence_and_exit_code_1() {
    promise!("A client is no safer than a server: its peer sends as much as it likes.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        // No reply is longer than 17 bytes: this is more than anybody needs to wait for.
        peer.expect("TIME\r\n").send("x".repeat(64 << 10));
        client.expect_trouble("not a reply", host.address()).expect_exit(1);
    });
}

#[test]
fn ex5_5_a_line_that_ends_in_lf_alone_is_no_reply() {
    promise!("This wire ends its lines with CR LF; an LF alone ends nothing.", |lab| {
        let host = lab.host();
        // Whoever reads on for the CR LF may do so, and hears nothing more.
        let client = lab.client(host.address(), &["--time-limit", "0.2"]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:53:22\n");
        client.expect_error(&["127.0.0.1"]).expect_exit(1);
    });
}

#[test]
fn ex5_5_what_is_no_reply_is_told_as_that_and_not_as_an_end() {
    promise!("A server that breaks the protocol is not a server that has gone.", |lab| {
        lab.not_for_commands("a command may read on for the CR LF, until its time is up");
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:53:22\n");
        client.expect_trouble("not a reply", host.address()).expect_exit(1);
    });
}

#[test]
fn ex5_5_a_server_that_falls_silent_is_given_up_after_the_time_limit() {
    promise!("TCP never says that nothing is coming; only a clock can.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &["--time-limit", "0.2"]);
        let mut peer = host.accept();
        client.expect_shown(">> ").type_in("TIME\n");
        peer.expect("TIME\r\n").send("JAM 14:53:22\r");
        client.expect_trouble("silent", host.address()).expect_exit(1);
    });
}

#[test]
fn ex5_5_the_client_and_the_server_understand_each_other() {
    promise!("Both ends must keep their promises for an answer to arrive.", |lab| {
        let server = lab.server();
        let client = lab.client(server.address(), &[]);
        client.expect_shown(">> ").type_in("time\n");
        client.expect_shown("Invalid command\n>> ").type_in("QUIT\n");
        client.expect_shown("Connection closed by server.\n").expect_exit(0);
    });
}

// 5.6 Goodbye.

#[test]
fn ex5_6_ctrl_c_ends_a_server_without_clients_with_exit_code_0() {
    promise!("A blocking accept hears nothing but clients; a signal must end it.", |lab| {
        lab.server().interrupt().expect_exit(0);
    });
}

#[test]
fn ex5_6_ctrl_c_ends_the_silent_and_the_busy_alike() {
    promise!("A thread that waits in a read is woken by bytes, by an end, or not at all.", |lab| {
        let server = lab.server();
        let mut talking = served(&server);
        let (mut silent, mut halfway) = (server.peer(), server.peer());
        halfway.send("TIM");
        server.until_at_rest().interrupt();
        talking.expect_gone();
        silent.expect_gone();
        server.expect_exit(0);
    });
}

#[test]
fn ex5_6_what_has_arrived_is_answered_before_the_end() {
    promise!("What the kernel has acknowledged for the server, the server has promised.", |lab| {
        let server = lab.server();
        let mut peer = served(&server);
        server.until_at_rest().freeze();
        // So much that no server is done before it has heard of the goodbye.
        peer.send("HALO\r\n".repeat(2000));
        server.interrupt().thaw();
        peer.expect(INVALID.repeat(2000)).expect_gone().hang_up();
        server.expect_exit(0);
    });
}

#[test]
fn ex5_6_a_silent_client_is_seen_out_and_not_cut_off() {
    promise!("The kernel closes what a dead program leaves: it looks like a goodbye.", |lab| {
        let server = lab.server();
        let mut silent = server.peer();
        let address = silent.address();
        server.until_at_rest().interrupt();
        silent.expect_gone().hang_up();
        // Its thread has heard the end before the program was over.
        server.expect_exit(0).expect_lines_about(address, 2);
    });
}

#[test]
fn ex5_6_ctrl_c_ends_a_full_server_too() {
    promise!("Who waits for a seat waits for something that will not come any more.", |lab| {
        let server = lab.server_with(&["--max-clients", "1"]);
        let mut inside = served(&server);
        let mut waiting = server.peer();
        waiting.send("TIME\r\n").expect_nothing(&server);
        server.interrupt();
        inside.expect_gone();
        server.expect_exit(0);
    });
}

#[test]
fn ex5_6_a_client_that_ignores_the_end_cannot_hold_the_server() {
    promise!("A goodbye needs a limit: the other side may never answer it.", |lab| {
        let server = lab.server();
        let mut stubborn = served(&server);
        server.until_at_rest().interrupt();
        // It hears the end, and neither ends its own half nor goes away.
        stubborn.expect_gone();
        server.expect_exit(0);
        stubborn.hang_up();
        served(&lab.server_on(server.port()));
    });
}
