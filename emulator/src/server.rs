//! The HTTP server: hands requests to the emulator and delivers what it answers, as it says.

use std::error::Error;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use nyne_emulator::{
    Answer, Cut, Delivery, Emulator, Ending, LARGEST_REQUEST, Request, Response, Settings, UnixMillis,
};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::body::AnswerBody;
use crate::connection::{self, Control};
use crate::progress::Progress;

/// Small, so that a client that leaves in mid-answer is noticed: what is buffered counts as sent.
const SEND_BUFFER: usize = 32 << 10;

pub struct Server {
    emulator: Mutex<Emulator>,
    started: (SystemTime, Instant),
    /// Callbacks may have become due.
    pub news: Notify,
}

impl Server {
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let started = (SystemTime::now(), Instant::now());
        let seed = started.0.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        Ok(Self {
            emulator: Mutex::new(Emulator::new(settings, seed).map_err(anyhow::Error::msg)?),
            started,
            news: Notify::new(),
        })
    }

    pub fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wall-clock time that never goes back.
    pub fn now(&self) -> UnixMillis {
        let now = self.started.0 + self.started.1.elapsed();
        now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }

    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> anyhow::Result<()> {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(self.clone().converse(stream));
                }
                // Out of file descriptors, or the peer has gone: others may still be served.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    async fn converse(self: Arc<Self>, stream: TcpStream) {
        // Without these answers still arrive: small ones later, large ones with less known of how far they came.
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
        let (connection, control) = connection::controlled(stream);
        let service = service_fn(|request| self.clone().handle(request, control.clone()));
        let conversation =
            http1::Builder::new().max_buf_size(SEND_BUFFER).serve_connection(TokioIo::new(connection), service);
        tokio::select! {
            // An error here is the client's: it went away, or did not speak HTTP.
            _ = conversation => {}
            () = control.ended() => {}
        }
    }

    async fn handle(
        self: Arc<Self>,
        request: http::Request<Incoming>,
        control: Control,
    ) -> Result<http::Response<AnswerBody>, Box<dyn Error + Send + Sync>> {
        let (head, body) = request.into_parts();
        let answer = match Limited::new(body, LARGEST_REQUEST).collect().await {
            Ok(body) => {
                let request = Request::from_parts(head, body.to_bytes().into());
                let answer = self.emulator().answer(&request, self.now());
                self.news.notify_one();
                answer
            }
            Err(error) if error.is::<LengthLimitError>() => Answer::too_large(),
            Err(error) => return Err(error),
        };
        Ok(self.deliver(answer, control).await)
    }

    async fn deliver(self: Arc<Self>, answer: Answer, control: Control) -> http::Response<AnswerBody> {
        let mut progress = Progress::new(self, answer.ticket);
        let response = answer.response;
        match answer.delivery {
            Delivery::Cut { at, then } => return cut(response, at, then, control, progress).await,
            Delivery::Later { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Delivery::Whole | Delivery::Drip { .. } | Delivery::Chunked => {}
        }
        progress.head_sent(response.status());
        // Not every answer has its body sent: not a 204, nor one to HEAD.
        progress.complete = true;
        response.map(|body| match answer.delivery {
            Delivery::Drip { bytes_per_second } => AnswerBody::dripping(body, bytes_per_second, progress),
            Delivery::Chunked => AnswerBody::chunked(body, progress),
            _ => AnswerBody::whole(body, progress),
        })
    }
}

/// Sends part of an answer past the HTTP server, which never gets one to send.
async fn cut<Never>(response: Response, at: Cut, then: Ending, control: Control, mut progress: Progress) -> Never {
    let mut part = Vec::new();
    if at != Cut::Start {
        part = header_block(&response);
    }
    match at {
        Cut::Start => {}
        Cut::Headers => part.truncate(part.len() / 2),
        Cut::Body => {
            let (half, _) = response.body().split_at(response.body().len() / 2);
            part.extend(half);
            progress.head_sent(response.status());
        }
    }
    // Fails only where the client has gone, which the HTTP server notices, too.
    let _ = control.write(&part).await;
    if then == Ending::Reset {
        progress.complete = true;
        control.reset().await;
    }
    pending().await
}

fn header_block(response: &Response) -> Vec<u8> {
    let mut block = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        block.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    block.extend(format!("content-length: {}\r\n\r\n", response.body().len()).into_bytes());
    block
}
