//! What comes in and what goes out.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::emulator::Ticket;

/// A request, its body read.
pub type Request = http::Request<Vec<u8>>;

/// A response, its body complete.
pub type Response = http::Response<Vec<u8>>;

/// The largest body of a request that is read, in bytes.
pub const LARGEST_REQUEST: usize = 1 << 20;

/// A response and how it is to reach the client.
#[derive(Debug)]
pub struct Answer {
    pub response: Response,
    pub delivery: Delivery,
    /// The request's entry in its world's log, to be told how the delivery went.
    pub ticket: Option<Ticket>,
}

impl Answer {
    /// To a request whose body is larger than [`LARGEST_REQUEST`]. It is in no log.
    pub fn too_large() -> Self {
        Self::refusal(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB.\n")
    }

    /// To what is not an HTTP request.
    pub fn bad_request() -> Self {
        Self::refusal(StatusCode::BAD_REQUEST, "")
    }

    fn refusal(status: StatusCode, body: &str) -> Self {
        let mut response = Response::new(body.as_bytes().to_vec());
        *response.status_mut() = status;
        Self { response, delivery: Delivery::Whole, ticket: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Delivery {
    Whole,
    Later {
        ms: u64,
    },
    Drip {
        bytes_per_second: f64,
    },
    /// Without announcing a `Content-Length`.
    Chunked,
    /// Only part of it, then trouble.
    Cut {
        at: Cut,
        then: Ending,
    },
}

/// Where an answer is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Cut {
    /// Before any byte.
    Start,
    /// After half of the header block.
    Headers,
    /// After half of the body that `Content-Length` announced.
    Body,
}

/// What follows the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// The connection is reset.
    Reset,
    /// Nothing more is sent, and the connection stays open until the client leaves.
    Silence,
}
