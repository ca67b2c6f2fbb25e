//! Learns from finished jobs when to poll the next one first.

/// How many jobs are remembered.
const JOBS: usize = 8;
/// The share of the shortest remembered job before which no poll is worth making. Below one, since a duration is only
/// known from the poll that saw the end, which comes late: so a shorter job is found out and remembered in turn.
const SHARE: f64 = 0.8;

/// The lengths of the last jobs, in ms. Polls before the shortest of them would most likely come too early.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Learning {
    /// The newest last; 0 where there is none yet.
    durations: [f64; JOBS],
}

impl Learning {
    /// Remembers a job that took `duration` ms from submit to the poll that saw it finished.
    pub fn remember(&mut self, duration: f64) {
        self.durations.rotate_left(1);
        if let Some(last) = self.durations.last_mut() {
            *last = duration.max(1.0);
        }
    }

    /// How long a job should be left alone at first, in ms; 0 as long as too little is known.
    pub fn first_delay(&self) -> f64 {
        if self.durations.contains(&0.0) {
            return 0.0;
        }
        self.durations.iter().fold(f64::INFINITY, |shortest, duration| shortest.min(*duration)) * SHARE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(durations: impl IntoIterator<Item = f64>) -> Learning {
        let mut learning = Learning::default();
        durations.into_iter().for_each(|duration| learning.remember(duration));
        learning
    }

    #[test]
    fn nothing_is_concluded_from_too_few_jobs() {
        assert_eq!(Learning::default().first_delay(), 0.0);
        assert_eq!(learned([10_000.0; 7]).first_delay(), 0.0);
        assert_eq!(learned([10_000.0; 8]).first_delay(), 8_000.0);
    }

    #[test]
    fn the_shortest_of_the_last_eight_jobs_counts() {
        let durations = [5_000.0, 90_000.0, 80_000.0, 70_000.0, 60_000.0, 50_000.0, 40_000.0, 30_000.0];
        assert_eq!(learned(durations).first_delay(), 4_000.0);
        assert_eq!(learned(durations.into_iter().chain([95_000.0])).first_delay(), 24_000.0);
    }

    #[test]
    fn a_job_that_took_no_time_still_counts_as_one() {
        assert_eq!(learned([0.0; 8]).first_delay(), 0.8);
        assert_eq!(learned([-5.0; 8]).first_delay(), 0.8);
    }
}
