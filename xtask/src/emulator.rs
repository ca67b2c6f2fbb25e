//! The emulator, run for as long as a demo or the tests need it.

use std::io::{self, BufRead};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};

use crate::process::{self, Background};
use crate::root;

/// The keys that it accepts: its own defaults, made sure of.
pub const API_KEY: &str = "nyne_live_emulator";
pub const API_SECRET: &str = "nyne_sec_emulator";

/// A running emulator, on a free port of this machine. It stops when this is dropped.
pub struct Emulator {
    /// `http://127.0.0.1:…`
    pub address: String,
    _process: Background,
}

impl Emulator {
    pub fn start(flags: &[&str]) -> Result<Self> {
        process::run(process::cargo().args(["build", "--quiet", "--package", "nyne-emulator"]).current_dir(root()))?;
        // Cargo puts it where it has put xtask.
        let program = std::env::current_exe()?.with_file_name(format!("nyne-emulator{}", std::env::consts::EXE_SUFFIX));
        let mut command = Command::new(program);
        command.args(["--port", "0", "--api-key", API_KEY, "--api-secret", API_SECRET]).args(flags);
        let process = Background::start(command.stdout(Stdio::piped()))?;
        let mut output = process.output()?;
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("nyne-emulator listening on ")
            .with_context(|| format!("the emulator did not start: it printed {line:?}"))?
            .to_owned();
        // Read on, so that the emulator never waits for a full pipe.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        Ok(Self { address, _process: process })
    }
}
