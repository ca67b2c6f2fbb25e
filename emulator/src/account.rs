//! The customer: keys and credits.

use http::HeaderMap;

use crate::codes::{INSUFFICIENT_CREDITS, INVALID_API_KEY, INVALID_API_SECRET, MISSING_API_KEY, MISSING_API_SECRET};
use crate::envelope::ApiError;

/// What one found number costs. Nyne publishes no price; one credit keeps the sums readable.
const PRICE_OF_A_NUMBER: i64 = 1;

pub struct Account {
    api_key: String,
    api_secret: String,
    credits: i64,
}

impl Account {
    pub fn new(api_key: String, api_secret: String, credits: i64) -> Self {
        Self { api_key, api_secret, credits }
    }

    pub fn credits(&self) -> i64 {
        self.credits
    }

    pub fn authenticate(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        match headers.get("x-api-key") {
            None => return Err(MISSING_API_KEY.into()),
            Some(key) if key.as_bytes() != self.api_key.as_bytes() => {
                return Err(INVALID_API_KEY.into());
            }
            Some(_) => {}
        }
        match headers.get("x-api-secret") {
            None => Err(MISSING_API_SECRET.into()),
            Some(secret) if secret.as_bytes() != self.api_secret.as_bytes() => Err(INVALID_API_SECRET.into()),
            Some(_) => Ok(()),
        }
    }

    pub fn require_credits(&self) -> Result<(), ApiError> {
        if self.credits > 0 {
            return Ok(());
        }
        Err(INSUFFICIENT_CREDITS.into())
    }

    /// The balance may go below zero: jobs that were accepted while it was positive still count.
    pub fn charge_for_number(&mut self) {
        self.credits -= PRICE_OF_A_NUMBER;
    }
}
