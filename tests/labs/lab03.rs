//! What the server with poll promises, and the same server with a kernel that remembers.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep.

use wirelab::{Lab, Server, promise};

/// The option that chooses how the server waits.
const WITH_A_MEMORY: [&str; 2] = ["--backend", "polling"];

/// The server with each backend, one after the other: what follows must not depend on it.
fn with_each_backend(lab: &Lab, options: &[&str], conversation: impl Fn(&Server)) {
    for backend in ["poll", "polling"] {
        conversation(&lab.server_with(&[&["--backend", backend], options].concat()));
    }
}

// Given: it holds before the first exercise.

#[test]
fn ex3_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--no-such-option"]);
        program.expect_error(&["Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["--backend", "hope"]);
        program.expect_error(&["hope", "poll", "Usage:", "Examples:"]).expect_exit(2);
    });
}

// 3.1 An array in place of sets.

#[test]
fn ex3_1_the_server_says_where_it_listens_and_echoes_there() {
    promise!("A wait for many things ends when one of them is ready.", |lab| {
        let server = lab.server();
        server.expect_ready_line();
        let mut peer = server.peer();
        peer.send("halo\r\n").expect("halo\r\n");
        peer.send("apa kabar?\r\n").expect("apa kabar?\r\n");
    });
}

#[test]
fn ex3_1_every_byte_value_comes_back_unchanged_in_any_pieces() {
    promise!("What poll promises is one read that does not wait, not a whole message.", |lab| {
        let every_value: Vec<u8> = (0..=255).collect();
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(&every_value).expect(&every_value);
        peer.send("h").until_read().send("al").until_read().send("o\r").until_read();
        peer.send("\n").expect("halo\r\n");
    });
}

#[test]
fn ex3_1_a_silent_client_delays_nobody() {
    promise!("A read from somebody who says nothing waits for as long as he likes.", |lab| {
        let server = lab.server();
        let mut silent = server.peer();
        let mut other = server.peer();
        other.send("halo").expect("halo");
        silent.send("here I am").expect("here I am");
    });
}

#[test]
fn ex3_1_the_end_of_a_client_is_answered_with_the_end_and_the_server_sleeps() {
    promise!("At the end of a stream a descriptor is readable, and stays so.", |lab| {
        let server = lab.server();
        let mut stays = server.peer();
        stays.send("first").expect("first");
        lab.repeat(20, || {
            let mut leaves = server.peer();
            leaves.send("halo").expect("halo").half_close().expect_eof();
        });
        server.until_at_rest();
        stays.send("still here").expect("still here");
    });
}

#[test]
fn ex3_1_what_came_together_with_the_end_is_answered_before_it() {
    promise!("Bytes and the end of the stream may be there before the first wait.", |lab| {
        let server = lab.server();
        server.freeze();
        let mut peer = server.peer();
        peer.send("one\r\n").send("two\r\n").half_close();
        server.thaw();
        peer.expect("one\r\ntwo\r\n").expect_eof();
    });
}

// 3.2 Answers that nobody asked for.

#[test]
fn ex3_2_a_reset_ends_one_client_and_the_server_sleeps() {
    promise!(
        "After a reset poll reports POLLHUP and POLLERR, asked or not, until somebody acts.",
        |lab| {
            let server = lab.server();
            let mut other = server.peer();
            other.send("halo").expect("halo");
            lab.repeat(3, || {
                let mut rude = server.peer();
                rude.send("never mind").expect("never mind").reset();
                server.until_at_rest();
            });
            other.send("still there?").expect("still there?");
            server.peer().send("and for me?").expect("and for me?");
        }
    );
}

#[test]
fn ex3_2_a_reset_is_one_line_in_the_log() {
    promise!("Whoever runs a server learns of trouble from its log, and only from there.", |lab| {
        let server = lab.server();
        let mut rude = server.peer();
        let address = rude.address();
        rude.send("never mind").expect("never mind").reset();
        server.until_at_rest().expect_lines_about(address, 2);
    });
}

#[test]
fn ex3_2_a_client_that_reads_late_gets_every_byte_and_delays_nobody() {
    promise!("One answer may say both: there is something to read, and room to write.", |lab| {
        let server = lab.server();
        let mut late = server.peer_with_little_room();
        let some = late.send_until_owed(&server);
        server.freeze();
        let rest = late.expect_what_has_left(&some);
        late.send("and this");
        server.thaw();
        late.expect(&rest).expect("and this").half_close().expect_eof();
        let mut peer = server.peer_with_little_room();
        let much = peer.expect_back_pressure(&server);
        server.peer().send("and for me?").expect("and for me?");
        peer.expect(&much).send("and more").expect("and more").half_close().expect_eof();
        server.until_at_rest();
    });
}

#[test]
fn ex3_2_a_reset_by_a_client_to_whom_we_owe_much_ends_nobody_else() {
    promise!("A connection that is not read from is watched all the same.", |lab| {
        let server = lab.server();
        let mut other = server.peer();
        other.send("halo").expect("halo");
        let mut rude = server.peer_with_little_room();
        rude.expect_back_pressure(&server);
        rude.reset();
        server.until_at_rest();
        other.send("still there?").expect("still there?");
    });
}

// 3.3 A kernel that remembers.

#[test]
fn ex3_3_a_message_comes_back_and_so_does_the_next() {
    promise!("A kernel that remembers must be told when it is to go on watching.", |lab| {
        let server = lab.server_with(&WITH_A_MEMORY);
        let (mut one, mut two) = (server.peer(), server.peer());
        one.send("one").expect("one").send("one again").expect("one again");
        two.send("two").expect("two").send("two again").expect("two again");
        one.half_close().expect_eof();
        two.send("still here").expect("still here").half_close().expect_eof();
    });
}

#[test]
fn ex3_3_what_is_longer_than_one_read_comes_back_whole() {
    promise!("One report may stand for more bytes than one read takes.", |lab| {
        let much = lab.drawn(200_000);
        let server = lab.server_with(&WITH_A_MEMORY);
        let mut peer = server.peer();
        peer.send(&much).expect(&much).half_close().expect_eof();
    });
}

#[test]
fn ex3_3_clients_come_and_go_and_the_server_sleeps() {
    promise!(
        "A number that is closed is given to the next, and the kernel may confuse them.",
        |lab| {
            let server = lab.server_with(&WITH_A_MEMORY);
            let mut stays = server.peer();
            stays.send("first").expect("first");
            lab.repeat(20, || {
                let mut leaves = server.peer();
                leaves.send("halo").expect("halo").half_close().expect_eof();
                let mut rude = server.peer();
                rude.send("never mind").expect("never mind").reset();
            });
            server.until_at_rest();
            stays.send("still here").expect("still here");
        }
    );
}

#[test]
fn ex3_3_a_client_that_reads_late_gets_every_byte_and_delays_nobody() {
    promise!("The kernel hears of it when we want to write, and when we want no longer.", |lab| {
        let server = lab.server_with(&WITH_A_MEMORY);
        let mut peer = server.peer_with_little_room();
        let much = peer.expect_back_pressure(&server);
        server.peer().send("and for me?").expect("and for me?");
        peer.expect(&much).send("and more").expect("and more");
        server.until_at_rest();
        peer.half_close().expect_eof();
    });
}

#[test]
fn ex3_3_a_server_that_was_stopped_goes_on() {
    promise!("A stop ends the wait of epoll with EINTR, and nothing is ready.", |lab| {
        let server = lab.server_with(&WITH_A_MEMORY);
        let mut peer = server.peer();
        peer.send("halo").expect("halo");
        server.until_at_rest();
        lab.repeat(3, || {
            server.freeze().thaw();
            peer.send("still there?").expect("still there?");
        });
    });
}

#[test]
fn ex3_3_a_thousand_clients_at_once_get_their_bytes_in_any_pieces() {
    promise!("Many may be ready at once, and more than one report can hold.", |lab| {
        let server = lab.server_with(&WITH_A_MEMORY);
        server.crowd(1000).echo_in_pieces(500).echo_in_pieces(100);
    });
}

#[test]
fn ex3_3_two_thousand_idle_clients_delay_nobody() {
    promise!("A set has 1 024 places; the kernel's memory has no such end.", |lab| {
        let server = lab.server_with(&WITH_A_MEMORY);
        let mut idle = server.crowd(2000);
        let mut active = server.peer();
        lab.repeat(100, || {
            active.send("halo").expect("halo");
        });
        server.until_at_rest();
        idle.echo_in_pieces(20);
    });
}

// 3.4 Thousands of clients, and then no descriptor left.

#[test]
fn ex3_4_when_no_descriptor_is_left_those_who_are_here_are_served_and_nothing_spins() {
    promise!(
        "An accept that fails leaves the client at the door, and the door stays readable.",
        |lab| {
            for backend in ["poll", "polling"] {
                let server = lab.server_with_descriptors(64, &["--backend", backend]);
                let mut here = server.crowd(30);
                here.echo_in_pieces(100);
                let _more = server.crowd_at_the_door(60);
                here.echo_in_pieces(100);
                server.until_at_rest();
                here.echo_in_pieces(100);
            }
        }
    );
}

#[test]
fn ex3_4_when_somebody_leaves_a_newcomer_is_let_in() {
    promise!("A descriptor that is closed is free again.", |lab| {
        for backend in ["poll", "polling"] {
            let server = lab.server_with_descriptors(64, &["--backend", backend]);
            let mut here = server.crowd(30);
            let mut more = server.crowd_at_the_door(60);
            here.echo_in_pieces(100);
            server.until_at_rest();
            more.reset();
            here.reset();
            server.peer().send("is there room?").expect("is there room?");
        }
    });
}

// 3.5 Time limits.

#[test]
fn ex3_5_an_idle_client_is_let_go() {
    promise!("A client that has lost its network says nothing, not even goodbye.", |lab| {
        with_each_backend(lab, &["--idle-limit", "0.3"], |server| {
            let mut silent = server.peer();
            let mut spoke = server.peer();
            spoke.send("halo").expect("halo");
            silent.expect_eof();
            spoke.expect_eof();
            server.peer().send("and for me?").expect("and for me?");
        });
    });
}

#[test]
fn ex3_5_a_client_that_goes_on_talking_stays() {
    promise!("Idle is who has been silent for long, not who came long ago.", |lab| {
        with_each_backend(lab, &["--idle-limit", "1"], |server| {
            let mut talks = server.peer();
            let mut silent = server.peer();
            lab.expect_in_time(
                "the silent one is let go",
                || silent.is_over(),
                || {
                    talks.send("halo").expect("halo");
                },
            );
            silent.expect_eof();
            talks.send("still here").expect("still here");
        });
    });
}

#[test]
fn ex3_5_a_client_that_takes_nothing_is_let_go() {
    promise!("Who reads nothing is as silent as who sends nothing, and costs more.", |lab| {
        with_each_backend(lab, &["--idle-limit", "0.3"], |server| {
            let mut stuck = server.peer_with_little_room();
            stuck.be_a_burden(server);
            stuck.until_let_go();
            server.until_at_rest();
            server.peer().send("and for me?").expect("and for me?");
        });
    });
}

// 3.6 Waking the loop: a polite goodbye.

#[test]
fn ex3_6_ctrl_c_ends_a_server_that_waits_with_exit_code_0() {
    promise!("A signal is no descriptor: something must end the wait, and the loop.", |lab| {
        let server = lab.server();
        server.until_at_rest();
        server.interrupt().expect_exit(0);
    });
}

#[test]
fn ex3_6_what_has_arrived_is_answered_before_the_goodbye() {
    promise!("A signal may come when the bytes are there and not yet read.", |lab| {
        with_each_backend(lab, &[], |server| {
            let (mut idle, mut busy) = (server.peer(), server.peer());
            idle.send("halo").expect("halo");
            server.until_at_rest().freeze();
            busy.send("one last thing");
            server.interrupt().thaw();
            busy.expect("one last thing").expect_eof();
            idle.expect_eof();
            server.expect_exit(0);
        });
    });
}

#[test]
fn ex3_6_what_is_owed_is_sent_before_the_goodbye() {
    promise!("What the kernel has not taken yet dies with the process.", |lab| {
        with_each_backend(lab, &[], |server| {
            let mut late = server.peer_with_little_room();
            let some = late.send_until_owed(server);
            server.interrupt();
            late.expect(&some).expect_eof();
            server.expect_exit(0);
        });
    });
}

#[test]
fn ex3_6_a_client_that_takes_nothing_does_not_hold_up_the_goodbye() {
    promise!("To wait for somebody is to give him a power; it needs an end.", |lab| {
        with_each_backend(lab, &[], |server| {
            let mut stuck = server.peer_with_little_room();
            stuck.be_a_burden(server);
            server.interrupt().expect_exit(0);
        });
    });
}

#[test]
fn ex3_6_the_goodbye_comes_under_load_too() {
    promise!("A loop that always finds something to do must still look at its clock.", |lab| {
        with_each_backend(lab, &[], |server| {
            let mut crowd = server.crowd(200);
            crowd.echo_in_pieces(100);
            server.interrupt();
            crowd.talk_until(|| server.has_ended());
            server.expect_exit(0);
        });
    });
}
