//! The pure core in virtual time: lookups of generated callers meet a generated server, and [`rules`] judges every step.
//!
//! A broken rule prints the seed it was found with. `SIMULATION_SEED=… cargo test --test simulation` runs that one again;
//! `SIMULATION_LOOKUPS=…` sets how many lookups there are to be.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod batch;
mod chance;
mod corpus;
mod durable;
mod http;
mod plan;
mod rules;
mod server;
mod storm;
mod targets;
mod world;

use std::collections::HashMap;
use std::env;
use std::sync::Mutex;
use std::thread;

use batch::Batch;
use chance::Chance;
use durable::Ending;
use nyne_phone_finder::lookup::Limits;
use nyne_phone_finder::protocol::Submitted;
use world::Endings;

#[test]
fn one_hundred_thousand_lookups_keep_the_rules() {
    let endings = Mutex::new(Endings::new());
    each_seed("lookups", wanted(), |seed| {
        let ended = world::run(Chance::Seed(seed));
        let mut endings = endings.lock().expect("no other world broke a rule");
        let count = ended.values().sum();
        for (ending, count) in ended {
            *endings.entry(ending).or_default() += count;
        }
        count
    });

    let endings = endings.into_inner().expect("no world broke a rule");
    println!("{} lookups settled:", endings.values().sum::<usize>());
    for (ending, count) in &endings {
        println!("{count:>9} {ending}");
    }
    if env::var_os("SIMULATION_SEED").is_none() {
        for ending in EVERY_ENDING {
            assert!(endings.contains_key(ending), "no lookup ended with {ending}: its rules were not tested");
        }
        assert_eq!(endings.len(), EVERY_ENDING.len(), "an ending that no server and no client has");
    }
}

#[test]
fn events_in_any_order_keep_the_rules() {
    each_seed("events", wanted() / 5, |seed| {
        storm::run(Chance::Seed(seed));
        1
    });
}

#[test]
fn a_lookup_that_is_interrupted_anywhere_makes_one_job_at_most() {
    let endings = Mutex::new(HashMap::new());
    each_seed("interrupted", wanted() / 5, |seed| {
        *endings
            .lock()
            .expect("no other lookup broke a promise")
            .entry(durable::run(Chance::Seed(seed)))
            .or_insert(0) += 1;
        1
    });
    let endings = endings.into_inner().expect("no lookup broke a promise");
    println!("{endings:?}");
    if env::var_os("SIMULATION_SEED").is_none() {
        let all = [Submitted::No, Submitted::Yes, Submitted::Unknown].map(Ending::Failed);
        assert!(all.iter().chain([&Ending::Completed]).all(|ending| endings.contains_key(ending)), "{endings:?}");
    }
}

/// 42.7 lookups a minute were the most that a search by simulation found for jobs like these, and 462 an hour.
#[test]
fn a_batch_makes_the_most_of_the_limits() {
    let jobs = |chance: &mut Chance| chance.lognormal(35_000.0, 0.45);
    for seed in 0..3 {
        let limits = Limits { per_minute: 100, per_hour: usize::MAX, at_once: 6 };
        let minute = batch::run(&Batch { people: 1_000, concurrency: 64, limits, lengths: jobs }, Chance::Seed(seed));
        let limits = Limits { per_minute: 100, per_hour: 1_000, at_once: 6 };
        let hour = batch::run(&Batch { people: 1_500, concurrency: 64, limits, lengths: jobs }, Chance::Seed(seed));
        let a_minute = minute.found_within(120_000.0, 1_200_000.0) as f64 / 20.0;
        let an_hour = hour.found_within(0.0, 7_200_000.0) as f64 / 2.0;
        let slowest = |outcomes: &batch::Outcomes| outcomes.took.iter().copied().fold(0.0, f64::max) / 1000.0;
        println!(
            "{a_minute} a minute, {:.2} polls, slowest {:.0} s; {an_hour} an hour, {:.2} polls, slowest {:.0} s",
            minute.polls as f64 / 1_000.0,
            slowest(&minute),
            hour.polls as f64 / 1_500.0,
            slowest(&hour),
        );
        assert_eq!((minute.failed, hour.failed), (0, 0), "no lookup is lost");
        assert!(minute.most_within(60_000.0) <= 100 && hour.most_within(60_000.0) <= 100, "too many in a minute");
        assert!(hour.most_within(3_600_000.0) <= 1_000, "too many in an hour");
        assert!(a_minute >= 42.0 && an_hour >= 450.0, "{a_minute} a minute, {an_hour} an hour");
    }
}

#[test]
fn the_smallest_limits_let_everybody_through() {
    let lengths = |chance: &mut Chance| chance.lognormal(4_000.0, 0.6);
    for (per_minute, per_hour) in [(1, usize::MAX), (2, usize::MAX), (5, usize::MAX), (100, 3), (100, 8)] {
        let limits = Limits { per_minute, per_hour, at_once: 6 };
        let outcomes = batch::run(&Batch { people: 20, concurrency: 8, limits, lengths }, Chance::Seed(7));
        assert_eq!(outcomes.failed, 0, "{limits:?}: {outcomes:?}");
    }
}

/// What is learned from polls that come late must not make later ones later still.
#[test]
fn a_long_batch_stays_as_fast_as_it_was_and_loses_nobody() {
    let lengths = |chance: &mut Chance| chance.lognormal(35_000.0, 0.45);
    let people = 4_000;
    for per_hour in [usize::MAX, 1_000] {
        let limits = Limits { per_minute: 100, per_hour, at_once: 6 };
        let outcomes = batch::run(&Batch { people, concurrency: 64, limits, lengths }, Chance::Seed(7));
        let mean = |took: &[f64]| took.iter().sum::<f64>() / took.len() as f64 / 1000.0;
        let (first, last) = (mean(&outcomes.took[500..1_000]), mean(&outcomes.took[people - 1_000..people - 500]));
        println!("{first:.0} s each, later {last:.0} s; {} polls", outcomes.polls);
        assert_eq!(outcomes.failed, 0, "a lookup is lost");
        assert!(last < first * 1.15, "{first} s each, later {last} s");
    }
}

#[test]
fn kept_fuzz_inputs_keep_the_rules() {
    for (name, target) in targets::ALL {
        corpus::inputs(name).iter().for_each(|input| target(input));
    }
}

#[test]
fn changed_fuzz_inputs_keep_the_rules() {
    for (name, target) in targets::ALL {
        let inputs = corpus::inputs(name);
        each_seed("changed_fuzz_inputs", wanted() / 5, |seed| {
            target(&corpus::change(&inputs, &mut Chance::Seed(seed)));
            1
        });
    }
}

const EVERY_ENDING: [&str; 22] = [
    "a_code_nobody_knows",
    "aborted",
    "client_fault",
    "http_error",
    "insufficient_credits",
    "internal_error",
    "invalid_api_key",
    "invalid_credentials",
    "invalid_request",
    "invalid_response",
    "ip_not_allowed",
    "job_failed",
    "missing_parameters",
    "network_error",
    "poll_budget_exhausted",
    "rate_limit_exceeded",
    "request_not_found",
    "service_unavailable",
    "submit_outcome_unknown",
    "subscription_required",
    "success",
    "timeout",
];

/// How many lookups there are to be. Smaller tests go by it too.
fn wanted() -> usize {
    number("SIMULATION_LOOKUPS").unwrap_or(100_000)
}

/// The number in an environment variable, if there is one.
fn number(name: &str) -> Option<usize> {
    env::var(name).ok().map(|text| text.parse().expect("SIMULATION_SEED and SIMULATION_LOOKUPS are numbers"))
}

/// Runs `run`, which tells how many lookups it tried, on one seed after another until there were enough, on all processors.
fn each_seed(test: &str, lookups: usize, run: impl Fn(u64) -> usize + Sync) {
    if let Some(seed) = number("SIMULATION_SEED") {
        run(seed as u64);
        return;
    }
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for worker in 0..workers {
            let run = &run;
            scope.spawn(move || {
                let mut done = 0;
                for seed in (worker as u64..).step_by(workers) {
                    let _hint = Hint { test, seed };
                    done += run(seed);
                    if done * workers >= lookups {
                        break;
                    }
                }
            });
        }
    });
}

/// Tells how to see a failure again.
struct Hint<'a> {
    test: &'a str,
    seed: u64,
}

impl Drop for Hint<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("To see it again: SIMULATION_SEED={} cargo test --test simulation {}", self.seed, self.test);
        }
    }
}
