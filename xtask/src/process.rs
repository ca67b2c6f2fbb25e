//! Child processes. None outlives xtask: see [`stop_children_on_signal`] and [`Background`].

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use shared_child::SharedChild;
#[cfg(unix)]
use shared_child::unix::SharedChildExt;

static RUNNING: Mutex<Vec<Arc<SharedChild>>> = Mutex::new(Vec::new());

/// On Ctrl-C or a request to terminate, stops every child, then xtask itself.
pub fn stop_children_on_signal() -> Result<()> {
    ctrlc::set_handler(|| {
        for child in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            terminate(child);
        }
        std::process::exit(130);
    })
    .context("cannot watch for Ctrl-C")
}

/// The cargo that runs xtask, without what that has set for xtask itself: build scripts that read it, such as ring's, would run again,
/// and all that depends on them be compiled again, each time that cargo is called from the one place and then from the other.
pub fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs a command to its end. It is an error when the command fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    ensure!(status.success(), "{} failed ({status})", name(command));
    Ok(())
}

/// Runs a command to its end and says how it ended.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    Ok(Background::start(command)?.child.wait()?)
}

/// Runs a command to its end, or asks it to end once it has run for `limit`, and says how it ended.
pub fn status_within(limit: Duration, command: &mut Command) -> Result<ExitStatus> {
    let running = Background::start(command)?;
    if let Some(status) = running.child.wait_timeout(limit)? {
        return Ok(status);
    }
    eprintln!("{} has run for {} minutes: stopping it", name(command), limit.as_secs() / 60);
    terminate(&running.child);
    running.child.wait_timeout(Duration::from_secs(10))?.with_context(|| format!("{} does not stop", name(command)))
}

/// Runs a command to its end, showing its output and giving each line of it to `observe`.
pub fn observe(command: &mut Command, mut observe: impl FnMut(&str)) -> Result<ExitStatus> {
    let running = Background::start(command.stdout(Stdio::piped()))?;
    for line in running.output()?.lines() {
        let line = line?;
        println!("{line}");
        observe(&line);
    }
    Ok(running.child.wait()?)
}

/// Runs a command to its end and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let running = Background::start(command.stdout(Stdio::piped()))?;
    let text = std::io::read_to_string(running.output()?)?;
    let status = running.child.wait()?;
    ensure!(status.success(), "{} failed ({status})", name(command));
    Ok(text)
}

/// A running child, which is stopped when this is dropped.
#[must_use = "dropping it stops the child"]
pub struct Background {
    child: Arc<SharedChild>,
}

impl Background {
    pub fn start(command: &mut Command) -> Result<Self> {
        // Nothing here asks questions: a child that would read the terminal must see its end instead.
        command.stdin(Stdio::null());
        let child = SharedChild::spawn(command).with_context(|| format!("cannot start {}", name(command)))?;
        let child = Arc::new(child);
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&child));
        Ok(Self { child })
    }

    /// What the child prints, when its standard output is piped.
    pub fn output(&self) -> Result<BufReader<ChildStdout>> {
        self.child.take_stdout().map(BufReader::new).context("the child's output is not piped")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|child| !Arc::ptr_eq(child, &self.child));
        // Both fail only when the child has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Unlike a kill, this lets Node's test runner report and stop its own children.
fn terminate(child: &SharedChild) {
    /// The same number on every Unix.
    #[cfg(unix)]
    const SIGTERM: i32 = 15;
    // Both fail only when the child has ended already.
    #[cfg(unix)]
    let _ = child.send_signal(SIGTERM);
    #[cfg(not(unix))]
    let _ = child.kill();
}

fn name(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args().take(2))
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
