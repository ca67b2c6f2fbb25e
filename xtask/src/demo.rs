//! `cargo xtask demo`: the packed package at work, in Node and then in a page.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use axum::routing::get;
use axum::{Json, Router};
use clap::Args;
use serde_json::{Map, Value, json};
use tower_http::services::ServeDir;

use crate::emulator::{self, Emulator};
use crate::{pack, process, relative, root};

/// A number takes Nyne the better part of a minute: too long to watch.
const SPEED: &str = "8";

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
    pack::pack_and_install(&project)?;

    let start_emulator = || Emulator::start(&["--cors", "--speed", SPEED]);
    let emulator;
    match keys {
        Some((key, secret)) => {
            println!("\nAsking Nyne itself, with NYNE_API_KEY and NYNE_API_SECRET");
            find_in_node(&project, &options.query, &key, &secret, None)?;
            if options.once {
                return Ok(());
            }
            // Keys for Nyne itself do not belong in a page.
            println!("\nThe page asks the emulator all the same: it must not hold your keys");
            emulator = start_emulator()?;
        }
        None => {
            emulator = start_emulator()?;
            println!("\nAsking the emulator at {}, whose clock runs {SPEED} times as fast", emulator.address);
            find_in_node(&project, &options.query, emulator::API_KEY, emulator::API_SECRET, Some(&emulator.address))?;
        }
    }
    if options.once {
        return Ok(());
    }
    serve_page(&project, &emulator, options.port)
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

fn find_in_node(project: &Path, query: &Query, key: &str, secret: &str, base_url: Option<&str>) -> Result<()> {
    // A copy inside the project, since Node looks for the package from where the script lies.
    let script = project.join("demo.mjs");
    fs::copy(root().join("xtask/demo.mjs"), &script)?;
    let mut node = Command::new("node");
    node.arg(script).arg(query.to_json()).env("NYNE_API_KEY", key).env("NYNE_API_SECRET", secret);
    match base_url {
        Some(url) => node.env("NYNE_BASE_URL", url),
        None => node.env_remove("NYNE_BASE_URL"),
    };
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

/// Serves www/ with the installed package beside it, until Ctrl-C.
fn serve_page(project: &Path, emulator: &Emulator, port: u16) -> Result<()> {
    let config = json!({
        "baseUrl": emulator.address,
        "apiKey": emulator::API_KEY,
        "apiSecret": emulator::API_SECRET,
    });
    let package = project.join("node_modules/nyne-phone-finder/dist");
    let page = root().join("www");
    let app = Router::new()
        .route("/config.json", get(async || Json(config)))
        .nest_service("/nyne-phone-finder", ServeDir::new(package))
        .fallback_service(ServeDir::new(&page));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("port {port} cannot be used: choose another with --port"))?;
        println!("\nServing {} at http://{} until Ctrl-C", relative(&page), listener.local_addr()?);
        axum::serve(listener, app).await?;
        Ok(())
    })
}
