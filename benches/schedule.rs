//! What the poll schedule of a single lookup costs, in virtual time: the package's own state machine, with what it learns and
//! with its jitter, on jobs of made-up lengths. Prints JSON for `benches/parts/schedule.mjs`. Seeded: the same each time.
//!
//! A lookup costs its polls, and 0.3 for each second between the end of the job and the poll that sees it.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may fail")]

use nyne_phone_finder::lookup::{Action, Budget, Event, Learning, Lookup, Moment, Operation, Plan};
use nyne_phone_finder::protocol::{Job, Reply, State};
use serde_json::{Value, json};

#[allow(dead_code, reason = "the simulation draws more kinds of numbers")]
#[path = "../tests/simulation/chance.rs"]
mod chance;

use chance::Chance;

/// What a ms of lateness costs, in polls.
const LATENESS: f64 = 0.3 / 1_000.0;
/// How many jobs a client sees.
const JOBS: usize = 600;
/// After so many it counts as having learned.
const LEARNED: usize = 200;
/// A point of a curve is the mean over so many jobs of each client.
const STEP: usize = 10;

/// A length in ms of the job that a client sees after so many others.
type Lengths = fn(&mut Chance, usize) -> f64;

const LONG: Lengths = |chance, _| chance.lognormal(35_000.0, 0.45);
const SHORT: Lengths = |chance, _| chance.lognormal(4_000.0, 0.6);
const MIXED: Lengths = |chance, job| if chance.likely(0.5) { LONG(chance, job) } else { SHORT(chance, job) };
const SHIFTING: Lengths = |chance, job| if job / LEARNED == 1 { SHORT(chance, job) } else { LONG(chance, job) };

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (draws, clients) = if quick { (20_000, 20) } else { (200_000, 400) };
    let optimum = |lengths| optimum(&mut drawn(lengths, draws));
    let [long, short, mixed] = [LONG, SHORT, MIXED].map(optimum);
    let distributions = [
        ("long", LONG, [long; 3]),
        ("short", SHORT, [short; 3]),
        ("mixed", MIXED, [mixed; 3]),
        ("shifting", SHIFTING, [long, short, long]),
    ];
    let found: Vec<Value> = distributions
        .into_iter()
        .map(|(name, lengths, optima)| {
            let curve = curve(lengths, clients);
            let drawn = drawn(lengths, draws);
            let fixed = |interval: f64| mean(&drawn, |length| fixed(length, interval));
            let mut chance = Chance::Seed(3);
            json!({
                "name": name,
                "every2s": fixed(2_000.0),
                "every5s": fixed(5_000.0),
                "before": mean(&drawn, |length| before(length, &mut chance)),
                "unlearned": mean(&drawn, |length| ours(length, &mut Learning::default(), &mut chance)),
                "learned": curve[LEARNED / STEP..].iter().sum::<f64>() / (curve.len() - LEARNED / STEP) as f64,
                "optimum": optima.iter().sum::<f64>() / optima.len() as f64,
                // Of the optimum for the jobs that come at that time.
                "curve": curve.iter().enumerate().map(|(step, cost)| json!({
                    "jobs": step * STEP + STEP / 2,
                    "ratio": cost / optima[step * STEP / LEARNED],
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    println!("{}", json!({ "learned": LEARNED, "jobs": JOBS, "clients": clients, "distributions": found }));
}

/// The lengths of so many jobs, as a client meets them one after another.
fn drawn(lengths: Lengths, count: usize) -> Vec<f64> {
    let mut chance = Chance::Seed(1);
    (0..count).map(|job| lengths(&mut chance, job % JOBS)).collect()
}

fn mean(lengths: &[f64], cost: impl FnMut(f64) -> f64) -> f64 {
    lengths.iter().copied().map(cost).sum::<f64>() / lengths.len() as f64
}

/// The costs of a lookup by the jobs that its client has seen, in means over clients and [`STEP`] jobs.
fn curve(lengths: Lengths, clients: usize) -> Vec<f64> {
    let mut costs = vec![0.0; JOBS / STEP];
    for client in 0..clients {
        let (mut chance, mut learning) = (Chance::Seed(1_000 + client as u64), Learning::default());
        for job in 0..JOBS {
            let length = lengths(&mut chance, job);
            costs[job / STEP] += ours(length, &mut learning, &mut chance) / (clients * STEP) as f64;
        }
    }
    costs
}

/// A lookup of the package, whose requests take no time.
fn ours(length: f64, learning: &mut Learning, chance: &mut Chance) -> f64 {
    let mut budget = Budget::default();
    let mut lookup = Lookup::new(Operation::Find, Plan::default(), None, 0.0);
    let (mut event, mut now, mut polls) = (Event::Start { age: None }, 0.0, 0);
    loop {
        let mut moment = Moment { now, random: chance.fraction(), budget: &mut budget, learning };
        event = match lookup.on(event, &mut moment).action {
            Action::Claim => Event::Claimed { was_free: true },
            Action::Submit => reply(false),
            Action::Poll => {
                polls += 1;
                reply(now >= length)
            }
            Action::Wait => {
                now = lookup.due();
                Event::Tick
            }
            Action::Settle(result) => {
                assert!(result.is_ok(), "a lookup failed");
                return f64::from(polls) + LATENESS * (now - length);
            }
        };
    }
}

/// The reply of the simulated service.
fn reply(done: bool) -> Event<Value> {
    let state = if done { State::Completed { mobile: None, completed_on: None } } else { State::Pending };
    let job = Job { id: Some("a1".into()), status: "processing".into(), state, data: Value::Null };
    Event::Reply { reply: Reply::Job(job), wait: None }
}

/// Polls at fixed intervals.
fn fixed(length: f64, interval: f64) -> f64 {
    let polls = (length / interval).ceil().max(1.0);
    polls + LATENESS * (polls * interval - length)
}

/// The package's schedule before it learned: after 3 s, then after a third of the time waited, between 3 and 15 s.
fn before(length: f64, chance: &mut Chance) -> f64 {
    let (mut age, mut polls) = (3_000.0 * (1.0 + 0.2 * chance.fraction()), 1.0);
    while age < length {
        age += (age / 3.0).clamp(3_000.0, 15_000.0) * (1.0 - 0.2 * chance.fraction());
        polls += 1.0;
    }
    polls + LATENESS * (age - length)
}

/// The least that any schedule costs if it knows how long jobs take: optimal inspection by Barlow and Proschan, found by
/// dynamic programming over the times at which to poll.
fn optimum(lengths: &mut [f64]) -> f64 {
    const GRID: f64 = 100.0;
    const LONGEST_WAIT: usize = 600;
    lengths.sort_by(f64::total_cmp);
    let last = (lengths[lengths.len() - 1] / GRID).ceil() as usize;
    // How many jobs have ended by each time, and the sum of their lengths.
    let (mut ended, mut sums) = (Vec::new(), Vec::new());
    let (mut count, mut sum) = (0, 0.0);
    for time in 0..=last {
        while count < lengths.len() && lengths[count] <= time as f64 * GRID {
            sum += lengths[count];
            count += 1;
        }
        ended.push(count as f64);
        sums.push(sum);
    }
    // The expected cost of the polls that follow one at each time.
    let mut costs = vec![0.0; last + 1];
    for from in (0..last).rev() {
        let running = ended[last] - ended[from];
        costs[from] = (from + 1..=last.min(from + LONGEST_WAIT))
            .map(|to| {
                let late = (ended[to] - ended[from]) * to as f64 * GRID - (sums[to] - sums[from]);
                running + LATENESS * late + costs[to]
            })
            .fold(f64::INFINITY, f64::min);
    }
    costs[0] / lengths.len() as f64
}
