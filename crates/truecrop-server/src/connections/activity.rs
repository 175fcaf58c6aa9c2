//! What one connection is doing, written by its stream and its service and read by the registry.

use super::pace::Pace;
use crate::config::Deadlines;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// So long a connection counts as new when the server ends.
const JUST_COME: Duration = Duration::from_millis(100);

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has come yet.
    Silent,
    /// The head of a request has begun.
    Head,
    /// A request is handled or answered.
    Request,
    /// The answer is complete; its last bytes are on their way to the socket.
    Flushing,
    /// Between two requests, or closing.
    Idle,
}

impl Phase {
    /// Whether the connection can be closed without a request that has begun losing its answer.
    fn waits_for_a_request(self) -> bool {
        matches!(self, Phase::Silent | Phase::Head | Phase::Idle)
    }
}

/// Why the server closes a connection that its client would have left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No byte came in time.
    FirstByte,
    /// The head did not end in time.
    Head,
    /// The client did not read its answer.
    Answer,
    /// No further request came in time.
    Idle,
    /// Another client needed the place.
    Full,
    /// The server ends.
    Shutdown,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 6] =
        [Reason::FirstByte, Reason::Head, Reason::Answer, Reason::Idle, Reason::Full, Reason::Shutdown];

    /// As the metric's label.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::FirstByte => "first-byte",
            Reason::Head => "head",
            Reason::Answer => "answer",
            Reason::Idle => "idle",
            Reason::Full => "full",
            Reason::Shutdown => "shutdown",
        }
    }
}

/// What the registry asks of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Take no further request, and close after the answer.
    Finish,
    /// Close now. The phase is that of the moment of the order.
    Close(Reason, Phase),
}

/// One connection's state.
pub struct Activity {
    state: Mutex<State>,
    ordered: Notify,
}

struct State {
    phase: Phase,
    since: Instant,
    writing: Pace,
    order: Option<Order>,
    /// Finish is asked for once; close at most once after it.
    asked: Option<Order>,
}

impl Activity {
    /// Of a connection that was accepted now.
    pub fn new(deadlines: &Deadlines) -> Self {
        let writing = Pace::new(deadlines.answer.0, deadlines.least_rate);
        let state = State { phase: Phase::Silent, since: Instant::now(), writing, order: None, asked: None };
        Self { state: Mutex::new(state), ordered: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes have come from the client.
    pub fn has_read(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Silent | Phase::Idle) {
            state.enter(Phase::Head);
        }
    }

    /// Bytes went to the client, or (`None`) have to wait until it reads.
    pub fn has_written(&self, bytes: Option<usize>) {
        let (mut state, now) = (self.state(), Instant::now());
        match bytes {
            Some(bytes) => state.writing.moved(bytes as u64, now),
            None => state.writing.wait(now),
        }
    }

    /// Everything that was written is with the socket.
    pub fn has_flushed(&self) {
        let mut state = self.state();
        if state.phase == Phase::Flushing {
            state.enter(Phase::Idle);
        }
    }

    /// A head is complete.
    pub fn request_begins(&self) {
        self.state().enter(Phase::Request);
    }

    /// An answer is complete.
    pub fn answer_ends(&self) {
        let mut state = self.state();
        if state.phase == Phase::Request {
            state.enter(Phase::Flushing);
        }
    }

    /// Whether no request is being handled: then what is written is not the application's.
    pub fn waits_for_a_request(&self) -> bool {
        self.state().phase.waits_for_a_request()
    }

    /// Since when the connection waits for a request, if it does and nobody has asked it to close.
    pub fn waiting_since(&self) -> Option<Instant> {
        let state = self.state();
        let open = !matches!(state.asked, Some(Order::Close(..)));
        (open && state.phase.waits_for_a_request()).then_some(state.since)
    }

    /// The deadline that has passed, if one has.
    pub fn overdue(&self, deadlines: &Deadlines, now: Instant) -> Option<Reason> {
        let state = self.state();
        let (limit, reason) = match state.phase {
            Phase::Silent => (state.since + deadlines.first_byte.0, Reason::FirstByte),
            Phase::Head => (state.since + deadlines.head.0, Reason::Head),
            Phase::Idle => (state.since + deadlines.idle.0, Reason::Idle),
            Phase::Request | Phase::Flushing => (state.writing.deadline()?, Reason::Answer),
        };
        (now >= limit).then_some(reason)
    }

    /// Asks the connection to close now.
    pub fn close(&self, reason: Reason) {
        let mut state = self.state();
        let phase = state.phase;
        self.ask(&mut state, Order::Close(reason, phase));
    }

    /// Asks the connection to end: at once where it waits for a request, else after its answer. One that has only just come
    /// may have sent its request already, and is left alone for the moment.
    pub fn finish(&self) {
        let mut state = self.state();
        let phase = state.phase;
        if matches!(phase, Phase::Silent | Phase::Head) && state.since.elapsed() < JUST_COME {
            return;
        }
        let close = phase.waits_for_a_request();
        let order = if close { Order::Close(Reason::Shutdown, phase) } else { Order::Finish };
        self.ask(&mut state, order);
    }

    fn ask(&self, state: &mut State, order: Order) {
        let repeated = match state.asked {
            None => false,
            Some(Order::Finish) => order == Order::Finish,
            Some(Order::Close(..)) => true,
        };
        if !repeated {
            (state.order, state.asked) = (Some(order), Some(order));
            self.ordered.notify_one();
        }
    }

    /// Waits for an order.
    pub async fn ordered(&self) -> Order {
        loop {
            if let Some(order) = self.state().order.take() {
                return order;
            }
            self.ordered.notified().await;
        }
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        (self.phase, self.since) = (phase, Instant::now());
    }
}
