//! Delivery of finished jobs to their callback URLs.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use nyne_emulator::Callback;
use reqwest::{Client, header, redirect};

use crate::server::Server;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Delivers whatever becomes due, for as long as the server runs.
pub async fn deliver(server: Arc<Server>) -> anyhow::Result<()> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("nyne-emulator/", env!("CARGO_PKG_VERSION")))
        .build()?;
    loop {
        let (due, next) = {
            let mut emulator = server.emulator();
            (emulator.due_callbacks(server.now()), emulator.next_end())
        };
        for callback in due {
            tokio::spawn(send(server.clone(), client.clone(), callback));
        }
        let next_end = async {
            match next {
                Some(at) => {
                    // A millisecond more, since the timer's are not cut off like the clock's.
                    let wait = at.saturating_sub(server.now()).saturating_add(1);
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                }
                None => pending().await,
            }
        };
        tokio::select! {
            () = next_end => {}
            () = server.news.notified() => {}
        }
    }
}

/// Tries until it is taken, which a 2xx says, or the tries are used up.
async fn send(server: Arc<Server>, client: Client, callback: Callback) {
    let mut waits = callback.retries.iter();
    loop {
        let sent = client
            .post(&callback.url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(callback.payload.clone())
            .send()
            .await;
        let status = sent.ok().map(|response| response.status());
        server.emulator().callback_tried(&callback, status.map(|status| status.as_u16()));
        match waits.next() {
            Some(wait) if !status.is_some_and(|status| status.is_success()) => {
                tokio::time::sleep(Duration::from_millis(*wait)).await;
            }
            _ => return,
        }
    }
}
