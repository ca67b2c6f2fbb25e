//! The emulator behind a socket: flags, clock and callback delivery for the library's service.

mod body;
mod callbacks;
mod connection;
mod flags;
mod progress;
mod server;

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

use crate::flags::Flags;
use crate::server::Server;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    let address = (flags.host.clone(), flags.port);
    let server = Arc::new(Server::new(flags.into_settings())?);
    let listener = TcpListener::bind(&address).await.with_context(|| {
        format!("cannot listen on {}:{}; choose another --port, or 0 for any free one", address.0, address.1)
    })?;
    // Whoever started this may have closed the pipe after reading the line, or before.
    let _ = writeln!(std::io::stdout(), "nyne-emulator listening on http://{}", listener.local_addr()?);
    tokio::spawn(callbacks::deliver(server.clone()));
    server.serve(listener).await
}
