//! Learns from finished jobs when a poll is worth making.
//!
//! How long a job took is known only as the interval between two polls: the last that saw it running, and the one that saw
//! it finished. Within that interval every time counts as equally likely.

/// How many jobs are remembered: enough to tell how their lengths spread, and few enough to notice soon when that changes.
const JOBS: usize = 64;
/// Nothing is concluded from fewer.
const FEWEST: usize = 8;
/// What a ms of lateness costs, in polls: a poll is worth making if it brings a result three seconds earlier.
const LATENESS: f64 = 0.3 / 1_000.0;
/// Before anything is known, half of the jobs count as finished after so many ms, and of the rest half after three times as
/// many, and so on.
const GUESS: f64 = 20_000.0;

/// When the last jobs ended, in ms after their submits: between two polls. The newest is the last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learning {
    jobs: Vec<(f64, f64)>,
}

impl Learning {
    /// Remembers a job that a poll saw running `running` ms after its submit, and another one finished `finished` ms after it.
    pub fn remember(&mut self, running: f64, finished: f64) {
        if self.jobs.len() == JOBS {
            self.jobs.remove(0);
        }
        let finished = finished.max(1.0);
        self.jobs.push((running.clamp(0.0, finished), finished));
    }

    /// How long to wait until the next poll of a job that runs `age` ms after its submit, at least `shortest`: so that the
    /// polls and the lateness of the result together cost the least. `None` if too little is known of jobs that long.
    ///
    /// If each poll were as likely to be the last one as the next is, this would be the optimum. On real lengths it costs
    /// some 6 % more than that.
    pub fn wait(&self, age: f64, shortest: f64) -> Option<f64> {
        if self.jobs.len() < FEWEST {
            return None;
        }
        let running: f64 = self.jobs.iter().map(|job| share(job, age, f64::INFINITY)).sum();
        let mut best = None;
        let mut least = f64::INFINITY;
        for (_, end) in &self.jobs {
            if end - age < shortest {
                continue;
            }
            let (mut ended, mut late) = (0.0, 0.0);
            for job in &self.jobs {
                let share = share(job, age, *end);
                // On average they end halfway through their part of the interval.
                ended += share;
                late += share * (end - (job.0.max(age) + job.1.min(*end)) / 2.0);
            }
            // One more, which ends later than all that are known.
            let cost = (running + 1.0 + LATENESS * late) / ended;
            if ended > 0.0 && cost < least {
                (best, least) = (Some(end - age), cost);
            }
        }
        best
    }

    /// How likely it is that a job which a poll saw running `seen` ms after its submit has ended `age` ms after it.
    pub fn ended(&self, seen: f64, age: f64) -> f64 {
        let guess = |age: f64| GUESS / (GUESS + age);
        let shares = |until| self.jobs.iter().map(|job| share(job, seen, until)).sum::<f64>();
        (guess(seen) - guess(age) + shares(age)) / (guess(seen) + shares(f64::INFINITY))
    }
}

/// How likely it is that a job which ended within an interval did so after `from` and by `until`.
fn share((start, end): &(f64, f64), from: f64, until: f64) -> f64 {
    if end <= start {
        return f64::from(u8::from(*end > from && *end <= until));
    }
    ((end.min(until) - start.max(from)) / (end - start)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(jobs: impl IntoIterator<Item = (f64, f64)>) -> Learning {
        let mut learning = Learning::default();
        jobs.into_iter().for_each(|(running, finished)| learning.remember(running, finished));
        learning
    }

    #[test]
    fn nothing_is_concluded_from_too_few_jobs() {
        assert_eq!(Learning::default().wait(0.0, 1.0), None);
        assert_eq!(learned([(8_000.0, 10_000.0); 7]).wait(0.0, 1.0), None);
        assert_eq!(learned([(8_000.0, 10_000.0); 8]).wait(0.0, 1.0), Some(10_000.0));
    }

    #[test]
    fn jobs_of_one_length_are_polled_when_they_end() {
        let learning = learned([(8_000.0, 10_000.0); 64]);
        assert_eq!(learning.wait(4_000.0, 1.0), Some(6_000.0));
        assert_eq!(learning.wait(9_000.0, 1.0), Some(1_000.0));
        // It is later than they ever ended, or would be.
        assert_eq!(learning.wait(10_000.0, 1.0), None);
        assert_eq!(learning.wait(9_000.0, 1_001.0), None);
    }

    #[test]
    fn a_poll_for_the_short_jobs_is_worth_it_before_the_one_for_the_long() {
        let mixed = (0..64).map(|n| if n % 2 == 0 { (2_000.0, 4_000.0) } else { (35_000.0, 40_000.0) });
        let learning = learned(mixed);
        assert_eq!(learning.wait(0.0, 1.0), Some(4_000.0));
        assert_eq!(learning.wait(4_000.0, 1.0), Some(36_000.0));
    }

    #[test]
    fn only_the_last_64_jobs_count() {
        let mut learning = learned([(1_000.0, 2_000.0); 200]);
        (0..64).for_each(|_| learning.remember(50_000.0, 60_000.0));
        assert_eq!(learning.wait(0.0, 1.0), Some(60_000.0));
    }

    #[test]
    fn a_job_that_took_no_time_still_counts() {
        assert_eq!(learned([(0.0, 0.0); 8]).wait(0.0, 0.5), Some(1.0));
        assert_eq!(learned([(9.0, -5.0); 8]).wait(0.0, 0.5), Some(1.0));
    }

    #[test]
    fn the_longer_a_job_runs_the_likelier_it_has_ended() {
        let unknown = Learning::default();
        assert_eq!(unknown.ended(0.0, 0.0), 0.0);
        assert_eq!(unknown.ended(0.0, 20_000.0), 0.5);
        assert_eq!(unknown.ended(20_000.0, 60_000.0), 0.5);
        let learning = learned([(30_000.0, 40_000.0); 63]);
        assert!(learning.ended(0.0, 29_000.0) < 0.02);
        assert!((learning.ended(0.0, 35_000.0) - 0.5).abs() < 0.01);
        assert!(learning.ended(0.0, 40_000.0) > 0.98);
        assert!((learning.ended(35_000.0, 37_500.0) - 0.5).abs() < 0.02);
    }
}
