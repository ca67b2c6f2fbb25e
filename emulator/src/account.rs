//! The customer: keys and credits.

use http::{HeaderMap, StatusCode};

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
        let refuse = |code, message: &str| ApiError::new(StatusCode::UNAUTHORIZED, code, message);
        match headers.get("x-api-key") {
            None => return Err(refuse("missing_api_key", "Send X-API-Key.")),
            Some(key) if key.as_bytes() != self.api_key.as_bytes() => {
                return Err(refuse("invalid_api_key", "X-API-Key is not a known key."));
            }
            Some(_) => {}
        }
        match headers.get("x-api-secret") {
            None => Err(refuse("missing_api_secret", "Send X-API-Secret.")),
            Some(secret) if secret.as_bytes() != self.api_secret.as_bytes() => {
                Err(refuse("invalid_api_secret", "X-API-Secret does not belong to this key."))
            }
            Some(_) => Ok(()),
        }
    }

    pub fn require_credits(&self) -> Result<(), ApiError> {
        if self.credits > 0 {
            return Ok(());
        }
        Err(ApiError::new(
            StatusCode::PAYMENT_REQUIRED,
            "insufficient_credits",
            "No credits are left: add some, then submit again.",
        ))
    }

    /// The balance may go below zero: jobs that were accepted while it was positive still count.
    pub fn charge_for_number(&mut self) {
        self.credits -= PRICE_OF_A_NUMBER;
    }
}
