//! What one turn of one contender has shown.

/// One turn: ratios are made of these, and nothing else is printed of them but memory.
#[derive(Clone, Default)]
pub struct Sample {
    /// Operations a second.
    pub rate: f64,
    /// Seconds of CPU an operation has cost the server.
    pub cpu: f64,
    /// The same for the load.
    pub load: f64,
    /// Which part of the time the server was on its core.
    pub busy: f64,
    /// Seconds from question to answer: the middle one, and one of a hundred.
    pub median: f64,
    pub slow: f64,
    /// KiB in memory before the load, at its end, and at the most.
    pub rest: f64,
    pub after: f64,
    pub peak: f64,
    /// KiB in memory for each connection.
    pub each: f64,
}
