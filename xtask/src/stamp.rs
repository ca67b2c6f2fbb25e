//! Skipping a step whose inputs have not changed since it last succeeded.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use anyhow::{Context, Result};

/// Runs `step`, unless `stamp` says that it succeeded with these `inputs` before. A stamp inside the step's output
/// vanishes together with it.
pub fn unless_unchanged(stamp: &Path, inputs: &[&Path], step: impl FnOnce() -> Result<()>) -> Result<()> {
    let hash = hash(inputs)?;
    if fs::read_to_string(stamp).is_ok_and(|last| last == hash) {
        return Ok(());
    }
    let _ = fs::remove_file(stamp);
    step()?;
    fs::write(stamp, hash).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Not cryptographic, nor the same in every Rust version: a changed hash costs no more than running the step again.
fn hash(files: &[&Path]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
