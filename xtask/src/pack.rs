//! `cargo xtask pack`: the npm tarball, and installing it the way a user does.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::build::{self, Purpose};
use crate::{VERSION, alone, process, relative, root, setup, stamp};

/// Builds and packs the package, and returns the tarball.
pub fn pack(purpose: Purpose) -> Result<PathBuf> {
    let package = build::build(purpose)?;
    let folder = purpose.folder("npm");
    process::output(
        setup::npm().arg("pack").args(["--silent", "--pack-destination"]).arg(&folder).current_dir(&package),
    )?;
    Ok(folder.join(format!("nyne-phone-finder-{VERSION}.tgz")))
}

/// Prints the tarball's files with their sizes.
pub fn list(tarball: &Path) -> Result<()> {
    let package = root().join("target/npm/package");
    let report = process::output(setup::npm().args(["pack", "--dry-run", "--json", "--silent"]).current_dir(&package))?;
    let report: Value = serde_json::from_str(&report).context("npm pack --json printed something else")?;
    println!("{:>9} {:>9}  file", "bytes", "gzip");
    for file in report[0]["files"].as_array().context("npm pack --json named no files")? {
        let path = file["path"].as_str().context("npm pack --json named a file without a path")?;
        let content = fs::read(package.join(path))?;
        println!("{:>9} {:>9}  {path}", content.len(), gzip_size(&content)?);
    }
    println!("{:>9} {:>9}  {}", "", fs::metadata(tarball)?.len(), relative(tarball));
    Ok(())
}

/// Packs the package, makes `project` a small project that has it installed, and returns the tarball.
pub fn pack_and_install(purpose: Purpose, project: &Path) -> Result<PathBuf> {
    alone(|| {
        let tarball = pack(purpose)?;
        install(&tarball, project)?;
        Ok(tarball)
    })
}

fn install(tarball: &Path, project: &Path) -> Result<()> {
    fs::create_dir_all(project)?;
    let modules = project.join("node_modules");
    stamp::unless_unchanged(&modules.join(".tarball-hash"), &[tarball], || {
        if modules.exists() {
            fs::remove_dir_all(&modules)?;
        }
        fs::write(project.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
        process::run(
            setup::npm()
                .args([
                    "install",
                    "--no-save",
                    "--no-package-lock",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--silent",
                ])
                .arg(tarball)
                .current_dir(project),
        )
    })
}

fn gzip_size(content: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len())
}
