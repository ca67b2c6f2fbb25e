//! `cargo xtask`: everything this project does on a developer's machine or in CI.
//!
//! Each command installs what it needs, says so, and is quick when run again.

mod bench;
mod build;
mod demo;
mod emulator;
mod pack;
mod page;
mod pictures;
mod process;
mod setup;
mod stamp;
mod test;
mod toolchain;

use std::fs::{self, File};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use build::Purpose;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, demonstrates, tests and packs nyne-phone-finder.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the npm package's folder in target/npm/package
    Build,
    /// Build, then pack the npm tarball into target/npm and list what it holds
    Pack,
    /// Find a number with the packed package in Node, then serve the page until Ctrl-C
    Demo(demo::Options),
    /// Test everything, or only the areas named
    Test {
        /// native, lint, or a folder of tests/; all when none is named
        areas: Vec<String>,
    },
    /// Measure the package beside its peers and write docs/performance.md
    Bench(bench::Options),
    /// Take the pictures of the READMEs anew, into docs/pictures
    Pictures,
    /// Install what the other commands install when they need it
    Setup,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match process::stop_children_on_signal().and_then(|()| run(cli.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Build => println!("Built {}", relative(&alone(|| build::build(Purpose::Publishing))?)),
        Command::Pack => alone(|| pack::list(&pack::pack(Purpose::Publishing)?))?,
        Command::Demo(options) => demo::run(&options)?,
        Command::Test { areas } => return test::run(&areas),
        Command::Bench(options) => bench::run(&options)?,
        Command::Pictures => pictures::run()?,
        Command::Setup => alone(setup::everything)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The version of the workspace, which the npm package carries too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The repository's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

/// A path as the user would write it, for messages.
fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Does `work` while no other xtask in this checkout writes to target/ or node_modules. Not to be nested.
fn alone<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let target = root().join("target");
    fs::create_dir_all(&target)?;
    let mut lock = fd_lock::RwLock::new(File::create(target.join("xtask.lock"))?);
    if lock.try_write().is_err() {
        println!("Waiting for another cargo xtask in this checkout");
    }
    let _held = lock.write()?;
    work()
}
