//! A TCP connection that a request's handler can take out of the HTTP server's hands.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Time for a client to see the bytes before it sees the reset.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// What the HTTP server reads from and writes to.
pub struct Connection {
    stream: Arc<TcpStream>,
}

/// What a handler holds of the connection its request came on.
#[derive(Clone)]
pub struct Control {
    stream: Arc<TcpStream>,
    end: Arc<Notify>,
}

pub fn controlled(stream: TcpStream) -> (Connection, Control) {
    let stream = Arc::new(stream);
    let control = Control { stream: stream.clone(), end: Arc::new(Notify::new()) };
    (Connection { stream }, control)
}

impl Control {
    /// Writes bytes past the HTTP server, which must have nothing to write itself.
    pub async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has the connection dropped, and the peer sees a reset instead of an orderly end.
    pub async fn reset(&self) {
        tokio::time::sleep(BEFORE_RESET).await;
        // Fails only where the peer has gone already.
        let _ = self.stream.set_zero_linger();
        self.end.notify_one();
    }

    /// Resolves when the connection is to be dropped.
    pub async fn ended(&self) {
        self.end.notified().await;
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(buffer.initialize_unfilled()) {
                Ok(read) => {
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match self.stream.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The write side closes when the connection is dropped, which follows at once.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
