//! `cargo xtask demo`: the packed package at work, in Node and then in a page.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Map, Value};

use crate::build::Purpose;
use crate::emulator::{self, Emulator};
use crate::{pack, page, process, root};

const NYNE: &str = "https://api.nyne.ai";

/// A number takes Nyne the better part of a minute: too long to watch.
const SPEED: &str = "20";

#[derive(Args)]
pub struct Options {
    /// Stop after the number: do not serve the page
    #[arg(long)]
    once: bool,
    /// The page's port; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    query: Query,
}

/// Whom to look up; ada@example.com when nothing is given.
#[derive(Args)]
#[command(next_help_heading = "Whom to look up (ada@example.com when nothing is given)")]
struct Query {
    #[arg(long)]
    email: Option<String>,
    #[arg(long)]
    name: Option<String>,
    /// Employer, beside another identifier
    #[arg(long)]
    company: Option<String>,
    #[arg(long)]
    phone: Option<String>,
    #[arg(long)]
    social_media_url: Option<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let keys = nyne_keys()?;
    let project = root().join("target/demo");
    pack::pack_and_install(Purpose::Publishing, &project)?;

    let service = Service::start(keys)?;
    find_in_node(&project, &options.query, &service)?;
    if options.once {
        return Ok(());
    }
    page::serve(&project, service, options.port)
}

/// Whom the demo asks.
pub struct Service {
    pub address: String,
    pub key: String,
    pub secret: String,
    emulator: Option<Emulator>,
}

impl Service {
    /// Nyne itself with the user's own keys, otherwise the emulator.
    fn start(keys: Option<(String, String)>) -> Result<Self> {
        if let Some((key, secret)) = keys {
            println!("\nAsking Nyne itself, with NYNE_API_KEY and NYNE_API_SECRET");
            return Ok(Self { address: NYNE.to_owned(), key, secret, emulator: None });
        }
        let emulator = Emulator::start(&["--speed", SPEED])?;
        println!("\nAsking the emulator at {}, whose clock runs {SPEED} times as fast", emulator.address);
        Ok(Self {
            address: emulator.address.clone(),
            key: emulator::API_KEY.to_owned(),
            secret: emulator::API_SECRET.to_owned(),
            emulator: Some(emulator),
        })
    }

    pub fn is_emulator(&self) -> bool {
        self.emulator.is_some()
    }
}

/// The user's own keys, if both are set.
fn nyne_keys() -> Result<Option<(String, String)>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("NYNE_API_KEY"), variable("NYNE_API_SECRET")) {
        (Some(key), Some(secret)) => Ok(Some((key, secret))),
        (None, None) => Ok(None),
        (Some(_), None) => {
            bail!("NYNE_API_KEY is set and NYNE_API_SECRET is not: set both to ask Nyne itself, or neither")
        }
        (None, Some(_)) => {
            bail!("NYNE_API_SECRET is set and NYNE_API_KEY is not: set both to ask Nyne itself, or neither")
        }
    }
}

fn find_in_node(project: &Path, query: &Query, service: &Service) -> Result<()> {
    // A copy inside the project, since Node looks for the package from where the script lies.
    let script = project.join("demo.mjs");
    fs::copy(root().join("xtask/demo.mjs"), &script)?;
    let mut node = Command::new("node");
    node.arg(script)
        .arg(query.to_json())
        .args(service.is_emulator().then_some("emulated"))
        .env("NYNE_BASE_URL", &service.address)
        .env("NYNE_API_KEY", &service.key)
        .env("NYNE_API_SECRET", &service.secret);
    process::run(&mut node).context("the lookup did not end with a result")
}

impl Query {
    fn to_json(&self) -> String {
        let fields = [
            ("email", &self.email),
            ("name", &self.name),
            ("company", &self.company),
            ("phone", &self.phone),
            ("socialMediaUrl", &self.social_media_url),
        ];
        let mut query: Map<String, Value> =
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into()))).collect();
        if query.is_empty() {
            query.insert("email".to_owned(), "ada@example.com".into());
        }
        Value::from(query).to_string()
    }
}
