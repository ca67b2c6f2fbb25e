//! The Rust that compiles to wasm32: the user's own where that works, else Debian's.
//!
//! The standard library is compiled from its source where that is at hand: only so is it optimised for size and freed of
//! its panic messages, which makes the smallest module. Otherwise the prebuilt one serves.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::{process, root, setup};

pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

pub struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
    sysroot: PathBuf,
    /// Given only where rustc brings none.
    linker: Option<PathBuf>,
    std: Std,
}

enum Std {
    FromSource,
    Prebuilt,
}

pub fn find_or_install() -> Result<Toolchain> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if which::which("rustup").is_ok() {
        println!("Installing the {TARGET} standard library and its source (rustup)");
        // Without the source the prebuilt library does, and without either there may be Debian's: find() sees.
        for arguments in [["target", "add", TARGET], ["component", "add", "rust-src"]] {
            process::status(Command::new("rustup").args(arguments))?;
        }
        if let Some(found) = find() {
            return Ok(found);
        }
    }
    if setup::apt_install(&DEBIAN_PACKAGES)?
        && let Some(found) = find()
    {
        return Ok(found);
    }
    bail!(
        "no Rust here compiles to {TARGET}: run `rustup target add {TARGET}` and `rustup component add rust-src`, or \
         install Debian's packages {}, and run this again",
        DEBIAN_PACKAGES.join(" ")
    );
}

fn find() -> Option<Toolchain> {
    let own = Toolchain::inspect("cargo".into(), "rustc".into());
    // Debian's Rust, which rustup's hides in PATH.
    own.or_else(|| Toolchain::inspect("/usr/bin/cargo".into(), "/usr/bin/rustc".into()))
}

impl Toolchain {
    /// The toolchain, if it can compile to wasm32.
    fn inspect(cargo: PathBuf, rustc: PathBuf) -> Option<Self> {
        let sysroot = process::output(clean(&rustc).args(["--print", "sysroot"])).ok()?;
        let mut toolchain = Self { cargo, rustc, sysroot: sysroot.trim().into(), linker: None, std: Std::Prebuilt };
        toolchain.std = if toolchain.std_source().join("Cargo.lock").is_file() && toolchain.can_abort_immediately() {
            Std::FromSource
        } else if toolchain.sysroot.join("lib/rustlib").join(TARGET).is_dir() {
            Std::Prebuilt
        } else {
            return None;
        };
        if !toolchain.brings_linker() {
            toolchain.linker = Some(["wasm-ld", "wasm-ld-22"].iter().find_map(|name| which::which(name).ok())?);
        }
        Some(toolchain)
    }

    /// `cargo rustc`, set up to compile a crate to the smallest [`TARGET`] module. It holds for wasm only: with a target
    /// given, cargo keeps these flags from build scripts and procedural macros. They are the same for every crate, or cargo
    /// would compile the standard library for each anew.
    pub fn cargo_rustc(&self) -> Command {
        let mut cargo = clean(&self.cargo);
        cargo.args(["rustc", "--release", "--target", TARGET]).env("RUSTC", &self.rustc);
        let mut flags: Vec<OsString> = Vec::new();
        for (path, name) in self.paths_to_hide() {
            flags.push(
                ["--remap-path-prefix=".as_ref(), path.as_os_str(), format!("={name}").as_ref()].into_iter().collect(),
            );
        }
        if let Some(linker) = &self.linker {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        if let Std::FromSource = self.std {
            cargo.env("RUSTC_BOOTSTRAP", "1");
            cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
            flags.extend(IMMEDIATE_ABORT.map(OsString::from));
            // Nobody sees where in the source a panic came from, and the paths name this machine's registry.
            flags.push("-Zlocation-detail=none".into());
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f".as_ref()));
        cargo
    }

    fn std_source(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib/src/rust/library")
    }

    /// rustc learned this in 1.92.
    fn can_abort_immediately(&self) -> bool {
        let mut probe = clean(&self.rustc);
        probe.env("RUSTC_BOOTSTRAP", "1").args(["--print", "cfg"]).args(IMMEDIATE_ABORT);
        process::status(probe.stdout(Stdio::null()).stderr(Stdio::null())).is_ok_and(|status| status.success())
    }

    fn brings_linker(&self) -> bool {
        let hosts = self.sysroot.join("lib/rustlib").read_dir().into_iter().flatten().flatten();
        hosts
            .map(|host| host.path().join("bin"))
            .any(|bin| bin.join("rust-lld").exists() || bin.join("rust-lld.exe").exists())
    }

    /// Folders of this machine, and what the module calls them instead.
    fn paths_to_hide(&self) -> Vec<(PathBuf, &'static str)> {
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        let mut paths = vec![(root().to_owned(), "."), (self.sysroot.clone(), "rust")];
        paths.extend(cargo_home.map(|path| (path, "cargo")));
        paths
    }
}

const IMMEDIATE_ABORT: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// A command of a toolchain other than the one that runs xtask: without what that one's cargo has set for its children.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "RUSTFLAGS", "CARGO", "RUSTC", "RUSTC_WRAPPER"] {
        command.env_remove(variable);
    }
    command
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, ", self.rustc.display())?;
        match self.std {
            Std::FromSource => write!(f, "standard library compiled from source"),
            Std::Prebuilt => write!(f, "prebuilt standard library (larger module: it has no source)"),
        }
    }
}
