//! `cargo xtask pictures`: takes the pictures of the READMEs again, with the test that compares their text with what the programs print.

use std::process::Command;

use anyhow::Result;

use crate::build::Purpose;
use crate::{pack, process, relative, root, setup};

pub fn run() -> Result<()> {
    let project = root().join("target/test-install");
    pack::pack_and_install(Purpose::Publishing, &project)?;
    let node = setup::node_for_tests()?;
    process::run(
        Command::new(&node)
            .args(["--test", "tests/browsers/pictures.test.mjs"])
            .current_dir(root())
            .env("NYNE_PICTURES", "take")
            .env("NYNE_PACKAGE_DIR", &project)
            .env("NODE24", &node)
            .env("CHROMIUM", setup::chromium()?),
    )?;
    println!("\nWrote {}", relative(&root().join("docs/pictures")));
    Ok(())
}
