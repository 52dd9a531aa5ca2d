//! A server with every bad habit, for the judge's own tests: `misbehave HABIT PORT`.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Command, exit};
use std::thread;
use std::time::Duration;
use std::{env, iter};

/// How long a clock is not looked at.
const CLOCK: Duration = Duration::from_millis(50);

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [habit, port] = arguments.as_slice() else { panic!("usage: misbehave HABIT PORT") };
    match habit.as_str() {
        "exits at once" => {
            eprintln!("I have other plans");
            exit(3)
        }
        "panics at once" => panic!("no plan at all"),
        "never listens" => sleep(),
        "says its port is in use" => {
            eprintln!("Address already in use");
            exit(1)
        }
        "listens elsewhere" => {
            let _listener = TcpListener::bind("127.0.0.1:0")?;
            sleep();
        }
        "leaves it to a child" => {
            // The child listens and serves; the parent only waits.
            let program = env::current_exe()?;
            Command::new(program).args(["echoes", port]).spawn()?;
            sleep();
        }
        "forgets its children" => {
            let _listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
            let _dead = Command::new("true").spawn()?;
            sleep();
        }
        _ if habit.ends_with("datagrams") => {
            answer(habit, &UdpSocket::bind(format!("127.0.0.1:{port}"))?)?;
        }
        _ => serve(habit, &TcpListener::bind(format!("127.0.0.1:{port}"))?),
    }
    Ok(())
}

fn answer(habit: &str, socket: &UdpSocket) -> io::Result<()> {
    let mut buffer = [0; 65_536];
    loop {
        let (count, peer) = socket.recv_from(&mut buffer)?;
        let bytes = &buffer[..count];
        match habit {
            "swallows datagrams" => continue,
            "cuts datagrams" => socket.send_to(&bytes[..count.min(3)], peer)?,
            "repeats datagrams" => socket.send_to(bytes, peer)?,
            "sends other datagrams" => UdpSocket::bind("127.0.0.1:0")?.send_to(bytes, peer)?,
            _ => 0,
        };
        if habit != "cuts datagrams" && habit != "sends other datagrams" {
            socket.send_to(bytes, peer)?;
        }
    }
}

fn sleep() {
    thread::sleep(Duration::from_secs(3600));
}

fn serve(habit: &str, listener: &TcpListener) {
    if habit == "floods" {
        let chunk = "the same line again and again\n".repeat(1000);
        thread::spawn(move || {
            let mut errors = io::stderr();
            iter::repeat(()).try_for_each(|()| errors.write_all(chunk.as_bytes()))
        });
    }
    if habit == "logs what it tries in vain" {
        thread::spawn(|| {
            loop {
                eprintln!("not now");
            }
        });
    }
    if habit == "looks at its clocks" {
        for _ in 0..20 {
            thread::spawn(|| {
                loop {
                    thread::sleep(CLOCK);
                }
            });
        }
    }
    for stream in listener.incoming().map_while(Result::ok) {
        // A client that has gone is not what is tested here.
        let _ = converse(habit, stream);
    }
}

fn converse(habit: &str, mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let mut hoard = Vec::new();
    loop {
        if habit == "never reads" {
            sleep();
        }
        let count = stream.read(&mut buffer)?;
        if habit == "hoards" {
            hoard.resize(hoard.len() + (16 << 20), 1u8);
        }
        match habit {
            "dies in the middle" => panic!("a bug\u{1b}[31m in red"),
            "hangs" => sleep(),
            "closes early" => return stream.write_all(&buffer[..count / 2]),
            "resets" => return Ok(()),
            "answers in other words" => stream.write_all(&buffer[..count].to_ascii_uppercase())?,
            _ => stream.write_all(&buffer[..count])?,
        }
        if count == 0 {
            return Ok(());
        }
    }
}
