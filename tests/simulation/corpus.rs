//! The inputs that fuzzing found worth keeping, and random changes of them: what `cargo fuzz` does, in small and on any
//! toolchain.

use std::fs;
use std::path::Path;

use super::chance::Chance;

/// What `fuzz/corpus/` keeps for a target.
pub fn inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("each target has a corpus").map(|entry| entry.expect("a file").path()).collect();
    // A seed means the same input everywhere.
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).expect("a file that can be read")).collect()
}

/// One of `inputs`, changed in a few places.
pub fn change(inputs: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut input = chance.pick(inputs);
    for _ in 0..=chance.below(4) {
        let at = chance.below(input.len() + 1);
        let end = (at + chance.below(16)).min(input.len());
        match chance.below(5) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => input.insert(at, chance.below(256) as u8),
            3 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            _ => {
                let other = chance.pick(inputs);
                let from = chance.below(other.len() + 1);
                input.splice(at..end, other[from..].iter().copied());
            }
        }
    }
    input
}
