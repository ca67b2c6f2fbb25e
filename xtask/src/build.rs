//! `cargo xtask build`: from Rust to the npm package's folder.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::Value;
use wasm_bindgen_cli_support::Bindgen;

use crate::{VERSION, process, root, setup, stamp, toolchain};

/// What a package is for.
#[derive(Clone, Copy, PartialEq)]
pub enum Purpose {
    Publishing,
    /// Testing how it survives faults of its own: its module traps where a test asks for it.
    Trapping,
}

impl Purpose {
    /// A folder in target/ of its own.
    pub fn folder(self, name: &str) -> PathBuf {
        let suffix = if self == Self::Trapping { "-trap" } else { "" };
        root().join("target").join(format!("{name}{suffix}"))
    }
}

/// Builds the package and returns its folder.
pub fn build(purpose: Purpose) -> Result<PathBuf> {
    setup::npm_tools()?;
    let bindings = purpose.folder("wasm/bindgen");
    bind(&compile_package(purpose)?, &bindings, Names::Removed)?;
    let package = purpose.folder("npm").join("package");
    bundle(&bindings, &package)?;
    Ok(package)
}

/// The package's module as rustc makes it.
fn compile_package(purpose: Purpose) -> Result<PathBuf> {
    let features: &[&str] = if purpose == Purpose::Trapping { &["--features", "trap"] } else { &[] };
    compile("nyne-phone-finder", &[features, &["--", "-Clink-arg=-zstack-size=65536"]].concat())
}

/// A crate's module as rustc makes it.
fn compile(name: &str, options: &[&str]) -> Result<PathBuf> {
    let toolchain = toolchain::find_or_install()?;
    println!("Compiling the module of {name} ({toolchain})");
    let mut cargo = toolchain.cargo_rustc();
    // Its own target folder, so that neither this nor the native builds wait for or evict the other.
    let target = root().join("target/wasm");
    cargo.arg("--target-dir").arg(&target).args(["--package", name, "--lib"]).args(options);
    process::run(cargo.current_dir(root()))?;
    Ok(target.join(toolchain::TARGET).join("release").join(name.replace('-', "_")).with_extension("wasm"))
}

/// wasm-bindgen's JavaScript and the optimised module, in one folder.
fn bind(module: &Path, out: &Path, names: Names) -> Result<()> {
    unless_bound(module, out, || {
        let module = generate(module, out, names)?;
        optimise(&module, names)?;
        shorten(&module, names)?;
        deflate(&module)
    })
}

/// The same of the emulator. Its module keeps wasm-bindgen's names, which shorten little here.
fn bind_emulator() -> Result<PathBuf> {
    // Its stack stays as large as rustc makes it: JSON is read recursively.
    let module = compile("nyne-emulator-wasm", &[])?;
    let out = root().join("target/wasm/bindgen-emulator");
    unless_bound(&module, &out, || {
        let module = generate(&module, &out, Names::Removed)?;
        optimise(&module, Names::Removed)?;
        // Zopfli would take minutes for it and save 5 %, of what no user's user downloads.
        let deflated = File::create(module.with_extension("wasm.deflate"))?;
        let mut deflated = DeflateEncoder::new(deflated, Compression::best());
        deflated.write_all(&fs::read(&module)?)?;
        deflated.finish()?;
        Ok(())
    })?;
    Ok(out)
}

fn unless_bound(module: &Path, out: &Path, bind: impl FnOnce() -> Result<()>) -> Result<()> {
    // The lock files stand for the versions of wasm-bindgen and Binaryen.
    let rules = [root().join("xtask/src/build.rs"), root().join("Cargo.lock"), root().join("package-lock.json")];
    let inputs = [module, &rules[0], &rules[1], &rules[2]];
    stamp::unless_unchanged(&out.join(".inputs-hash"), &inputs, || {
        println!("Generating the bindings and optimising the module (wasm-bindgen, wasm-opt)");
        if out.exists() {
            fs::remove_dir_all(out)?;
        }
        bind()
    })
}

/// The published package, but its module keeps the names of its functions: for finding out what takes its bytes and its
/// time. `out` gets it as `package`, and wasm-bindgen's and wasm-opt's output as `bindgen`.
pub fn named_package(out: &Path) -> Result<()> {
    let bindings = out.join("bindgen");
    bind(&compile_package(Purpose::Publishing)?, &bindings, Names::Kept)?;
    bundle(&bindings, &out.join("package"))
}

/// What anyone gets of the crate with wasm-bindgen alone, or with wasm-pack: nothing removed, nothing bundled.
pub fn plain_bindings(out: &Path) -> Result<()> {
    let module = compile_package(Purpose::Publishing)?;
    Bindgen::new().input_path(module).web(true)?.typescript(false).generate(out).context("wasm-bindgen failed")
}

/// wasm-opt's list of the short names that it gave the module's imports and exports.
const SHORT_NAMES: &str = "short-names.json";

#[derive(Clone, Copy, PartialEq)]
enum Names {
    Kept,
    Removed,
}

/// Returns where wasm-bindgen has left the module.
fn generate(module: &Path, out: &Path, names: Names) -> Result<PathBuf> {
    Bindgen::new()
        .input_path(module)
        // The only target whose JavaScript leaves instantiating the module to its user: see pkg-template/guard.js.
        .bundler(true)?
        .remove_name_section(names == Names::Removed)
        .remove_producers_section(true)
        .typescript(false)
        .generate(out)
        .context("wasm-bindgen failed")?;
    let name = module.file_stem().context("the module has no name")?.to_string_lossy();
    Ok(out.join(format!("{name}_bg.wasm")))
}

impl Names {
    fn keep(self) -> &'static [&'static str] {
        if self == Self::Kept { &["--debuginfo"] } else { &[] }
    }
}

fn optimise(module: &Path, names: Names) -> Result<()> {
    let strip: &[&str] = match names {
        Names::Kept => &["--strip-target-features"],
        Names::Removed => &["--strip-debug", "--strip-target-features"],
    };
    // Without --traps-never-happen, which saves 50 bytes: a panic must trap, not continue with broken memory.
    let optimise = ["-Oz", "--converge", "--low-memory-unused"];
    binaryen("wasm-opt", [module], module, &[names.keep(), &optimise, strip].concat())?;
    Ok(())
}

fn shorten(module: &Path, names: Names) -> Result<()> {
    // wasm-bindgen's names are long and end in hashes, which do not compress.
    let shorten = [names.keep(), &["--minify-imports-and-exports-and-modules"]].concat();
    let list = binaryen("wasm-opt", [module], module, &shorten)?;
    fs::write(module.with_file_name(SHORT_NAMES), &list)?;
    let list: Value = serde_json::from_str(&list).context("wasm-opt's list of short names is not JSON")?;
    keep_names(module, &list["exports"], names.keep())
}

/// Exports the package's functions under their own names too, by merging a module that consists of these exports.
fn keep_names(module: &Path, short_names: &Value, passes: &[&str]) -> Result<()> {
    const FUNCTIONS: [(&str, &str, &str); 8] = [
        ("findPhone", "externref externref externref", "externref"),
        ("pollResult", "externref externref externref", "externref"),
        ("submitPhone", "externref externref externref", "externref"),
        ("checkStatus", "externref externref externref", "externref"),
        // A pointer to the batch, or else an error, and which of the two.
        ("findPhones", "externref externref externref", "i32 i32 i32"),
        ("advance", "externref externref externref", "externref"),
        ("parseCallback", "externref externref", "externref"),
        ("confirmCallback", "externref externref externref", "externref"),
    ];
    let mut text = String::new();
    for (name, parameters, results) in FUNCTIONS {
        let exports = short_names.as_array().into_iter().flatten();
        let short = exports.filter(|names| names[0] == name).find_map(|names| names[1].as_str());
        let short = short.with_context(|| format!("the module does not export {name}"))?;
        writeln!(
            text,
            r#"(func (export "{name}") (import "short" "{short}") (param {parameters}) (result {results}))"#
        )?;
    }
    let names = module.with_file_name("names.wat");
    fs::write(&names, format!("(module {text})"))?;
    binaryen("wasm-merge", [module, Path::new("short"), &names, Path::new("names")], module, passes)?;
    Ok(())
}

/// Runs one of Binaryen's tools, and returns what it prints.
fn binaryen<P: AsRef<OsStr>>(
    tool: &str,
    inputs: impl IntoIterator<Item = P>,
    output: &Path,
    passes: &[&str],
) -> Result<String> {
    // The features that rustc's wasm32 target uses, in case wasm-bindgen dropped the section that lists them.
    const FEATURES: [&str; 6] = [
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ];
    process::output(setup::npm_tool(tool).args(inputs).args(FEATURES).args(passes).arg("-o").arg(output))
}

/// Compresses the module, without a header, for the scripts that hold it. A browser downloads it in this form, and zopfli makes it 5 % smaller
/// than zlib does.
fn deflate(module: &Path) -> Result<()> {
    let deflated = File::create(module.with_extension("wasm.deflate"))?;
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, &fs::read(module)?[..], deflated)?;
    Ok(())
}

/// The package's folder. Always made anew: that takes a moment, and so it cannot be out of date.
fn bundle(bindings: &Path, package: &Path) -> Result<()> {
    process::run(
        Command::new("node")
            .arg("pkg-template/build.mjs")
            .arg("--bindgen")
            .arg(bindings)
            .arg("--emulator")
            .arg(bind_emulator()?)
            .arg("--out")
            .arg(package)
            .args(["--version", VERSION])
            .current_dir(root()),
    )
}
