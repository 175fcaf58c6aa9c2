//! How long the server waits for a client, one member for each thing that it waits for.

use super::HumanDuration;
use serde::Deserialize;
use std::time::Duration;

/// The longest waits. What a client does not do in time ends its connection or its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deadlines {
    /// From the connection to its first byte.
    pub first_byte: HumanDuration,
    /// From the first byte of a request's head to its end.
    pub head: HumanDuration,
    /// While a body is awaited, `least_rate` is checked each time this much waiting has added up.
    pub body: HumanDuration,
    /// The same while a client is awaited to read its answer.
    pub answer: HumanDuration,
    /// From the end of an answer to the next request on the same connection.
    pub idle: HumanDuration,
    /// At shutdown: for requests that have begun.
    pub shutdown: HumanDuration,
    /// Fewest bytes per second, in both directions, while the client is waited for.
    pub least_rate: u64,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = |n| HumanDuration(Duration::from_secs(n));
        Self {
            first_byte: seconds(10),
            head: seconds(10),
            body: seconds(10),
            answer: seconds(30),
            // Longer than the 60 s after which common proxies close a connection, so that they are the ones who close it.
            idle: seconds(75),
            shutdown: seconds(10),
            least_rate: 4096,
        }
    }
}
