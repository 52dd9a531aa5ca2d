//! What the servers on our own framework promise.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep.

use wirelab::{Lab, Payload, Peer, Server, UdpPeer, Zone, promise};

/// The four ways to run requests, with room for so many clients as there are in a promise.
const RUNS: [&[&str]; 4] = [INLINE, THREADS, PROCESSES, POOL];
const INLINE: &[&str] = &["--run", "inline"];
const THREADS: &[&str] = &["--run", "threads", "--workers", "64"];
const PROCESSES: &[&str] = &["--run", "processes", "--workers", "64"];
const POOL: &[&str] = &["--run", "pool", "--workers", "4"];

/// The longest datagram of IPv4: 65 535 bytes less two headers.
const LONGEST_DATAGRAM: usize = 65_507;

/// The longest line, without its line feed.
const LONGEST_LINE: usize = 64 << 10;

const TIME: &str = "JAM hh:mm:ss\r\n";
const INVALID: &str = "Invalid command\r\n";

/// Asks for capitals and gets them.
#[track_caller]
fn ask(peer: &mut Peer) {
    peer.send("halo\n").expect("HALO\n");
}

/// Connects a client that is being served.
#[track_caller]
fn served(server: &Server) -> Peer {
    let mut peer = server.peer();
    ask(&mut peer);
    peer
}

/// A server for datagrams with `options`.
#[track_caller]
fn udp(lab: &Lab, options: &[&str]) -> Server {
    lab.udp_server_with(&[&["--transport", "udp"], options].concat())
}

#[track_caller]
fn ask_udp(peer: &mut UdpPeer) {
    peer.send("halo").expect("HALO");
}

/// Printable bytes that nobody can know in advance, and the same as capitals.
fn drawn_text(lab: &Lab, len: usize) -> (Payload, Payload) {
    let drawn = lab.drawn(len);
    let text: Vec<u8> = drawn.bytes().iter().map(|byte| b' ' + byte % 95).collect();
    let capitals = text.to_ascii_uppercase();
    let label = format!("{len} drawn bytes of text");
    let capitals = Payload::from(capitals).shown_as(&format!("{label}, in capitals"));
    (Payload::from(text).shown_as(&label), capitals)
}

// Given: it holds before the first exercise.

#[test]
fn ex8_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        for (arguments, word) in [
            (["--workers", "0"], "at least 1"),
            (["--run", "sometimes"], "sometimes"),
            (["--transport", "pigeon"], "pigeon"),
            (["--handler", "lower"], "lower"),
            (["--idle-limit", "soon"], "soon"),
        ] {
            let program = lab.program(&arguments);
            program.expect_error(&[word, "Usage:", "Examples:"]).expect_exit(2);
        }
    });
}

#[test]
fn ex8_0_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        lab.server().expect_ready_line();
        udp(lab, &[]).expect_ready_line();
    });
}

#[test]
fn ex8_0_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let first = lab.server();
        let second = lab.server_in_vain(first.port());
        second.expect_error(&["in use"]).expect_exit(1);
        first.peer();
    });
}

#[test]
fn ex8_0_a_port_in_use_for_datagrams_is_said_too() {
    promise!("TCP and UDP have ports of their own: the same number is two addresses.", |lab| {
        let first = udp(lab, &[]);
        let second = lab.server_with_in_vain(first.port(), &["--transport", "udp"]);
        second.expect_error(&["in use"]).expect_exit(1);
    });
}

// 8.1 A handler, and the inline server for connections.

#[test]
fn ex8_1_a_line_comes_back_in_capitals_at_once() {
    promise!("A client that waits for its reply sends nothing more to push it out.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("hello world\n").expect("HELLO WORLD\n");
        peer.send("Python 3, and Rust!\n").expect("PYTHON 3, AND RUST!\n");
    });
}

#[test]
fn ex8_1_only_the_small_letters_of_ascii_change() {
    promise!("Bytes that are no letters have no capitals, and a carriage return is one.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("halo\r\n").expect("HALO\r\n");
        peer.send(b"\xff\0 caf\xc3\xa9 [a-z]\t`{\n").expect(b"\xff\0 CAF\xc3\xa9 [A-Z]\t`{\n");
        let line = lab.drawn_line(3000);
        let capitals = Payload::from(line.bytes().to_ascii_uppercase());
        peer.send(line).expect(capitals.shown_as("the same line in capitals"));
    });
}

#[test]
fn ex8_1_an_empty_line_is_a_line() {
    promise!("A line feed alone is one byte long, and no end of anything.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("\n").expect("\n");
        peer.send("\n\nab\n").expect("\n\nAB\n");
        ask(&mut peer);
    });
}

#[test]
fn ex8_1_a_line_in_pieces_is_one_line() {
    promise!("TCP keeps no message boundaries: one line may arrive in many reads.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("ha").until_read().send("lo").until_read().expect_nothing(&server);
        peer.send("\n").expect("HALO\n");
        peer.send("one\ntw").until_read().expect("ONE\n").send("o\n").expect("TWO\n");
    });
}

#[test]
fn ex8_1_a_conversation_cut_at_any_place_gets_the_same_replies() {
    promise!("Where the network cuts a stream is no business of the two that talk.", |lab| {
        let conversation = "ab\n\ncde\n";
        let server = lab.server();
        let mut peer = server.peer();
        for cut in 1..conversation.len() {
            let (first, second) = conversation.split_at(cut);
            peer.send(first).until_read().send(second).expect("AB\n\nCDE\n");
        }
    });
}

#[test]
fn ex8_1_many_lines_in_one_segment_are_answered_one_by_one() {
    promise!(
        "A read brings as much as the buffer holds, and cuts the last line anywhere.",
        |lab| {
            let server = lab.server();
            let mut peer = server.peer();
            server.freeze();
            peer.send("a line of some length\n".repeat(2000));
            server.thaw();
            peer.expect("A LINE OF SOME LENGTH\n".repeat(2000));
            ask(&mut peer);
        }
    );
}

#[test]
fn ex8_1_a_client_that_ends_its_half_gets_what_it_is_owed_and_then_the_end() {
    promise!("A half-closed connection still carries bytes the other way.", |lab| {
        let server = lab.server();
        server.freeze();
        let mut peer = server.peer();
        peer.send("one\ntwo\n").half_close();
        server.thaw();
        peer.expect("ONE\nTWO\n").expect_eof().hang_up();
        let mut peer = server.peer();
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex8_1_what_stands_behind_the_last_line_feed_is_a_line_too() {
    promise!("The end of the stream ends the last line, if nothing else has.", |lab| {
        lab.not_for_commands("a command may drop a line that is not ended");
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("one\ntwo").half_close().expect("ONE\nTWO").expect_eof();
    });
}

#[test]
fn ex8_1_clients_are_served_one_after_another() {
    promise!("A client that waits is in the kernel's queue, connected and not forgotten.", |lab| {
        let server = lab.server_with(INLINE);
        let mut first = served(&server);
        let mut second = server.peer();
        second.send("second\n");
        let mut third = server.peer();
        third.send("third\n");
        ask(&mut first);
        first.half_close().expect_eof().hang_up();
        second.expect("SECOND\n").half_close().expect_eof().hang_up();
        third.expect("THIRD\n");
    });
}

#[test]
fn ex8_1_a_hundred_clients_at_once_are_served_one_by_one_and_none_is_lost() {
    promise!("Those who connect faster than they are served fill a queue with a limit.", |lab| {
        let server = lab.server_with(INLINE);
        let mut crowd = Vec::new();
        lab.repeat(100, || {
            let mut peer = server.peer();
            peer.send("halo\n");
            crowd.push(peer);
        });
        let mut each = crowd.iter_mut();
        lab.repeat(100, || {
            each.next().expect("one of 100").expect("HALO\n").hang_up();
        });
    });
}

#[test]
fn ex8_1_every_way_to_leave_makes_room_for_the_next() {
    promise!("What one client does ends at most its own conversation.", |lab| {
        let server = lab.server_with(INLINE);
        lab.repeat(3, || {
            served(&server).half_close().expect_eof();
            served(&server).hang_up();
            served(&server).send("ha").until_read().reset();
            server.peer().reset();
        });
        served(&server);
    });
}

#[test]
fn ex8_1_a_client_that_resets_while_it_waits_costs_nothing() {
    promise!("A connection can die in the queue, before accept has seen it.", |lab| {
        let server = lab.server_with(INLINE);
        served(&server).half_close().expect_eof().hang_up();
        server.until_at_rest().freeze();
        server.peer().send("halo\n").reset();
        server.thaw().until_at_rest();
        served(&server);
    });
}

#[test]
fn ex8_1_an_idle_client_is_let_go_after_the_limit() {
    promise!("TCP never says that a client has gone to lunch; only a clock can.", |lab| {
        let server = lab.server_with(&["--run", "inline", "--idle-limit", "0.3"]);
        let mut idle = served(&server);
        let mut next = server.peer();
        next.send("next\n");
        idle.expect_gone();
        next.expect("NEXT\n");
    });
}

#[test]
fn ex8_1_a_client_that_never_ends_its_line_is_let_go_too() {
    promise!("A byte now and then keeps a connection alive, and a request unfinished.", |lab| {
        lab.not_for_commands("a command may call idle only who sends nothing at all");
        let server = lab.server_with(&["--run", "inline", "--idle-limit", "0.2"]);
        let mut slow = served(&server);
        let mut next = server.peer();
        next.send("next\n");
        // Each round takes some milliseconds: all of them take much longer than the limit.
        lab.expect_meanwhile(
            "the next one is served",
            500,
            || next.has_come("NEXT\n".len()),
            || {
                slow.send("x");
                server.until_at_rest();
            },
        );
        next.expect("NEXT\n");
    });
}

#[test]
fn ex8_1_a_client_that_takes_no_reply_is_let_go() {
    promise!(
        "Whoever sends and does not read fills two buffers, and then the server waits.",
        |lab| {
            let server = lab.server_with(&["--run", "inline", "--idle-limit", "0.4"]);
            let mut greedy = server.peer_with_little_room();
            greedy.be_a_burden(&server);
            served(&server);
        }
    );
}

#[test]
fn ex8_1_a_line_at_the_limit_is_answered_and_a_longer_one_ends_the_connection() {
    promise!("A line that never ends is the cheapest attack on a buffer without a limit.", |lab| {
        lab.not_for_commands("a command may have another limit");
        let server = lab.server();
        let mut peer = server.peer();
        let (line, capitals) = drawn_text(lab, LONGEST_LINE);
        peer.send(line.and("\n")).expect(capitals.and("\n"));
        ask(&mut peer);
        peer.hang_up();
        let mut peer = server.peer();
        peer.send("x".repeat(LONGEST_LINE + 1)).expect_gone().hang_up();
        served(&server);
    });
}

#[test]
fn ex8_1_echo_sends_every_byte_back_as_it_comes() {
    promise!("A handler that needs no lines must not wait for one.", |lab| {
        let server = lab.server_with(&["--handler", "echo"]);
        let mut peer = server.peer();
        peer.send("no line").expect("no line");
        let bytes = lab.drawn(100_000);
        peer.send(&bytes).expect(&bytes);
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex8_1_a_server_that_closed_first_can_start_again_at_once() {
    promise!("Who closes first keeps the connection, and its address, for a minute.", |lab| {
        lab.not_for_commands("only our own handler is known to close first");
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("x".repeat(LONGEST_LINE + 1)).expect_gone().hang_up();
        server.until_at_rest().kill();
        served(&lab.server_on(server.port()));
    });
}

// 8.2 Datagrams.

#[test]
fn ex8_2_a_datagram_comes_back_in_capitals() {
    promise!("A datagram needs no line end: it ends where it ends.", |lab| {
        let server = udp(lab, &[]);
        let mut peer = server.udp_peer();
        peer.send("hello world").expect("HELLO WORLD");
        peer.send("with a line end\r\n").expect("WITH A LINE END\r\n");
        peer.send("two\nlines").expect("TWO\nLINES");
        peer.send(b"\xff\0 caf\xc3\xa9").expect(b"\xff\0 CAF\xc3\xa9");
    });
}

#[test]
fn ex8_2_two_datagrams_get_two_replies() {
    promise!(
        "One send is one datagram, and one receive takes one: never two, never half.",
        |lab| {
            let server = udp(lab, &[]);
            let mut peer = server.udp_peer();
            server.freeze();
            peer.send("one").send("two").send("three");
            server.thaw();
            peer.expect_each(&["ONE".into(), "TWO".into(), "THREE".into()]).expect_nothing(&server);
        }
    );
}

#[test]
fn ex8_2_the_longest_datagram_comes_back_whole() {
    promise!("What does not fit into the buffer of a receive is lost without a word.", |lab| {
        let server = udp(lab, &[]);
        let mut peer = server.udp_peer();
        for len in [513, 1473, 8193, 9000, LONGEST_DATAGRAM] {
            let (text, capitals) = drawn_text(lab, len);
            peer.send(text).expect(capitals);
        }
        ask_udp(&mut peer);
    });
}

#[test]
fn ex8_2_a_short_datagram_after_a_long_one_has_nothing_of_it() {
    promise!("A buffer keeps what it held; only the count says what has come.", |lab| {
        let server = udp(lab, &[]);
        let mut peer = server.udp_peer();
        let (text, capitals) = drawn_text(lab, 5000);
        peer.send(text).expect(capitals);
        peer.send("a").expect("A");
    });
}

#[test]
fn ex8_2_an_empty_datagram_is_a_request_like_any_other() {
    promise!("A receive of 0 bytes is a datagram of 0 bytes: UDP has no end.", |lab| {
        let server = udp(lab, &[]);
        let mut peer = server.udp_peer();
        peer.send("").expect("");
        ask_udp(&mut peer);
    });
}

#[test]
fn ex8_2_each_reply_goes_to_whoever_asked() {
    promise!("There is no connection: each datagram has its own sender.", |lab| {
        let server = udp(lab, &[]);
        let (mut first, mut second) = (server.udp_peer(), server.udp_peer());
        ask_udp(&mut first);
        ask_udp(&mut second);
        server.freeze();
        first.send("one");
        second.send("two");
        first.send("three");
        server.thaw();
        second.expect("TWO");
        first.expect_each(&["ONE".into(), "THREE".into()]);
        first.expect_nothing(&server);
        second.expect_nothing(&server);
    });
}

#[test]
fn ex8_2_a_client_that_is_gone_costs_nothing() {
    promise!("A reply to nobody is told, if at all, at a later call for another client.", |lab| {
        let server = udp(lab, &[]);
        let mut witness = server.udp_peer();
        lab.repeat(5, || {
            server.freeze();
            let mut gone = server.udp_peer();
            gone.send("halo");
            gone.hang_up();
            server.thaw();
            ask_udp(&mut witness);
        });
    });
}

#[test]
fn ex8_2_echo_and_datagrams() {
    promise!("What is said and how it is carried are two choices.", |lab| {
        let server = udp(lab, &["--handler", "echo"]);
        let mut peer = server.udp_peer();
        let bytes = lab.drawn(2000);
        peer.send(&bytes).expect(&bytes);
    });
}

#[test]
fn ex8_2_an_idle_server_for_datagrams_sleeps() {
    promise!("A loop that looks again and again finds the same nothing, at full speed.", |lab| {
        let server = udp(lab, &[]);
        let mut peer = server.udp_peer();
        ask_udp(&mut peer);
        server.until_at_rest();
        ask_udp(&mut peer);
    });
}

// 8.3 Threads: one each, or a few for all.

#[test]
fn ex8_3_a_client_that_says_nothing_keeps_nobody_waiting() {
    promise!("A blocking read waits, and with it all that its thread should do.", |lab| {
        for run in [THREADS, POOL] {
            let server = lab.server_with(run);
            let mut silent = server.peer();
            let mut halfway = server.peer();
            halfway.send("ha").until_read();
            served(&server);
            halfway.send("lo\n").expect("HALO\n");
            ask(&mut silent);
        }
    });
}

#[test]
fn ex8_3_two_hundred_clients_are_served_at_once_with_a_thread_each() {
    promise!("Whoever is served must not wait for those who are silent just now.", |lab| {
        let server = lab.server_with(&["--run", "threads", "--workers", "200"]);
        two_hundred_at_once(lab, &server);
    });
}

/// Two hundred clients are connected, and each gets its reply while all others are there.
#[track_caller]
fn two_hundred_at_once(lab: &Lab, server: &Server) {
    let mut crowd = Vec::new();
    lab.repeat(200, || {
        let mut peer = server.peer();
        peer.send("halo\n");
        crowd.push(peer);
    });
    for said in ["HALO\n", "AGAIN\n"] {
        let mut each = crowd.iter_mut();
        lab.repeat(200, || {
            each.next().expect("one of 200").expect(said).send("again\n");
        });
    }
    let mut each = crowd.iter_mut();
    lab.repeat(200, || {
        each.next().expect("one of 200").expect("AGAIN\n").half_close().expect_eof().hang_up();
    });
}

#[test]
fn ex8_3_a_crowd_that_talks_at_once_is_not_mixed_up() {
    promise!("Threads share all memory: what belongs to one client must be its own.", |lab| {
        let server = lab.server_with(&["--handler", "echo", "--run", "threads", "--workers", "64"]);
        server.crowd(50).echo_in_pieces(20_000);
    });
}

#[test]
fn ex8_3_beyond_the_limit_the_next_client_waits_its_turn() {
    promise!("The kernel shakes hands for a server that has no room; its clients wait.", |lab| {
        for run in ["threads", "pool"] {
            let server = lab.server_with(&["--run", run, "--workers", "2"]);
            let (mut first, mut second) = (served(&server), served(&server));
            let mut third = server.peer();
            third.send("third\n").expect_nothing(&server);
            ask(&mut first);
            second.half_close().expect_eof();
            second.hang_up();
            third.expect("THIRD\n");
            ask(&mut first);
        }
    });
}

#[test]
fn ex8_3_one_place_less_than_taken_is_enough_for_all_others() {
    promise!(
        "A queue has one lock: whoever holds it while it works lets nobody else work.",
        |lab| {
            for run in ["threads", "pool"] {
                let server = lab.server_with(&["--run", run, "--workers", "4"]);
                let mut stalled: Vec<Peer> = (0..3).map(|_| served(&server)).collect();
                for peer in &mut stalled {
                    peer.send("ha").until_read();
                }
                lab.repeat(10, || {
                    served(&server).half_close().expect_eof();
                });
                for peer in &mut stalled {
                    peer.send("lo\n").expect("HALO\n");
                }
            }
        }
    );
}

#[test]
fn ex8_3_a_hundred_clients_come_to_a_pool_of_four() {
    promise!("A pool serves more clients than it has threads, one after the other.", |lab| {
        let server = lab.server_with(POOL);
        let mut crowd = Vec::new();
        lab.repeat(100, || {
            let mut peer = server.peer();
            peer.send("halo\n");
            crowd.push(peer);
        });
        let mut each = crowd.iter_mut();
        lab.repeat(100, || {
            each.next().expect("one of 100").expect("HALO\n").hang_up();
        });
    });
}

#[test]
fn ex8_3_every_way_to_leave_makes_room_for_the_next() {
    promise!("A seat that is not given back is lost for as long as the server runs.", |lab| {
        for run in ["threads", "pool"] {
            let server = lab.server_with(&["--run", run, "--workers", "2"]);
            let mut witness = served(&server);
            lab.repeat(3, || {
                served(&server).half_close().expect_eof();
                served(&server).hang_up();
                served(&server).reset();
            });
            served(&server);
            ask(&mut witness);
        }
    });
}

#[test]
fn ex8_3_datagrams_are_answered_by_threads_too() {
    promise!("What is run at the same time may end in any order.", |lab| {
        for run in [THREADS, POOL] {
            let server = udp(lab, run);
            let mut peer = server.udp_peer();
            server.freeze();
            peer.send("one").send("two").send("three");
            server.thaw();
            peer.expect_each(&["ONE".into(), "TWO".into(), "THREE".into()]);
            let (text, capitals) = drawn_text(lab, LONGEST_DATAGRAM);
            peer.send(text).expect(capitals);
            peer.expect_nothing(&server);
        }
    });
}

#[test]
fn ex8_3_what_a_client_has_left_behind_is_closed() {
    promise!("A descriptor that is not closed is lost, and there are not many.", |lab| {
        for run in [THREADS, POOL] {
            let server = lab.server_with(run);
            served(&server).half_close().expect_eof().hang_up();
            server.until_at_rest().expect_descriptors_back(3, || {
                lab.repeat(50, || {
                    served(&server).half_close().expect_eof().hang_up();
                });
            });
        }
    });
}

#[test]
fn ex8_3_when_descriptors_run_out_those_inside_are_served_and_the_others_wait() {
    promise!("An accept that finds no descriptor leaves the client in the queue.", |lab| {
        for run in [THREADS, &["--run", "pool", "--workers", "64"]] {
            let server = lab.server_with_descriptors(32, run);
            let mut inside = served(&server);
            let mut at_the_door = Vec::new();
            lab.repeat(40, || {
                at_the_door.push(server.peer());
            });
            ask(&mut inside);
            server.until_at_rest();
            ask(&mut inside);
            let mut last = at_the_door.pop().expect("one of 40");
            last.send("last\n");
            let mut others = at_the_door.iter_mut();
            lab.repeat(39, || {
                others.next().expect("one of 39").hang_up();
            });
            last.expect("LAST\n");
            ask(&mut inside);
        }
    });
}

#[test]
fn ex8_3_an_idle_client_is_let_go_in_its_thread_too() {
    promise!("Whoever takes a seat and says nothing takes it from somebody.", |lab| {
        for run in ["threads", "pool"] {
            let options = ["--run", run, "--workers", "1", "--idle-limit", "0.3"];
            let server = lab.server_with(&options);
            let mut idle = server.peer();
            let mut next = server.peer();
            next.send("next\n");
            idle.expect_gone().hang_up();
            next.expect("NEXT\n");
        }
    });
}

// 8.4 Processes.

#[test]
fn ex8_4_each_client_has_a_process_of_its_own() {
    promise!("A connection is a descriptor, and a descriptor can be given away.", |lab| {
        let server = lab.server_with(PROCESSES);
        let (mut first, mut second) = (served(&server), served(&server));
        server.expect_workers(2);
        let worker = server.freeze_worker_of(&mut first);
        first.send("first\n");
        ask(&mut second);
        server.thaw_worker(worker);
        first.expect("FIRST\n");
    });
}

#[test]
fn ex8_4_the_parent_holds_no_connection_of_its_children() {
    promise!("A connection ends when its last descriptor is closed, whoever holds that.", |lab| {
        let server = lab.server_with(PROCESSES);
        let (mut first, mut second) = (served(&server), served(&server));
        server.expect_handed_over(&mut first).expect_handed_over(&mut second);
        first.half_close().expect_eof();
        second.send("tw").until_read().send("o\n").expect("TWO\n").half_close().expect_eof();
    });
}

#[test]
fn ex8_4_nothing_is_left_of_a_child_that_has_ended() {
    promise!("A dead child stays in the kernel's list until its parent asks for it.", |lab| {
        let server = lab.server_with(PROCESSES);
        lab.repeat(10, || {
            served(&server).half_close().expect_eof();
        });
        // While nobody comes: not only when the next one does.
        server.expect_no_children();
    });
}

#[test]
fn ex8_4_children_that_end_together_are_all_asked_for() {
    promise!("Signals are not counted: two that come at once may be one.", |lab| {
        let server = lab.server_with(PROCESSES);
        let mut crowd: Vec<Peer> = Vec::new();
        lab.repeat(20, || crowd.push(served(&server)));
        server.have_all_workers_end_at_once(|| {
            let mut each = crowd.iter_mut();
            lab.repeat(20, || each.next().expect("one of 20").hang_up());
        });
        server.expect_no_children();
        served(&server);
    });
}

#[test]
fn ex8_4_two_hundred_clients_are_served_at_once_with_a_process_each() {
    promise!("Processes are started faster than they come to rest.", |lab| {
        let server = lab.server_with(&["--run", "processes", "--workers", "200"]);
        two_hundred_at_once(lab, &server);
        server.expect_no_children();
    });
}

#[test]
fn ex8_4_beyond_the_limit_the_next_client_waits_its_turn() {
    promise!("A server without a limit ends where the machine ends.", |lab| {
        let server = lab.server_with(&["--run", "processes", "--workers", "2"]);
        let (mut first, mut second) = (served(&server), served(&server));
        let mut third = server.peer();
        third.send("third\n").expect_nothing(&server);
        ask(&mut first);
        second.half_close().expect_eof().hang_up();
        third.expect("THIRD\n");
        ask(&mut first);
    });
}

#[test]
fn ex8_4_every_way_to_leave_makes_room_for_the_next() {
    promise!("A child ends with its client, however that leaves.", |lab| {
        let server = lab.server_with(&["--run", "processes", "--workers", "2"]);
        let mut witness = served(&server);
        lab.repeat(3, || {
            served(&server).half_close().expect_eof();
            served(&server).hang_up();
            served(&server).reset();
        });
        served(&server);
        ask(&mut witness);
    });
}

#[test]
fn ex8_4_a_child_that_is_killed_ends_one_connection() {
    promise!("A process that dies takes its own memory along, and nobody else's.", |lab| {
        let server = lab.server_with(&["--run", "processes", "--workers", "2"]);
        let (mut witness, mut victim) = (served(&server), served(&server));
        let worker = server.freeze_worker_of(&mut victim);
        server.kill_worker(worker);
        victim.expect_gone();
        ask(&mut witness);
        // Its place is free again.
        served(&server).half_close().expect_eof();
        witness.half_close().expect_eof();
        server.expect_no_children();
    });
}

#[test]
fn ex8_4_the_parent_has_no_more_descriptors_than_before() {
    promise!("What is given away must be let go of as well.", |lab| {
        let server = lab.server_with(PROCESSES);
        served(&server).half_close().expect_eof();
        server.expect_no_children().expect_descriptors_back(3, || {
            let mut inside = Vec::new();
            lab.repeat(20, || inside.push(served(&server)));
            let mut each = inside.iter_mut();
            lab.repeat(20, || {
                each.next().expect("one of 20").half_close().expect_eof();
            });
        });
    });
}

#[test]
fn ex8_4_no_child_holds_the_standard_output_of_its_parent() {
    promise!("Who reads a pipe waits for its last writer, and a child is a writer too.", |lab| {
        lab.not_for_commands("a command may let its children write where it writes itself");
        let server = lab.server_with(PROCESSES);
        // Its child lives on as long as it stays.
        let _inside = served(&server);
        server.kill_first_process().expect_screen_to_end();
    });
}

#[test]
fn ex8_4_an_idle_client_is_let_go_by_its_process_too() {
    promise!("A child that waits for ever is a process too many, for ever.", |lab| {
        let options = ["--run", "processes", "--workers", "1", "--idle-limit", "0.3"];
        let server = lab.server_with(&options);
        let mut idle = served(&server);
        let mut next = server.peer();
        next.send("next\n");
        idle.expect_gone().hang_up();
        next.expect("NEXT\n").hang_up();
        server.expect_no_children();
    });
}

#[test]
fn ex8_4_a_datagram_has_a_process_of_its_own_too() {
    promise!("Who answers need not be who was asked, if it has the same socket.", |lab| {
        let server = udp(lab, PROCESSES);
        let mut peer = server.udp_peer();
        ask_udp(&mut peer);
        server.freeze();
        peer.send("one").send("two").send("three");
        server.thaw();
        peer.expect_each(&["ONE".into(), "TWO".into(), "THREE".into()]);
        let (text, capitals) = drawn_text(lab, LONGEST_DATAGRAM);
        peer.send(text).expect(capitals);
        server.expect_no_children();
    });
}

// 8.5 serve_forever, and shutdown from another thread.

#[test]
fn ex8_5_ctrl_c_ends_an_idle_server_with_exit_code_0() {
    promise!("A loop that waits for clients hears nothing else, unless it is rung for.", |lab| {
        for run in RUNS {
            let server = lab.server_with(run);
            server.until_at_rest().interrupt().expect_exit(0);
            let server = udp(lab, run);
            server.until_at_rest().interrupt().expect_exit(0);
        }
    });
}

#[test]
fn ex8_5_ctrl_c_sees_out_the_silent_and_the_busy_alike() {
    promise!("A thread that waits in a read is woken by bytes, by an end, or not at all.", |lab| {
        for run in RUNS {
            let server = lab.server_with(run);
            let mut talking = served(&server);
            let mut halfway = server.peer();
            halfway.send("ha");
            server.until_at_rest().interrupt();
            talking.expect_gone();
            server.expect_exit(0);
        }
    });
}

#[test]
fn ex8_5_what_has_arrived_is_answered_before_the_end() {
    promise!("What the kernel has acknowledged for the server, the server has promised.", |lab| {
        for run in RUNS {
            let server = lab.server_with(run);
            let mut peer = served(&server);
            server.until_at_rest().freeze();
            // So much that no server is done before it has heard of the goodbye.
            peer.send("halo\n".repeat(2000));
            server.interrupt().thaw();
            peer.expect("HALO\n".repeat(2000)).expect_gone().hang_up();
            server.expect_exit(0);
        }
    });
}

#[test]
fn ex8_5_a_full_server_ends_too() {
    promise!("Who waits for a seat waits for something that will not come any more.", |lab| {
        for run in ["threads", "pool", "processes"] {
            let server = lab.server_with(&["--run", run, "--workers", "1"]);
            let mut inside = served(&server);
            let mut waiting = server.peer();
            waiting.send("halo\n").expect_nothing(&server);
            server.interrupt();
            inside.expect_gone();
            server.expect_exit(0);
        }
    });
}

#[test]
fn ex8_5_a_server_under_load_ends() {
    promise!("Whoever always has something to do never comes to the end by itself.", |lab| {
        for run in [THREADS, PROCESSES] {
            let server = lab.server_with(&[run, &["--handler", "echo"]].concat());
            let mut crowd = server.crowd(30);
            crowd.echo_in_pieces(1000);
            server.interrupt();
            crowd.talk_until(|| server.has_ended());
            server.expect_exit(0);
        }
    });
}

#[test]
fn ex8_5_a_client_that_takes_nothing_cannot_hold_the_server() {
    promise!("A goodbye needs a limit: the other side may never answer it.", |lab| {
        // All four at the same time: each takes as long over its goodbye as it may.
        let servers = RUNS.map(|run| lab.server_with(&[run, &["--handler", "echo"]].concat()));
        let mut stubborn = servers.each_ref().map(Server::peer_with_little_room);
        for (server, peer) in servers.iter().zip(&mut stubborn) {
            peer.be_a_burden(server);
        }
        for server in &servers {
            server.interrupt();
        }
        for server in &servers {
            server.expect_exit(0);
        }
    });
}

#[test]
fn ex8_5_nothing_is_left_of_a_server_that_has_ended() {
    promise!("Children do not end with their parent unless somebody tells them.", |lab| {
        for run in [THREADS, PROCESSES] {
            let server = lab.server_with(run);
            let (mut first, mut second) = (served(&server), served(&server));
            server.until_at_rest().interrupt_first_process().expect_exit(0).expect_nothing_left();
            first.expect_gone();
            second.expect_gone();
        }
    });
}

#[test]
fn ex8_5_after_the_end_the_same_address_can_be_served_at_once() {
    promise!("Who closes first keeps the connection, and its address, for a minute.", |lab| {
        let server = lab.server_with(THREADS);
        let mut inside = served(&server);
        server.until_at_rest().interrupt();
        inside.expect_gone();
        server.expect_exit(0);
        served(&lab.server_on(server.port()));
        let server = udp(lab, &[]);
        server.interrupt().expect_exit(0);
        let again = lab.udp_server_on(server.port(), &["--transport", "udp"]);
        ask_udp(&mut again.udp_peer());
    });
}

// 8.6 A failing handler.

#[test]
fn ex8_6_boom_ends_one_connection_and_not_the_server() {
    promise!("A failure goes up until somebody catches it; at the top is the program.", |lab| {
        let server = lab.server_with(INLINE);
        let mut peer = served(&server);
        peer.send("BOOM\n").expect_gone().hang_up();
        served(&server).half_close().expect_eof();
        let mut peer = server.peer();
        peer.send("one\nBOOM\ntwo\n").expect("ONE\n").expect_gone().hang_up();
        served(&server);
    });
}

#[test]
fn ex8_6_boom_costs_the_pool_no_worker() {
    promise!("A thread that dies takes its place in the pool along.", |lab| {
        let server = lab.server_with(&["--run", "pool", "--workers", "2"]);
        lab.repeat(5, || {
            server.peer().send("BOOM\n").expect_gone().hang_up();
        });
        let mut witness = served(&server);
        served(&server);
        ask(&mut witness);
    });
}

#[test]
fn ex8_6_others_never_notice() {
    promise!("What all share must not be left half done by one that fails.", |lab| {
        for run in [INLINE, POOL, THREADS, PROCESSES] {
            let server = lab.server_with(run);
            if run != INLINE {
                let mut witness = served(&server);
                lab.repeat(3, || {
                    server.peer().send("BOOM\n").expect_gone().hang_up();
                    ask(&mut witness);
                });
                witness.half_close().expect_eof();
            }
            server.peer().send("BOOM\r\n").expect_gone().hang_up();
            served(&server);
        }
    });
}

#[test]
fn ex8_6_a_datagram_that_fails_gets_no_reply_and_the_next_one_does() {
    promise!("Where there is no connection, there is nothing to close: silence is all.", |lab| {
        for run in RUNS {
            let server = udp(lab, run);
            let (mut peer, mut other) = (server.udp_peer(), server.udp_peer());
            peer.send("BOOM").expect_nothing(&server);
            ask_udp(&mut other);
            ask_udp(&mut peer);
        }
    });
}

#[test]
fn ex8_6_a_server_with_failures_behind_it_still_ends_well() {
    promise!("A failure that nobody has caught is still there at the end.", |lab| {
        for run in [THREADS, POOL, INLINE] {
            let server = lab.server_with(run);
            server.peer().send("BOOM\n").expect_gone().hang_up();
            served(&server).half_close().expect_eof();
            server.until_at_rest().interrupt().expect_exit(0);
        }
    });
}

#[test]
fn ex8_6_a_failure_is_said_in_the_log_with_the_client() {
    promise!("Whoever reads the log tomorrow has only what it says.", |lab| {
        for run in RUNS {
            let server = lab.server_with(run);
            let mut peer = served(&server);
            let address = peer.address();
            peer.send("BOOM\n").expect_gone();
            server.expect_words_about(address, "failed");
        }
    });
}

#[test]
fn ex8_6_a_lost_client_is_a_failure_of_one_request_too() {
    promise!("An error and a panic differ in the program, not for those who watch it.", |lab| {
        let server = lab.server_with(&["--run", "pool", "--workers", "1"]);
        server.peer().send("BOOM\n").expect_gone().hang_up();
        lab.repeat(3, || {
            served(&server).send("ha").until_read().reset();
        });
        server.peer().send("BOOM\n").expect_gone().hang_up();
        served(&server);
    });
}

// 8.7 Lab 05 on it.

/// The time server of lab 05, run so.
#[track_caller]
fn time_server(lab: &Lab, run: &[&str]) -> Server {
    lab.server_with(&[&["--handler", "time"], run].concat())
}

#[test]
fn ex8_7_time_is_told_and_the_connection_goes_on() {
    promise!("What a server says is the same, however its requests are run.", |lab| {
        for run in RUNS {
            let server = time_server(lab, run);
            let mut peer = server.peer();
            peer.send("TIME\r\n").expect_line_like(TIME);
            peer.send("HALO\r\n").expect(INVALID).send("TIME\r\n").expect_line_like(TIME);
            peer.send("QUIT\r\n").expect_gone();
        }
    });
}

#[test]
fn ex8_7_the_time_is_that_of_the_zone_the_server_is_in() {
    promise!("Every machine counts in UTC; what a clock shows depends on where it hangs.", |lab| {
        for zone in [Zone::where_it_is(3), Zone::with_half_an_hour()] {
            let server = lab.server_with_in(&zone, &["--handler", "time"]);
            server.peer().send("TIME\r\n").expect_line_like(TIME).expect_to_be_now_in(&zone);
        }
    });
}

#[test]
fn ex8_7_lines_arrive_in_any_pieces() {
    promise!("TCP keeps no message boundaries: a line, a part of one, or several.", |lab| {
        let server = time_server(lab, INLINE);
        let mut peer = server.peer();
        peer.send("TI").until_read().send("ME\r").until_read().send("\n").expect_line_like(TIME);
        peer.send("TIME\r\nHALO\r\nTI").until_read().expect_line_like(TIME);
        peer.expect(INVALID).send("ME\r\n").expect_line_like(TIME);
        peer.send("TIME\r\nQUIT\r\nTIME\r\n").expect_line_like(TIME);
        peer.expect_gone();
    });
}

#[test]
fn ex8_7_only_carriage_return_and_line_feed_end_a_line() {
    promise!("A protocol names one line end; every other byte is part of the line.", |lab| {
        let server = time_server(lab, INLINE);
        let mut peer = server.peer();
        peer.send("TIME\nTIME\r\n").expect(INVALID);
        peer.send("TIME\rTIME\r\n").expect(INVALID);
        peer.send("time\r\n").expect(INVALID).send(" TIME\r\n").expect(INVALID);
        peer.send("\r\n").expect(INVALID).send(b"\xff\xfe\r\n").expect(INVALID);
        peer.send("TIME\r\n").expect_line_like(TIME);
    });
}

#[test]
fn ex8_7_a_line_over_1_kib_gets_one_reply_and_the_next_line_is_heard() {
    promise!("Whoever keeps a line until it is whole keeps what strangers send.", |lab| {
        let server = time_server(lab, INLINE);
        let mut peer = server.peer();
        peer.send(format!("{}\r\nTIME\r\n", "x".repeat(5000))).expect(INVALID);
        peer.expect_line_like(TIME);
        peer.send("x".repeat(3000)).until_read().send("x".repeat(3000)).until_read();
        peer.send("\r\nTIME\r\n").expect(INVALID).expect_line_like(TIME);
    });
}

#[test]
fn ex8_7_quit_ends_one_connection_and_not_the_server() {
    promise!("A server that has nothing more to say must say so: with the end.", |lab| {
        for run in RUNS {
            let server = time_server(lab, run);
            let mut peer = server.peer();
            peer.send("TIME\r\nQUIT\r\n").expect_line_like(TIME);
            peer.expect_gone().hang_up();
            server.peer().send("TIME\r\n").expect_line_like(TIME);
        }
    });
}

#[test]
fn ex8_7_a_datagram_is_a_line_and_needs_no_end() {
    promise!("A datagram has an end of its own; another one may be there all the same.", |lab| {
        let server = udp(lab, &["--handler", "time"]);
        let mut peer = server.udp_peer();
        peer.send("TIME").expect_like(TIME);
        peer.send("TIME\r\n").expect_like(TIME);
        peer.send("HALO").expect(INVALID);
        peer.send("x".repeat(2000)).expect(INVALID);
    });
}

#[test]
fn ex8_7_quit_in_a_datagram_ends_nothing_and_gets_no_reply() {
    promise!("Where there is no connection, there is none to close.", |lab| {
        lab.not_for_commands("a command may say goodbye");
        let server = udp(lab, &["--handler", "time"]);
        let mut peer = server.udp_peer();
        peer.send("QUIT").expect_nothing(&server);
        peer.send("TIME").expect_like(TIME);
    });
}
