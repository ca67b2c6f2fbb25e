//! The pure core in virtual time: lookups of generated callers meet a generated server, and [`rules`] judges every step.
//!
//! A broken rule prints the seed it was found with. `SIMULATION_SEED=… cargo test --test simulation` runs that one again;
//! `SIMULATION_LOOKUPS=…` sets how many lookups there are to be.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod chance;
mod corpus;
mod http;
mod plan;
mod rules;
mod server;
mod storm;
mod targets;
mod world;

use std::env;
use std::sync::Mutex;
use std::thread;

use chance::Chance;
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
