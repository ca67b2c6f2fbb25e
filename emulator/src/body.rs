//! A response body on its way to the client.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Interval, MissedTickBehavior};

use crate::progress::Progress;

/// Small enough for a client that leaves to be noticed before the last piece.
const PIECE: usize = 16 << 10;

/// Dripped bodies go out in at most so many pieces a second.
const DRIPS_PER_SECOND: f64 = 50.0;

/// The longest pause between two of them: as good as for ever.
const SLOWEST: Duration = Duration::from_secs(24 * 3600);

pub struct AnswerBody {
    pieces: VecDeque<Bytes>,
    left: u64,
    announced: bool,
    pace: Option<Interval>,
    progress: Progress,
}

impl AnswerBody {
    pub fn whole(body: Vec<u8>, progress: Progress) -> Self {
        Self::in_pieces(&body, PIECE, progress)
    }

    /// Without a length known in advance.
    pub fn chunked(body: Vec<u8>, progress: Progress) -> Self {
        Self { announced: false, ..Self::in_pieces(&body, PIECE, progress) }
    }

    pub fn dripping(body: Vec<u8>, bytes_per_second: f64, progress: Progress) -> Self {
        let size = (bytes_per_second / DRIPS_PER_SECOND).ceil();
        let pause = Duration::try_from_secs_f64(size / bytes_per_second).unwrap_or(SLOWEST);
        let mut pace = tokio::time::interval(pause.clamp(Duration::from_millis(1), SLOWEST));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { pace: Some(pace), ..Self::in_pieces(&body, size as usize, progress) }
    }

    fn in_pieces(body: &[u8], size: usize, progress: Progress) -> Self {
        Self {
            pieces: body.chunks(size).map(Bytes::copy_from_slice).collect(),
            left: body.len() as u64,
            announced: true,
            pace: None,
            progress,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.progress.complete = self.pieces.is_empty();
        if let Some(pace) = &mut self.pace {
            ready!(pace.poll_tick(context));
        }
        let piece = self.pieces.pop_front();
        self.progress.complete = self.pieces.is_empty();
        Poll::Ready(piece.map(|piece| {
            self.left -= piece.len() as u64;
            Ok(Frame::data(piece))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.announced { SizeHint::with_exact(self.left) } else { SizeHint::default() }
    }
}
