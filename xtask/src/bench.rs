//! `cargo xtask bench`: measures the packed package beside its peers and writes docs/performance.md. benches/ does the
//! measuring.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::build::{self, Purpose};
use crate::emulator::Emulator;
use crate::{alone, pack, process, relative, root, setup, stamp};

/// Each is a file of benches/parts/ and a section of docs/performance.md.
const PARTS: [&str; 7] = ["cpu", "size", "start", "memory", "scale", "native", "schedule"];
/// Takes minutes, and so runs only when it is named.
const BATCH: &str = "batch";
/// Is printed only, and runs only when it is named.
const PROFILE: &str = "profile";

#[derive(Args)]
pub struct Options {
    /// What to measure; all but `batch`, which takes five minutes, and `profile` when nothing is named
    #[arg(value_parser = PossibleValuesParser::new(PARTS.into_iter().chain([BATCH, PROFILE])))]
    parts: Vec<String>,
    /// Measure for a moment, print what comes of it and write nothing
    #[arg(long)]
    quick: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let project = root().join("target/bench");
    pack::pack_and_install(Purpose::Publishing, &project)?;
    let named = project.join("named");
    alone(|| build::named_package(&named))?;
    // A copy inside the project, since Node looks for the package from where the script lies.
    let benches = project.join("benches");
    alone(|| copy_scripts(&root().join("benches"), &benches).and_then(|()| install_peers(&benches)))?;

    let parts = if options.parts.is_empty() { PARTS.map(String::from).to_vec() } else { options.parts.clone() };
    let mut node = Command::new(setup::node_for_tests()?);
    node.arg("main.mjs").args(options.quick.then_some("--quick")).arg(root()).args(&parts);
    let emulator = parts.iter().any(|part| part == BATCH).then(|| Emulator::start(&[])).transpose()?;
    node.envs(emulator.as_ref().map(|emulator| ("EMULATOR", &emulator.address)));
    node.env("NAMED", named).env("CHROMIUM", setup::chromium()?);
    process::run(node.current_dir(&benches))?;
    if !options.quick && parts.iter().any(|part| part != PROFILE) {
        println!("\nWrote {}", relative(&root().join("docs/performance.md")));
    }
    Ok(())
}

/// Everything but what npm installs.
fn copy_scripts(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", relative(from)))? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_name() == "node_modules" {
            continue;
        } else if entry.file_type()?.is_dir() {
            copy_scripts(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

fn install_peers(benches: &Path) -> Result<()> {
    stamp::unless_unchanged(&benches.join("node_modules/.lock-hash"), &[&benches.join("package-lock.json")], || {
        println!("Installing the peers of benches/package-lock.json (npm ci)");
        process::run(setup::npm().arg("ci").args(["--loglevel", "error"]).current_dir(benches))
    })
}
