//! Where all that is random in a run comes from: a seed, or the bytes a fuzzer made up.

pub enum Chance<'a> {
    Seed(u64),
    /// Once they are used up, every draw is 0.
    Bytes(&'a [u8]),
}

impl Chance<'_> {
    /// Whether draws still differ: a run on bytes ends with them.
    pub fn is_left(&self) -> bool {
        match self {
            Chance::Seed(_) => true,
            Chance::Bytes(bytes) => !bytes.is_empty(),
        }
    }

    /// Takes as few bytes as will do, so that a fuzzer's change stays local.
    fn draw(&mut self, bytes_wanted: usize) -> u64 {
        match self {
            // SplitMix64.
            Chance::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                z ^ (z >> 31)
            }
            Chance::Bytes(bytes) => {
                let (now, later) = bytes.split_at(bytes_wanted.min(bytes.len()));
                *bytes = later;
                now.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
        }
    }

    /// A whole number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.draw(if end <= 256 { 1 } else { 4 }) % end as u64) as usize
    }

    /// A number in 0..1.
    pub fn fraction(&mut self) -> f64 {
        (self.draw(2) & 0xffff) as f64 / 65_536.0
    }

    pub fn likely(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let index = self.below(choices.len());
        choices[index].clone()
    }

    /// A number in `least..most`, each order of magnitude as likely as the next.
    pub fn magnitude(&mut self, least: f64, most: f64) -> f64 {
        least * (most / least).powf(self.fraction())
    }

    /// A number with the distribution of how long a job takes.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let (radius, angle) = ((-2.0 * (1.0 - self.fraction()).ln()).sqrt(), std::f64::consts::TAU * self.fraction());
        median * (sigma * radius * angle.cos()).exp()
    }
}
