//! `cargo xtask test`: runs the areas one after another and ends with the line `N passed, N failed`.

use std::cell::LazyCell;
use std::fmt;
use std::fs;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::build::{self, Purpose};
use crate::emulator::Emulator;
use crate::{alone, pack, process, relative, root, setup};

/// A test file whose process never ends would hold everything up: Node sets no limit of its own.
const FOLDER_LIMIT: Duration = Duration::from_secs(15 * 60);
/// The same for all of an area that the user has named.
const NAMED_LIMIT: Duration = Duration::from_secs(45 * 60);

pub fn run(names: &[String]) -> Result<ExitCode> {
    let areas = choose(Area::all()?, names)?;
    let package: LazyCell<_> = LazyCell::new(PackageUnderTest::prepare);
    let mut total = Counts::default();
    for area in &areas {
        println!("\n== {} ==", area.name());
        let began = Instant::now();
        let counts = area.run(&package, !names.is_empty()).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Counts { passed: 0, failed: 1 }
        });
        println!("{}: {counts}, in {} s", area.name(), began.elapsed().as_secs());
        total += counts;
    }
    println!("\n{total}");
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

enum Area {
    /// Formatting, Clippy and the types of the package's JavaScript, as one check each.
    Lint,
    /// Every crate's unit, integration and doc tests.
    Native,
    /// A folder of tests/ and its test files.
    Folder { name: String, files: Vec<PathBuf> },
}

impl Area {
    fn all() -> Result<Vec<Self>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(root().join("tests")).context("cannot read tests/")? {
            let entry = entry?;
            let mut files = Vec::new();
            if entry.file_type()?.is_dir() {
                collect_test_files(&entry.path(), &mut files)?;
            }
            if !files.is_empty() {
                files.sort();
                folders.push(Self::Folder { name: entry.file_name().to_string_lossy().into_owned(), files });
            }
        }
        folders.sort_by(|a, b| a.name().cmp(b.name()));
        folders.splice(0..0, [Self::Lint, Self::Native]);
        Ok(folders)
    }

    fn name(&self) -> &str {
        match self {
            Self::Lint => "lint",
            Self::Native => "native",
            Self::Folder { name, .. } => name,
        }
    }

    /// An area may do more when the user has `named` it.
    fn run(&self, package: &LazyCell<Result<PackageUnderTest>>, named: bool) -> Result<Counts> {
        let counts = match self {
            Self::Lint => lint()?,
            Self::Native => native()?,
            Self::Folder { name, files } => {
                let package = LazyCell::force(package).as_ref();
                let package = package.map_err(|error| anyhow!("the package is not ready to be tested: {error:#}"))?;
                let files = files.iter().filter(|file| named || !is_slow(file)).cloned().collect::<Vec<_>>();
                package.test(name, &files, named)?
            }
        };
        ensure!(counts != Counts::default(), "{} ran no test", self.name());
        Ok(counts)
    }
}

fn collect_test_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // The matrix runs the tests of its own projects, each in its runner.
            if !path.ends_with("projects") {
                collect_test_files(&path, files)?;
            }
        } else if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    Ok(())
}

/// Files for which only those wait who name their area.
fn is_slow(file: &Path) -> bool {
    file.to_string_lossy().ends_with(".slow.test.mjs")
}

/// The areas named, or all when none is.
fn choose(all: Vec<Area>, names: &[String]) -> Result<Vec<Area>> {
    let known = all.iter().map(Area::name).collect::<Vec<_>>();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no test area {unknown:?}: the areas are {}", known.join(", "));
    }
    Ok(all.into_iter().filter(|area| names.is_empty() || names.iter().any(|name| name == area.name())).collect())
}

fn lint() -> Result<Counts> {
    setup::npm_tools()?;
    let cargo = |arguments: &[&str]| {
        let mut cargo = process::cargo();
        cargo.args(arguments);
        cargo
    };
    let types = |project: &str| {
        let mut types = setup::npm_tool("tsc");
        types.args(["--project", project]);
        types
    };
    let mut counts = Counts::default();
    for (name, mut check) in [
        ("cargo fmt", cargo(&["fmt", "--all", "--check"])),
        ("cargo clippy", cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])),
        ("the types of pkg-template", types("pkg-template")),
        ("the types of cli", types("cli")),
    ] {
        let passed = process::status(check.current_dir(root()))?.success();
        println!("{name}: {}", if passed { "ok" } else { "FAILED" });
        counts += Counts { passed: passed.into(), failed: (!passed).into() };
    }
    Ok(counts)
}

fn native() -> Result<Counts> {
    let mut counts = Counts::default();
    let status = process::observe(
        process::cargo().args(["test", "--workspace", "--no-fail-fast"]).current_dir(root()),
        |line| counts += cargo_counts(line).unwrap_or_default(),
    )?;
    Ok(counts.or_failed(!status.success()))
}

/// The packed package as a user has it installed, and what its tests need beside it.
struct PackageUnderTest {
    tarball: PathBuf,
    project: PathBuf,
    /// The same with a package that traps where a test asks for it.
    trapping: PathBuf,
    /// The crate as wasm-bindgen alone makes it.
    bindings: PathBuf,
    emulator: Emulator,
    node: PathBuf,
    oldest_node: PathBuf,
    chromium: PathBuf,
}

impl PackageUnderTest {
    fn prepare() -> Result<Self> {
        let (project, trapping) = (root().join("target/test-install"), root().join("target/test-install-trap"));
        pack::pack_and_install(Purpose::Trapping, &trapping)?;
        let bindings = root().join("target/test-bindings");
        alone(|| build::plain_bindings(&bindings))?;
        Ok(Self {
            tarball: pack::pack_and_install(Purpose::Publishing, &project)?,
            project,
            trapping,
            bindings,
            emulator: Emulator::start(&[])?,
            node: setup::node_for_tests()?,
            oldest_node: setup::oldest_node()?,
            chromium: setup::chromium()?,
        })
    }

    fn test(&self, area: &str, files: &[PathBuf], named: bool) -> Result<Counts> {
        // One report to read here, one for people.
        let report = root().join("target/test-install").join(format!("{area}.tap"));
        let _ = fs::remove_file(&report);
        let mut node = Command::new(&self.node);
        match area {
            "runtimes" if named => node.env("NYNE_RUNTIMES", "all").envs(alone(setup::runtimes)?),
            "browsers" if named => node.envs(alone(setup::runtimes)?),
            "edge" => node.envs(alone(|| setup::edge(named))?),
            "extension" => node.envs(alone(|| setup::extension(named))?),
            _ => &mut node,
        };
        let limit = if named { NAMED_LIMIT } else { FOLDER_LIMIT };
        let status = process::status_within(
            limit,
            node.args(["--test", "--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"])
                .arg(format!("--test-reporter-destination={}", report.display()))
                .args(files)
                .current_dir(root())
                .env("PATH", self.path()?)
                .env("NYNE_EMULATOR_URL", &self.emulator.address)
                .env("NYNE_PACKAGE_DIR", &self.project)
                .env("NYNE_TRAP_PACKAGE_DIR", &self.trapping)
                .env("NYNE_BINDINGS_DIR", &self.bindings)
                .env("NYNE_TARBALL", &self.tarball)
                .env("NODE24", &self.node)
                .env("NODE20", &self.oldest_node)
                .env("CHROMIUM", &self.chromium)
                // Tests ask the emulator, never Nyne.
                .env_remove("NYNE_API_KEY")
                .env_remove("NYNE_API_SECRET"),
        )?;
        let report = fs::read_to_string(&report).context("Node's test runner left no report")?;
        if let Some(empty) = files.iter().find(|file| has_no_test(file, &report)) {
            bail!("{} has no test", relative(empty));
        }
        Ok(node_counts(&report).or_failed(!status.success()))
    }

    /// PATH with the tests' Node first: what the tests start must not find an older one.
    fn path(&self) -> Result<std::ffi::OsString> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let own = self.node.parent().map(Path::to_owned);
        Ok(std::env::join_paths(own.into_iter().chain(std::env::split_paths(&folders)))?)
    }
}

#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Counts {
    passed: u64,
    /// Skipped tests are among them: they prove nothing.
    failed: u64,
}

impl Counts {
    /// A runner that failed without naming a test (a test that does not compile, say) is one failure.
    fn or_failed(self, failed: bool) -> Self {
        Self { failed: self.failed.max(failed.into()), ..self }
    }

    fn add(&mut self, outcome: &str, count: u64) {
        match outcome {
            "pass" | "passed" => self.passed += count,
            "fail" | "failed" | "ignored" | "cancelled" | "skipped" | "todo" => self.failed += count,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`, which cargo prints for each test program.
fn cargo_counts(line: &str) -> Option<Counts> {
    let (_, summary) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in summary.split("; ") {
        if let Some((count, outcome)) = part.split_once(' ')
            && let Ok(count) = count.parse()
        {
            counts.add(outcome, count);
        }
    }
    Some(counts)
}

/// Reads the lines `# pass 3`, `# fail 0`, … that end Node's TAP report.
fn node_counts(report: &str) -> Counts {
    let mut counts = Counts::default();
    for line in report.lines().rev().take_while(|line| line.starts_with("# ")) {
        if let Some((outcome, count)) = line.trim_start_matches("# ").split_once(' ')
            && let Ok(count) = count.parse()
        {
            counts.add(outcome, count);
        }
    }
    counts
}

/// Node reports a file without tests as one passed test that has the file's name.
fn has_no_test(file: &Path, report: &str) -> bool {
    let file = file.to_string_lossy();
    report.lines().any(|line| {
        line.strip_prefix("ok ").and_then(|line| line.split_once(" - ")).is_some_and(|(_, name)| name == file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_count_as_failed() {
        let line = "test result: ok. 3 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.00s";
        assert_eq!(cargo_counts(line), Some(Counts { passed: 3, failed: 3 }));
        let report = "ok 1 - a\n1..1\n# tests 10\n# suites 9\n# pass 4\n# fail 1\n# cancelled 1\n# skipped 2\n# todo 1\n# duration_ms 9.5\n";
        assert_eq!(node_counts(report), Counts { passed: 4, failed: 5 });
    }

    #[test]
    fn what_tests_print_is_not_counted() {
        assert_eq!(cargo_counts("the test result: ok. 3 passed; 0 failed"), None);
        assert_eq!(node_counts("# pass 100\nok 1 - a\n1..1\n# pass 1\n# fail 0\n"), Counts { passed: 1, failed: 0 });
    }

    #[test]
    fn a_file_without_tests_is_told_from_one_with() {
        let report = "TAP version 13\nok 1 - /tests/a.test.mjs\nok 2 - finds a number\nnot ok 3 - /tests/c.test.mjs\n";
        let empty = |file: &str| has_no_test(Path::new(file), report);
        assert_eq!(["a", "b", "c"].map(|name| empty(&format!("/tests/{name}.test.mjs"))), [true, false, false]);
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_a_failure() {
        assert_eq!(Counts { passed: 3, failed: 0 }.or_failed(true), Counts { passed: 3, failed: 1 });
        assert_eq!(Counts { passed: 3, failed: 2 }.or_failed(true), Counts { passed: 3, failed: 2 });
    }
}
