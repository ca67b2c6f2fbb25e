//! How the delivery of an answer goes, for the log.

use std::sync::Arc;

use http::StatusCode;
use nyne_emulator::Ticket;

use crate::server::Server;

/// Dropped incomplete, it reports that the client left early: the HTTP server drops what it is
/// about to send, and whoever is still preparing it, as soon as the client has gone.
pub struct Progress {
    server: Arc<Server>,
    ticket: Option<Ticket>,
    pub complete: bool,
}

impl Progress {
    pub fn new(server: Arc<Server>, ticket: Option<Ticket>) -> Self {
        Self { server, ticket, complete: false }
    }

    pub fn head_sent(&self, status: StatusCode) {
        if let Some(ticket) = self.ticket {
            self.server.emulator().answered(ticket, status);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let (Some(ticket), false) = (self.ticket, self.complete) {
            self.server.emulator().closed_early(ticket);
        }
    }
}
