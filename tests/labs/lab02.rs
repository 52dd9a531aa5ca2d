//! What a server with one thread and many clients promises, and the client that waits for two
//! things at once.
//!
//! The list of the names is the specification; the sentence in each promise is the fact of the
//! network that makes it hard to keep.

use wirelab::promise;

// Given: it holds before the first exercise.

#[test]
fn ex2_0_a_wrong_argument_is_answered_with_usage_an_example_and_exit_code_2() {
    promise!("A program that cannot do what it was asked says how it is asked.", |lab| {
        let program = lab.program(&["--no-such-option"]);
        program.expect_error(&["Usage:", "Examples:"]).expect_exit(2);
        let program = lab.program(&["client", "nowhere"]);
        program.expect_error(&["nowhere", "Usage:", "Examples:"]).expect_exit(2);
    });
}

#[test]
fn ex2_0_a_client_without_a_server_says_so_and_exits_with_code_1() {
    promise!("Where nobody listens, the kernel answers a connect with a reset.", |lab| {
        let nobody = lab.nobody();
        let client = lab.client(nobody.address(), &[]);
        client.expect_trouble("refused", nobody.address()).expect_exit(1);
    });
}

// 2.1 The five beats.

#[test]
fn ex2_1_the_server_says_where_it_listens_and_echoes_there() {
    promise!("A wait for many things ends when one of them is ready.", |lab| {
        let server = lab.server();
        server.expect_ready_line();
        let mut peer = server.peer();
        peer.send("halo\r\n").expect("halo\r\n");
        peer.send("apa kabar?\r\n").expect("apa kabar?\r\n");
    });
}

#[test]
fn ex2_1_every_byte_value_comes_back_unchanged_in_any_pieces() {
    promise!("What select promises is one read that does not wait, not a whole message.", |lab| {
        let every_value: Vec<u8> = (0..=255).collect();
        let server = lab.server();
        let mut peer = server.peer();
        peer.send(&every_value).expect(&every_value);
        peer.send("h").until_read().send("al").until_read().send("o\r").until_read();
        peer.send("\n").expect("halo\r\n");
    });
}

#[test]
fn ex2_1_what_came_together_with_the_connection_is_answered() {
    promise!("Bytes may be there before accept: nothing announces them a second time.", |lab| {
        let server = lab.server();
        server.freeze();
        let mut peer = server.peer();
        peer.send("one\r\n").send("two\r\n");
        server.thaw();
        peer.expect("one\r\ntwo\r\n");
    });
}

#[test]
fn ex2_1_an_idle_server_sleeps() {
    promise!("Only the wait may block, and without a need it must not end.", |lab| {
        let server = lab.server();
        server.until_at_rest();
        let mut peer = server.peer();
        peer.send("halo").expect("halo");
        server.until_at_rest();
    });
}

#[test]
fn ex2_1_a_port_in_use_is_one_sentence_and_exit_code_1() {
    promise!("One address has one listener: a second bind fails with EADDRINUSE.", |lab| {
        let first = lab.server();
        let second = lab.server_in_vain(first.port());
        second.expect_error(&["in use"]).expect_exit(1);
        first.peer().send("halo").expect("halo");
    });
}

#[test]
fn ex2_1_ctrl_c_ends_a_server_that_waits_with_exit_code_0() {
    promise!("A signal is no descriptor: something has to make it wake the loop.", |lab| {
        let server = lab.server();
        server.until_at_rest();
        server.interrupt().expect_exit(0);
    });
}

// 2.2 Many clients.

#[test]
fn ex2_2_a_silent_client_delays_nobody() {
    promise!("A read from somebody who says nothing waits for as long as he likes.", |lab| {
        let server = lab.server();
        let mut silent = server.peer();
        let mut other = server.peer();
        other.send("halo").expect("halo");
        silent.send("here I am").expect("here I am");
    });
}

#[test]
fn ex2_2_each_client_gets_its_own_bytes_and_nobody_elses() {
    promise!("One loop serves all, but each connection is a stream of its own.", |lab| {
        let server = lab.server();
        let (mut one, mut two, mut three) = (server.peer(), server.peer(), server.peer());
        two.send("two").expect("two");
        one.send("one").expect("one");
        three.send("three").expect("three");
        one.send("one again").expect("one again");
        for peer in [&mut three, &mut one, &mut two] {
            peer.half_close().expect_eof();
        }
    });
}

#[test]
fn ex2_2_the_end_of_a_client_is_answered_with_the_end() {
    promise!("At the end of a stream a descriptor is readable, and stays so.", |lab| {
        let server = lab.server();
        let mut peer = server.peer();
        peer.send("halo").half_close().expect("halo").expect_eof();
        server.peer().half_close().expect_eof();
    });
}

#[test]
fn ex2_2_when_clients_have_left_the_server_sleeps_and_serves_the_next() {
    promise!("A closed descriptor is no source: its number may be somebody else's soon.", |lab| {
        let server = lab.server();
        let mut stays = server.peer();
        stays.send("first").expect("first");
        lab.repeat(20, || {
            let mut leaves = server.peer();
            leaves.send("halo").expect("halo").half_close().expect_eof();
        });
        server.until_at_rest();
        stays.send("still here").expect("still here");
        server.peer().send("halo").expect("halo");
    });
}

#[test]
fn ex2_2_a_reset_ends_one_client_and_nobody_else() {
    promise!("A reset makes the descriptor readable; the read then fails.", |lab| {
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
    });
}

#[test]
fn ex2_2_a_reset_is_one_line_in_the_log() {
    promise!("Whoever runs a server learns of trouble from its log, and only from there.", |lab| {
        let server = lab.server();
        let mut other = server.peer();
        other.send("halo").expect("halo");
        let mut rude = server.peer();
        let address = rude.address();
        rude.send("never mind").expect("never mind").reset();
        server.until_at_rest().expect_lines_about(address, 2);
    });
}

#[test]
fn ex2_2_clients_that_come_while_the_server_is_busy_are_all_served() {
    promise!("Several may stand at the door when the wait ends once.", |lab| {
        let server = lab.server();
        server.freeze();
        let mut peers = [server.peer(), server.peer(), server.peer(), server.peer()];
        for peer in &mut peers {
            peer.send("halo");
        }
        server.thaw();
        for peer in &mut peers {
            peer.expect("halo");
        }
    });
}

#[test]
fn ex2_2_a_thousand_clients_at_once_get_their_bytes_in_any_pieces() {
    promise!("A thousand clients are a thousand streams, and one answer may be for many.", |lab| {
        let server = lab.server();
        server.crowd(1000).echo_in_pieces(500).echo_in_pieces(100);
    });
}

// 2.3 A step never blocks.

#[test]
fn ex2_3_a_client_that_reads_nothing_delays_nobody() {
    promise!("A write to somebody who does not read waits for as long as he likes.", |lab| {
        let server = lab.server();
        let mut other = server.peer();
        other.send("halo").expect("halo");
        let mut burden = server.peer_with_little_room();
        burden.be_a_burden(&server);
        other.send("still there?").expect("still there?");
        server.peer().send("and for me?").expect("and for me?");
    });
}

// 2.4 What a connection owes.

#[test]
fn ex2_4_a_client_that_reads_late_gets_every_byte_and_delays_nobody() {
    promise!("A write may take less than it was given; the rest is still owed.", |lab| {
        let server = lab.server();
        let (mut late, mut other) = (server.peer_with_little_room(), server.peer());
        let much = late.fill(&server);
        other.send("and for me?").expect("and for me?");
        late.expect(&much);
        late.send("and more").expect("and more").half_close().expect_eof();
    });
}

#[test]
fn ex2_4_what_is_owed_is_sent_before_the_end() {
    promise!("A client that has no more to say may still be owed megabytes.", |lab| {
        let server = lab.server();
        let (mut late, mut other) = (server.peer_with_little_room(), server.peer());
        let some = late.send_until_owed(&server);
        late.half_close();
        other.send("and for me?").expect("and for me?");
        server.until_at_rest();
        late.expect(&some).expect_eof();
    });
}

#[test]
fn ex2_4_a_reset_by_a_client_to_whom_we_owe_much_ends_nobody_else() {
    promise!("The write that was to be made later may find nobody there.", |lab| {
        let server = lab.server();
        let (mut rude, mut other) = (server.peer_with_little_room(), server.peer());
        rude.fill(&server);
        other.send("halo").expect("halo");
        rude.reset();
        server.until_at_rest();
        other.send("still there?").expect("still there?");
    });
}

// 2.5 Back-pressure.

#[test]
fn ex2_5_a_server_takes_no_more_from_a_client_that_reads_nothing() {
    promise!("What is read and cannot be sent has to be kept, and memory has an end.", |lab| {
        let server = lab.server();
        let (mut late, mut other) = (server.peer_with_little_room(), server.peer());
        let much = late.expect_back_pressure(&server);
        other.send("and for me?").expect("and for me?");
        server.until_at_rest();
        late.half_close().expect(&much).expect_eof();
    });
}

#[test]
fn ex2_5_reading_goes_on_when_the_client_reads_again() {
    promise!("Who stops reading must know when to go on: when enough has been sent.", |lab| {
        let server = lab.server();
        let (mut late, mut other) = (server.peer_with_little_room(), server.peer());
        let much = late.expect_back_pressure(&server);
        other.send("and for me?").expect("and for me?");
        late.expect(&much);
        late.send("and more").expect("and more");
        server.until_at_rest();
    });
}

// 2.6 Descriptors run out.

#[test]
fn ex2_6_when_no_descriptor_is_left_those_who_are_here_are_served_and_nothing_spins() {
    promise!(
        "An accept that fails leaves the client at the door, and the door stays readable.",
        |lab| {
            let server = lab.server_with_descriptors(64, &[]);
            let mut here = server.crowd(30);
            here.echo_in_pieces(100);
            let _more = server.crowd_at_the_door(60);
            here.echo_in_pieces(100);
            server.until_at_rest();
            here.echo_in_pieces(100);
        }
    );
}

#[test]
fn ex2_6_when_somebody_leaves_a_newcomer_is_let_in() {
    promise!("A descriptor that is closed is free again.", |lab| {
        let server = lab.server_with_descriptors(64, &[]);
        let mut here = server.crowd(30);
        let mut more = server.crowd_at_the_door(60);
        here.echo_in_pieces(100);
        server.until_at_rest();
        more.reset();
        here.reset();
        server.peer().send("is there room?").expect("is there room?");
    });
}

#[test]
fn ex2_6_a_descriptor_beyond_the_set_harms_nobody() {
    promise!("A set of select has 1 024 places, however many descriptors there may be.", |lab| {
        let server = lab.server_with_descriptors(1200, &[]);
        let mut here = server.crowd(900);
        here.echo_in_pieces(20);
        let mut more = server.crowd_at_the_door(200);
        server.until_at_rest();
        here.echo_in_pieces(20);
        more.reset();
        server.until_at_rest();
        server.peer().send("is there room?").expect("is there room?");
    });
}

// 2.7 The client.

#[test]
fn ex2_7_what_is_typed_is_sent_and_what_comes_is_shown() {
    promise!("A keyboard is a descriptor too: one wait serves it and the server.", |lab| {
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
fn ex2_7_a_server_that_speaks_first_is_shown_at_once() {
    promise!("Who waits for the keyboard alone does not hear the server.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        peer.send("selamat datang\n");
        client.expect_shown("selamat datang\n");
        peer.send("no line end");
        client.expect_shown("no line end");
        client.type_in("halo\n");
        peer.expect("halo\n");
    });
}

#[test]
fn ex2_7_a_client_with_nothing_to_do_sleeps() {
    promise!(
        "Almost always there is room to write: who asks for it without a need spins.",
        |lab| {
            let host = lab.host();
            let client = lab.client(host.address(), &[]);
            let mut peer = host.accept();
            client.until_at_rest().type_in("halo\n");
            peer.expect("halo\n");
            client.until_at_rest();
        }
    );
}

#[test]
fn ex2_7_while_the_server_reads_nothing_its_words_are_shown() {
    promise!("A write that cannot go on must not keep the client from reading.", |lab| {
        let host = lab.host_with_little_room();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        let much = peer.type_until_owed(&client);
        let more = lab.drawn(500_000);
        client.type_in(&more).until_at_rest();
        peer.send("one thing at a time\n");
        client.expect_shown("one thing at a time\n").end_input();
        peer.expect(&much).expect(&more).expect_eof().hang_up();
        client.expect_exit(0);
    });
}

#[test]
fn ex2_7_what_is_unsent_when_the_input_ends_is_sent_before_the_end() {
    promise!("The end of the input is not the end of what has to be sent.", |lab| {
        let host = lab.host_with_little_room();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        let much = peer.type_until_owed(&client);
        client.end_input().until_at_rest();
        peer.expect(&much).expect_eof().hang_up();
        client.expect_exit(0);
    });
}

#[test]
fn ex2_7_the_end_of_the_input_is_told_and_the_rest_is_shown() {
    promise!("A connection has two directions, and each ends by itself.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("no line end").end_input();
        peer.expect("no line end").expect_eof().send("one more thing\n").until_read();
        peer.send("goodbye\n").hang_up();
        client.expect_shown("one more thing\ngoodbye\n").expect_exit(0);
    });
}

#[test]
fn ex2_7_a_file_goes_through_the_client_and_the_server_unchanged() {
    promise!("Both ends must keep their promises for the bytes to arrive.", |lab| {
        let file = lab.drawn(100_000);
        let server = lab.server();
        let client = lab.client(server.address(), &[]);
        client.type_in(&file).end_input();
        client.expect_shown(&file).expect_exit(0);
    });
}

#[test]
fn ex2_7_a_server_that_leaves_first_is_a_sentence_and_exit_code_1() {
    promise!("Only the order of the two ends tells a goodbye from a loss.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("halo\n");
        peer.expect("halo\n").send("halo\n").half_close();
        client.expect_shown("halo\n");
        client.expect_trouble("closed", host.address()).expect_exit(1);
    });
}

#[test]
fn ex2_7_a_reset_is_a_sentence_and_exit_code_1() {
    promise!("A reset takes the connection away at once, with all that was under way.", |lab| {
        let host = lab.host();
        let client = lab.client(host.address(), &[]);
        let mut peer = host.accept();
        client.type_in("halo\n");
        peer.expect("halo\n").reset();
        client.expect_trouble("lost", host.address()).expect_exit(1);
    });
}
