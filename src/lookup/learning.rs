//! What finished jobs teach about the next one.

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
    /// The number of values in [`Learning::save`].
    pub const SIZE: usize = JOBS;

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

    /// As plain numbers.
    pub fn save(&self) -> [f64; Self::SIZE] {
        self.durations
    }

    /// The opposite of [`Learning::save`].
    pub fn restore(durations: [f64; Self::SIZE]) -> Learning {
        Learning { durations }
    }
}
