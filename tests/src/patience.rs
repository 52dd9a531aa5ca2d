//! How long the judge waits: everything has a deadline, scaled to how busy the machine is.

use std::env;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may be silent on an idle machine, unless `WIRELAB_PATIENCE` says otherwise.
const SILENCE_SECONDS: f64 = 3.0;

/// How much longer it may take to begin, at most.
const START_EXTRA: Duration = Duration::from_secs(5);

/// However slow the machine seems, a program that is silent ten times as long has had its time.
const SLOWNESS_MAX: f64 = 10.0;

/// What the echoes of [`measure`] take on an idle machine, rounded up.
const ECHOES_USUALLY: Duration = Duration::from_millis(20);

/// How long the judge waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience(Duration);

impl Patience {
    /// As the user wishes (`WIRELAB_PATIENCE` seconds of silence, `WIRELAB_SLOW` times as long), or
    /// else as this machine needs just now.
    pub(crate) fn usual() -> Self {
        static USUAL: OnceLock<Patience> = OnceLock::new();
        *USUAL.get_or_init(|| {
            let seconds = number("WIRELAB_PATIENCE").unwrap_or(SILENCE_SECONDS);
            let slowness = number("WIRELAB_SLOW").unwrap_or_else(measure);
            Self::of(Duration::from_secs_f64(seconds * slowness.clamp(1.0, SLOWNESS_MAX)))
        })
    }

    /// Bears this much silence.
    pub fn of(silence: Duration) -> Self {
        Self(silence)
    }

    /// How long to wait for one thing to happen.
    pub(crate) fn silence(self) -> Duration {
        self.0
    }

    /// How long a program may take until it listens.
    pub(crate) fn start(self) -> Duration {
        (self.0 * 3).min(self.0 + START_EXTRA)
    }

    /// How long one promise may take in all.
    pub(crate) fn promise(self) -> Duration {
        self.0 * 20
    }
}

/// How many times slower than an idle machine this one is just now.
fn measure() -> f64 {
    match echoes(200) {
        Ok(took) => took.as_secs_f64() / ECHOES_USUALLY.as_secs_f64(),
        Err(_) => 1.0,
    }
}

/// Times `count` echoes of one byte between two threads of our own.
fn echoes(count: usize) -> std::io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    thread::spawn(move || {
        let mut byte = [0];
        while far.read_exact(&mut byte).and_then(|()| far.write_all(&byte)).is_ok() {}
    });
    let started = Instant::now();
    for _ in 0..count {
        near.write_all(b"?")?;
        near.read_exact(&mut [0])?;
    }
    Ok(started.elapsed())
}

fn number(variable: &str) -> Option<f64> {
    let text = env::var(variable).ok()?;
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    Some(number.unwrap_or_else(|| panic!("{variable} must be a number above 0, not {text:?}")))
}
