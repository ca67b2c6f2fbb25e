//! `cargo xtask build`: from Rust to the npm package's folder.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use walrus::{ElementItems, ExportItem, FunctionBuilder, Module};
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
    let bindings = bind(&compile(purpose)?, purpose)?;
    bundle(&bindings, purpose)
}

/// The module as rustc makes it.
fn compile(purpose: Purpose) -> Result<PathBuf> {
    let toolchain = toolchain::find_or_install()?;
    println!("Compiling the module ({toolchain})");
    let mut cargo = toolchain.cargo_build();
    cargo.args(["--package", "nyne-phone-finder", "--lib"]);
    if purpose == Purpose::Trapping {
        cargo.args(["--features", "trap"]);
    }
    // Its own target folder, so that neither this nor the native builds wait for or evict the other.
    let target = root().join("target/wasm");
    process::run(cargo.arg("--target-dir").arg(&target).current_dir(root()))?;
    Ok(target.join(toolchain::TARGET).join("release/nyne_phone_finder.wasm"))
}

/// wasm-bindgen's JavaScript and the optimised module, in one folder.
fn bind(module: &Path, purpose: Purpose) -> Result<PathBuf> {
    let out = purpose.folder("wasm/bindgen");
    // The lock files stand for the versions of wasm-bindgen and Binaryen.
    let rules = [root().join("xtask/src/build.rs"), root().join("Cargo.lock"), root().join("package-lock.json")];
    let inputs = [module, &rules[0], &rules[1], &rules[2]];
    stamp::unless_unchanged(&out.join(".inputs-hash"), &inputs, || {
        println!("Generating the bindings and optimising the module (wasm-bindgen, wasm-opt)");
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        generate_and_optimise(module, &out, Names::Removed)
    })?;
    Ok(out)
}

/// The published module, but with the names of its functions: for finding out what takes its bytes.
pub fn named_module(out: &Path) -> Result<PathBuf> {
    generate_and_optimise(&compile(Purpose::Publishing)?, out, Names::Kept)?;
    Ok(out.join(MODULE))
}

/// What anyone gets of the crate with wasm-bindgen alone, or with wasm-pack: nothing removed, nothing bundled.
pub fn plain_bindings(out: &Path) -> Result<()> {
    let module = compile(Purpose::Publishing)?;
    Bindgen::new().input_path(module).web(true)?.typescript(false).generate(out).context("wasm-bindgen failed")
}

/// What wasm-bindgen calls the module.
const MODULE: &str = "nyne_phone_finder_bg.wasm";

#[derive(Clone, Copy, PartialEq)]
enum Names {
    Kept,
    Removed,
}

fn generate_and_optimise(module: &Path, out: &Path, names: Names) -> Result<()> {
    let mut output = Bindgen::new()
        .input_path(module)
        .web(true)?
        // `new URL("…", import.meta.url)` breaks bundlers, and the loaders pass the module themselves.
        .omit_default_module_path(true)
        .remove_name_section(names == Names::Removed)
        .remove_producers_section(true)
        .typescript(false)
        .generate_output()
        .context("wasm-bindgen failed")?;
    remove_unused(output.wasm_mut());
    output.emit(out).context("wasm-bindgen failed")?;
    optimise(&out.join(MODULE), names)
}

/// Removes what nothing in the package calls.
///
/// - The functions of src/lib.rs: the package's own call what those call, which saves each call a way into the module and out
///   again.
/// - The shims that js-sys brings for each kind of closure that any of its functions may take. wasm-bindgen exports those
///   that are used, and only JavaScript calls them, but the rest stays: the module's table of functions holds them.
fn remove_unused(module: &mut Module) {
    const FUNCTIONS: [&str; 6] =
        ["findPhone", "pollResult", "submitPhone", "checkStatus", "parseCallback", "confirmCallback"];
    let functions: Vec<_> = module.exports.iter().filter(|export| FUNCTIONS.contains(&&*export.name)).collect();
    for id in functions.into_iter().map(|export| export.id()).collect::<Vec<_>>() {
        module.exports.delete(id);
    }
    let exported: HashSet<_> = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Function(function) => Some(function),
            _ => None,
        })
        .collect();
    let is_shim = |name: &String| name.contains("wasm_bindgen") && name.contains("::convert::closures::_::invoke::");
    let unused: HashSet<_> = module
        .funcs
        .iter()
        .filter(|function| function.name.as_ref().is_some_and(is_shim) && !exported.contains(&function.id()))
        .map(|function| function.id())
        .collect();
    let mut nothing = FunctionBuilder::new(&mut module.types, &[], &[]);
    nothing.func_body().unreachable();
    let nothing = nothing.finish(Vec::new(), &mut module.funcs);
    for element in module.elements.iter_mut() {
        if let ElementItems::Functions(functions) = &mut element.items {
            functions.iter_mut().filter(|function| unused.contains(function)).for_each(|function| *function = nothing);
        }
    }
    walrus::passes::gc::run(module);
}

fn optimise(module: &Path, names: Names) -> Result<()> {
    // What rustc's wasm32 target may use. Said here since wasm-bindgen may have dropped the section that says so.
    const FEATURES: [&str; 6] = [
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ];
    let names = (names == Names::Kept).then_some("--debuginfo");
    process::run(setup::npm_tool("wasm-opt").arg("-Oz").args(names).args(FEATURES).arg(module).arg("-o").arg(module))
}

/// The package's folder. Always made anew: that takes a moment, and so it cannot be out of date.
fn bundle(bindings: &Path, purpose: Purpose) -> Result<PathBuf> {
    let package = purpose.folder("npm").join("package");
    process::run(
        Command::new("node")
            .arg("pkg-template/bundle.mjs")
            .arg("--bindgen")
            .arg(bindings)
            .arg("--out")
            .arg(&package)
            .args(["--version", VERSION])
            .current_dir(root()),
    )?;
    Ok(package)
}
