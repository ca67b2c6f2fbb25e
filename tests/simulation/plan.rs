//! What a caller may ask for, sensible or not.

use nyne_phone_finder::lookup::{Limits, Plan, Schedule};

use super::chance::Chance;

pub fn plan(chance: &mut Chance) -> Plan {
    let mut some = |usual: f64, least: f64, most: f64| match chance.below(8) {
        0..4 => usual,
        4 => least,
        5 => f64::INFINITY,
        _ => chance.magnitude(least.max(1.0), most).floor(),
    };
    Plan {
        timeout: some(300_000.0, 1.0, 1e8),
        request_timeout: some(15_000.0, 1.0, 1e6),
        // Infinity becomes the number that stands for no limit.
        max_retries: some(5.0, 0.0, 50.0) as u32,
        max_polls: some(f64::INFINITY, 1.0, 100.0) as u32,
        // The limits have a simulation of their own.
        limits: Limits { per_minute: usize::MAX, per_hour: usize::MAX, at_once: usize::MAX },
        // As have claims.
        claims: false,
        patient: false,
        schedule: Schedule {
            first_delay: some(6_000.0, 1.0, 1e6).min(1e7),
            max_delay: some(15_000.0, 1.0, 1e6),
            max_first: some(f64::INFINITY, 1.0, 1e6),
        },
    }
}
