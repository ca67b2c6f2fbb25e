//! What the project needs beside Rust. Each function checks first and installs only what is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{process, root, stamp, toolchain};

/// The oldest Node that the tools run on, and the one that the tests run on.
const NODE_FOR_TOOLS: u32 = 20;
const NODE_FOR_TESTS: u32 = 24;

pub fn everything() -> Result<()> {
    println!("Rust for wasm32: {}", toolchain::find_or_install()?);
    npm_tools()?;
    println!("npm tools: node_modules");
    println!("Node {NODE_FOR_TESTS} for the tests: {}", node_for_tests()?.display());
    println!("Chromium: {}", chromium()?.display());
    for (variable, place) in runtimes()? {
        println!("{variable} for the matrix of runtimes: {}", place.display());
    }
    for (variable, place) in edge(true)? {
        println!("{variable} for the tests of edge functions: {}", place.display());
    }
    for (variable, place) in extension(true)? {
        println!("{variable} for the tests of the extension: {}", place.display());
    }
    Ok(())
}

/// The development tools that package-lock.json pins.
pub fn npm_tools() -> Result<()> {
    node()?;
    let installed = root().join("node_modules/.lock-hash");
    stamp::unless_unchanged(&installed, &[&root().join("package-lock.json")], || {
        println!("Installing the npm tools of package-lock.json into node_modules (npm ci)");
        process::run(npm().arg("ci").args(["--loglevel", "error"]).current_dir(root()))?;
        // It is the oldest Node that is tested. npm and npx would take it for the user's own, in each folder below.
        let program = root().join("node_modules/.bin/node");
        if program.exists() { fs::remove_file(program).context("cannot remove node_modules/.bin/node") } else { Ok(()) }
    })
}

pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A tool that [`npm_tools`] has installed.
pub fn npm_tool(name: &str) -> Command {
    let name = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    Command::new(root().join("node_modules/.bin").join(name))
}

/// Checks the user's own Node and npm, which run the tools and the demo.
fn node() -> Result<()> {
    const REMEDY: &str = "install Node 20 or newer, with npm, and run this again";
    let version = node_version(Path::new("node")).with_context(|| format!("Node is missing: {REMEDY}"))?;
    ensure!(version >= NODE_FOR_TOOLS, "Node {version} is too old: {REMEDY}");
    which::which("npm").with_context(|| format!("npm is missing: {REMEDY}"))?;
    Ok(())
}

/// The Node that runs the tests: the one npm has installed, where it has one for this kind of machine.
pub fn node_for_tests() -> Result<PathBuf> {
    node_of(NODE_FOR_TESTS, root(), "node", |version| version >= NODE_FOR_TESTS)
}

/// The oldest Node that the package supports, for the tests that run in it.
pub fn oldest_node() -> Result<PathBuf> {
    node_of(NODE_FOR_TOOLS, root(), "node-20", |version| version == NODE_FOR_TOOLS)
}

/// A Node from npm's package `NAME-linux-ARCH` in `project`, or else the one in PATH if its version serves.
fn node_of(wanted: u32, project: &Path, name: &str, serves: fn(u32) -> bool) -> Result<PathBuf> {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let installed = project.join(format!("node_modules/{name}-linux-{arch}/bin/node"));
    if installed.exists() {
        return Ok(installed);
    }
    let node = which::which("node")?;
    let version = node_version(&node)?;
    ensure!(
        serves(version),
        "the tests need Node {wanted}, which npm does not provide for this kind of machine, and {} is Node {version}: \
         install Node {wanted} and run this again",
        node.display()
    );
    Ok(node)
}

/// The major version.
fn node_version(node: &Path) -> Result<u32> {
    let version = process::output(Command::new(node).arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
    major.parse().with_context(|| format!("{} --version printed {version:?}", node.display()))
}

pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(path);
        ensure!(path.is_file(), "CHROMIUM is {}, which is no file: set it to the browser's program", path.display());
        return Ok(path);
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    if apt_install(&["chromium"])?
        && let Some(path) = find_chromium()
    {
        return Ok(path);
    }
    bail!("Chromium is missing: install Chromium or Chrome, or set CHROMIUM to its program, and run this again");
}

fn find_chromium() -> Option<PathBuf> {
    find(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
}

/// What the whole matrix of tests/runtimes needs beside, and the variables that say where it is.
pub fn runtimes() -> Result<Vec<(&'static str, PathBuf)>> {
    const PROGRAMS: [(&str, &str, &[&str]); 3] = [
        ("FIREFOX", "firefox-esr", &["firefox", "firefox-esr"]),
        ("WEBKIT_DRIVER", "webkit2gtk-driver", &["WebKitWebDriver"]),
        ("XVFB", "xvfb", &["Xvfb"]),
    ];
    let tools = npm_tools_of("runtimes")?;
    let node = node_of(22, &tools, "node-22", |version| version == 22)?;
    let missing = PROGRAMS.iter().filter(|(_, _, names)| find(names).is_none());
    let packages: Vec<_> = missing.map(|&(_, package, _)| package).collect();
    if !packages.is_empty() {
        apt_install(&packages)?;
    }
    let place = |(variable, package, names): (_, _, &[&str])| {
        let missing =
            || format!("{} is missing from PATH: install it (Debian: {package}) and run this again", names[0]);
        Ok((variable, find(names).with_context(missing)?))
    };
    PROGRAMS.into_iter().map(place).chain([Ok(("NODE22", node))]).collect()
}

/// The tools that tests/edge needs, and the variables that say where they are. Redis is for the tests that only `all` of it
/// holds.
pub fn edge(all: bool) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut places = vec![("NYNE_EDGE_TOOLS", npm_tools_of("edge")?)];
    if all {
        const REDIS: &[&str] = &["redis-server"];
        if find(REDIS).is_none() {
            apt_install(REDIS)?;
        }
        let missing = "redis-server is missing from PATH: install Redis (Debian: redis-server) and run this again";
        places.push(("REDIS_SERVER", find(REDIS).context(missing)?));
    }
    Ok(places)
}

/// The tools that tests/extension needs, and the variables that say where they are. Firefox is for the tests that only `all` of it
/// holds.
pub fn extension(all: bool) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut places = vec![("NYNE_EXTENSION_TOOLS", npm_tools_of("extension")?)];
    if all {
        const FIREFOX: &[&str] = &["firefox", "firefox-esr"];
        if find(FIREFOX).is_none() {
            apt_install(&["firefox-esr"])?;
        }
        let missing = "firefox is missing from PATH: install it (Debian: firefox-esr) and run this again";
        places.push(("FIREFOX", find(FIREFOX).context(missing)?));
    }
    Ok(places)
}

/// The tools that the package-lock.json of a test area pins: above the folders of its projects, which find them there.
fn npm_tools_of(area: &str) -> Result<PathBuf> {
    let (source, target) = (root().join("tests").join(area), root().join("target").join(area));
    let lock = source.join("package-lock.json");
    stamp::unless_unchanged(&target.join("node_modules/.lock-hash"), &[&lock], || {
        println!("Installing the tools of tests/{area}/package-lock.json into target/{area}/node_modules (npm ci)");
        fs::create_dir_all(&target)?;
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(source.join(name), target.join(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        process::run(npm().arg("ci").args(["--loglevel", "error"]).current_dir(&target))
    })?;
    Ok(target)
}

fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok())
}

/// Installs Debian packages, or returns false where there is no apt.
pub fn apt_install(packages: &[&str]) -> Result<bool> {
    if which::which("apt-get").is_err() {
        return Ok(false);
    }
    println!("Installing {} (apt-get)", packages.join(" "));
    let is_root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    let apt_get = |arguments: &[&str]| {
        let mut command = if is_root { Command::new("env") } else { Command::new("sudo") };
        // The lock may be held by another installation: wait for it.
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600"])
            .args(arguments);
        process::run(&mut command)
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())?;
    Ok(true)
}
