//! Which request goes next, under the limits of the service.
//!
//! Nyne counts submits and polls together, by the minute and by the hour. A submit is worth nothing without the poll that
//! fetches its number, and a poll that comes too early is lost. So of all that could be sent, a poll that most likely finds
//! its job finished goes first, then the next submit, and only as many jobs are submitted as can be polled soon.

use std::collections::VecDeque;

use super::learning::Learning;

/// How many requests the service admits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// In any minute; `usize::MAX` for no limit.
    pub per_minute: usize,
    /// In any hour; `usize::MAX` for no limit.
    pub per_hour: usize,
    /// At once; `usize::MAX` for no limit.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { per_minute: 100, per_hour: 1_000, at_once: usize::MAX }
    }
}

impl Limits {
    /// Each limit, and the span in ms within which it holds.
    fn windows(&self) -> [(usize, f64); 2] {
        [(self.per_minute, 60_000.0), (self.per_hour, 3_600_000.0)]
    }
}

/// What a call wants to send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Want {
    /// A submit whose job must be able to be polled within so many ms.
    Submit {
        /// In ms.
        within: f64,
    },
    /// A poll of a job that was submitted at `submitted`, and last seen running at `seen`. It must come by `last`.
    Poll {
        /// In the time of [`Budget::give`].
        submitted: f64,
        /// In the same time.
        seen: f64,
        /// In the same time.
        last: f64,
    },
}

/// A place in the queue.
pub type Ticket = u64;

/// Who may send.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    /// The holder of this ticket, now.
    Of(Ticket),
    /// Nobody before this time; infinite until a request ends or another call queues.
    After(f64),
}

/// A poll that is as likely as this to find its job finished goes before a submit, and one that is not waits while there are
/// submits to make.
const LIKELY: f64 = 0.8;
/// So does a poll of a job that was last seen so many ms ago, or one that takes longer than all that are known would starve.
const LONGEST_UNSEEN: f64 = 60_000.0;
/// After how many ms to look whether a poll has become likely.
const AGAIN: f64 = 1_000.0;
/// How many requests are kept back for each job that runs.
const RESERVE: usize = 2;
/// How many more are kept back, for jobs that take more polls: the last ones before a limit is used up have no others to borrow
/// from.
const SPARE: usize = 4;
/// Within how many ms those must be possible, at most.
const SOON: f64 = 90_000.0;

/// The requests of one client: those that the service has counted, those under way, and those that wait for their turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Until when no request should be sent, in the time of [`Budget::give`]: the service said so to one of the calls.
    pub pause: f64,
    /// When the last requests ended. The service has counted each by then, so its window cannot end later.
    ended: VecDeque<f64>,
    /// How many of those can matter: the highest limit that was asked for.
    most: usize,
    open: usize,
    /// Jobs that run and will be polled.
    running: usize,
    queue: Vec<(Ticket, Want, Limits)>,
    /// Turns that were given and not used yet. They count as open.
    given: Vec<Ticket>,
    tickets: Ticket,
}

impl Budget {
    /// Asks for a turn.
    pub fn queue(&mut self, want: Want, limits: Limits) -> Ticket {
        self.keep(limits);
        self.tickets += 1;
        self.queue.push((self.tickets, want, limits));
        self.tickets
    }

    /// Gives a turn back, whether it has come or not.
    pub fn leave(&mut self, ticket: Ticket) {
        self.queue.retain(|(other, ..)| *other != ticket);
        if self.claim(ticket) {
            self.open -= 1;
        }
    }

    /// Counts a request that begins without a turn.
    pub fn begin(&mut self, limits: Limits) {
        self.keep(limits);
        self.open += 1;
    }

    fn keep(&mut self, limits: Limits) {
        for (limit, _) in limits.windows() {
            if limit < usize::MAX {
                self.most = self.most.max(limit);
            }
        }
    }

    /// A request is over, whatever came of it.
    pub fn end(&mut self, now: f64) {
        self.open -= 1;
        self.ended.push_back(now);
        while self.ended.len() > self.most || self.ended.front().is_some_and(|ended| now - ended > 3_600_000.0) {
            self.ended.pop_front();
        }
    }

    /// A job runs from now on, and will be polled; or no longer, if `runs` is false.
    pub fn job(&mut self, runs: bool) {
        if runs { self.running += 1 } else { self.running -= 1 }
    }

    /// Gives turns to those who may send now, the best first. Each begins with [`Budget::claim`].
    pub fn give(&mut self, now: f64, learning: &Learning) {
        while let Turn::Of(ticket) = self.next(now, learning) {
            self.queue.retain(|(other, ..)| *other != ticket);
            self.given.push(ticket);
            self.open += 1;
        }
    }

    /// How many requests are under way, and how many calls wait for their turn.
    pub fn busy(&self) -> (usize, usize) {
        (self.open, self.queue.len())
    }

    /// The turns that were given and are not claimed yet.
    pub fn given(&self) -> &[Ticket] {
        &self.given
    }

    /// Begins a request, if it is the turn of `ticket`.
    pub fn claim(&mut self, ticket: Ticket) -> bool {
        let place = self.given.iter().position(|other| *other == ticket);
        place.map(|place| self.given.swap_remove(place)).is_some()
    }

    /// When to call [`Budget::give`] for the holder of `ticket`; infinite for not until a request ends. Whenever one has, the
    /// first in the queue must ask again.
    pub fn look_at(&self, ticket: Ticket, now: f64, learning: &Learning) -> f64 {
        let place = self.queue.iter().position(|(other, ..)| *other == ticket);
        match (place.and_then(|place| Some((place, self.queue.get(place)?))), self.next(now, learning)) {
            // All who wait should not look at the same time.
            (Some((place, (_, want, limits))), Turn::After(time)) => {
                // A poll may go before those that came earlier.
                let before = if matches!(want, Want::Submit { .. }) { place } else { 0 };
                time.max(self.free_at(limits, now, before + 1))
            }
            _ => now,
        }
    }

    fn next(&self, now: f64, learning: &Learning) -> Turn {
        if self.pause > now {
            return Turn::After(self.pause);
        }
        let submits = self.queue.iter().any(|(_, want, _)| matches!(want, Want::Submit { .. }));
        let mut best = None;
        let mut most = f64::NEG_INFINITY;
        let mut earliest = f64::INFINITY;
        for (ticket, want, limits) in &self.queue {
            if self.open >= limits.at_once {
                continue;
            }
            let free_at = match want {
                Want::Submit { within } => self.submit_at(limits, now, within.min(SOON)),
                Want::Poll { .. } => self.free_at(limits, now, 1),
            };
            if free_at > now {
                earliest = earliest.min(free_at);
                continue;
            }
            let worth = match want {
                // Of several, the first that came.
                Want::Submit { .. } => LIKELY,
                Want::Poll { seen, last, .. } if now >= last.min(seen + LONGEST_UNSEEN) => 1.0,
                Want::Poll { submitted, seen, .. } => learning.ended(seen - submitted, now - submitted),
            };
            if submits && worth < LIKELY {
                let last = if let Want::Poll { last, .. } = want { *last } else { f64::INFINITY };
                earliest = earliest.min(now + AGAIN).min(last);
            } else if worth > most {
                (best, most) = (Some(*ticket), worth);
            }
        }
        best.map_or(Turn::After(earliest), Turn::Of)
    }

    /// When a submit may go: its job, those that run, and those that the requests under way may make, must be able to be polled
    /// soon.
    fn submit_at(&self, limits: &Limits, now: f64, soon: f64) -> f64 {
        let jobs = self.running + self.open;
        // Alone it goes under the smallest limits, too, once all of their requests are free.
        let most = if jobs == 0 { limits.per_minute.min(limits.per_hour).max(1) } else { usize::MAX };
        let all = self.free_at(limits, now, (1 + SPARE + RESERVE * (jobs + 1)).min(most));
        if all <= now + soon { self.free_at(limits, now, 1) } else { all - soon }
    }

    /// When the `count`th request from now may go.
    fn free_at(&self, limits: &Limits, now: f64, count: usize) -> f64 {
        let free_at = |(limit, span): (usize, f64)| {
            // Whole spans that pass first, as no more than `limit` go in each.
            let (spans, rest) = ((count - 1) / limit, (count - 1) % limit + 1);
            let taken = self.ended.len() + self.open + rest;
            let freed = match taken.saturating_sub(limit) {
                0 => now,
                // One under way ends now at the earliest.
                freed => self.ended.get(freed - 1).map_or(now + span, |ended| ended + span).max(now),
            };
            freed + spans as f64 * span
        };
        let [minute, hour] = limits.windows().map(free_at);
        minute.max(hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(requests: usize, limits: Limits) -> Budget {
        let (mut budget, learning) = (Budget::default(), Learning::default());
        for request in 0..requests {
            let ticket = budget.queue(Want::Poll { submitted: 0.0, seen: 0.0, last: f64::INFINITY }, limits);
            budget.give(request as f64 * 60_000.0, &learning);
            assert!(budget.claim(ticket), "request {request} has no turn");
            budget.end(request as f64 * 60_000.0);
        }
        budget
    }

    #[test]
    fn no_more_requests_are_kept_than_the_limits_count() {
        let unlimited = Limits { per_minute: usize::MAX, per_hour: usize::MAX, at_once: usize::MAX };
        assert_eq!(after(50, unlimited).ended.len(), 0);
        assert_eq!(after(50, Limits { per_minute: 3, ..unlimited }).ended.len(), 3);
        assert_eq!(after(50, Limits::default()).ended.len(), 50);
        // An hour's, and the first of the next.
        assert_eq!(after(90, Limits::default()).ended.len(), 61);
    }

    #[test]
    fn the_next_looks_when_a_request_under_way_has_ended() {
        let (mut budget, learning) = (Budget::default(), Learning::default());
        let limits = Limits { per_minute: 1, per_hour: 10, at_once: 6 };
        let first = budget.queue(Want::Poll { submitted: 0.0, seen: 0.0, last: f64::INFINITY }, limits);
        budget.give(0.0, &learning);
        assert!(budget.claim(first));
        let second = budget.queue(Want::Poll { submitted: 0.0, seen: 0.0, last: f64::INFINITY }, limits);
        // The one under way ends now at the earliest.
        assert_eq!(budget.look_at(second, 0.0, &learning), 60_000.0);
        assert_eq!(budget.busy(), (1, 1));
        budget.end(200.0);
        assert_eq!(budget.busy(), (0, 1));
        assert_eq!(budget.look_at(second, 200.0, &learning), 60_200.0);
    }
}
