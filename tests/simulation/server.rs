//! Nyne, and everything between it and a client that can go wrong. It knows what is true: whether a job was made, what its
//! answers mean, how long it wants to be left alone.

use nyne_phone_finder::protocol::WaitHeaders;

use super::chance::Chance;
use super::http::{Http, KEY};

/// What the local Unix clock says when the simulation's time is 0, in ms.
pub const CLOCK: f64 = 1_781_267_089_250.0;

/// The last second that an HTTP date can tell, in Unix time: its year has four digits.
const LAST_DATE: i64 = 253_402_300_799;

pub struct Server {
    /// The share of exchanges that go wrong.
    pub faults: f64,
    /// How far its clock is ahead of the client's, in ms.
    pub skew: f64,
}

/// What the server knows of a lookup's job.
#[derive(Default)]
pub struct Job {
    pub number: usize,
    /// How many jobs were made for it.
    pub made: usize,
    /// The job is done after so many ms and at the latest when it was asked for so often.
    pub length: f64,
    pub patience: usize,
    pub ending: Ending,
    pub made_at: f64,
    /// How much more goes wrong.
    pub faults_left: usize,
}

#[derive(Clone, Copy, Default, PartialEq)]
pub enum Ending {
    #[default]
    Found,
    NoMatch,
    Failed,
}

/// What comes of a request.
pub struct Delivery {
    pub arrival: Arrival,
    /// In ms; infinite if nothing ever comes.
    pub after: f64,
    /// How long the server wants to be left alone.
    pub wait: Wait,
    /// That holds for the whole client: the answer is about the number of its requests.
    pub for_all: bool,
    /// The answer tells the state of the right job.
    pub tells: bool,
}

pub enum Arrival {
    Http(Http),
    NetworkError,
    Nonsense,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Wait {
    /// Nothing a client could read.
    Nothing,
    /// So many ms from when the answer arrives.
    For(f64),
    /// Until the local Unix time.
    Until(f64),
}

/// Its codes that no client knows.
pub const UNKNOWN_CODES: [&str; 2] = ["a_code_nobody_knows", "upstream_unavailable"];

/// Why a job failed, where it says so.
pub const REASONS: [&str; 2] = ["no source answered", "no\nsource"];

/// Words for a job that runs, the service's own and others.
const RUNNING: [&str; 7] = ["queued", "processing", "pending", "running", "expired", "COMPLETED", "état \u{1f600}"];

impl Server {
    /// A submit arrives.
    pub fn submit(&self, job: &mut Job, now: f64, chance: &mut Chance) -> Delivery {
        if !self.goes_wrong(job, chance) {
            self.make(job, now);
            let state = if chance.likely(0.1) { job.ending.data(job, chance) } else { running(job, chance) };
            let status = chance.pick(&[202, 202, 202, 200, 201]);
            return self.told(Http::new(status, envelope(&state, chance)), now, chance);
        }
        // What keeps a job from being made, and says so.
        if chance.likely(0.5) {
            let (status, code) = chance.pick(&[
                (429, "rate_limit_exceeded"),
                (429, "rate_limit_exceeded"),
                (503, "service_unavailable"),
                (503, "service_unavailable"),
                (429, "insufficient_credits"),
                (429, ""),
                (400, "missing_parameters"),
                (401, "invalid_api_key"),
                (402, "insufficient_credits"),
                (402, ""),
                (403, "subscription_required"),
                (404, ""),
                (405, ""),
                (422, "a_code_nobody_knows"),
                (425, ""),
            ]);
            return self.refusal(status, code, now, chance);
        }
        // What leaves open whether there is one.
        if chance.likely(0.5) {
            self.make(job, now);
        }
        let (status, code) = chance.pick(&[
            (0, ""),
            (302, ""),
            (307, ""),
            (408, ""),
            (500, "internal_error"),
            (500, "rate_limit_exceeded"),
            (502, "service_unavailable"),
            (503, ""),
            (503, "upstream_unavailable"),
            (504, ""),
            (529, ""),
        ]);
        let http = match chance.below(4) {
            0 => return broken(chance),
            1 => Http::new(202, garbage(chance)),
            2 => Http::new(200, error_body("internal_error", chance)),
            _ => return self.refusal(status, code, now, chance),
        };
        self.answered(http, now, chance)
    }

    /// A poll arrives.
    pub fn poll(&self, job: &mut Job, now: f64, chance: &mut Chance) -> Delivery {
        if !self.goes_wrong(job, chance) {
            job.patience = job.patience.saturating_sub(1);
            let done = job.patience == 0 || now - job.made_at >= job.length;
            let state = if done { job.ending.data(job, chance) } else { running(job, chance) };
            return self.told(Http::new(200, envelope(&state, chance)), now, chance);
        }
        let (status, code) = chance.pick(&[
            (429, "rate_limit_exceeded"),
            (429, "rate_limit_exceeded"),
            (429, ""),
            (503, "service_unavailable"),
            (503, ""),
            (500, "internal_error"),
            (500, ""),
            (502, ""),
            (504, "rate_limit_exceeded"),
            (408, ""),
            (425, ""),
            (0, ""),
            (301, ""),
            (400, "invalid_request"),
            (401, ""),
            (402, "insufficient_credits"),
            (429, "insufficient_credits"),
            (500, "insufficient_credits"),
            (403, "ip_not_allowed"),
            (404, "request_not_found"),
            (404, "internal_error"),
            (418, "a_code_nobody_knows"),
        ]);
        let http = match chance.below(6) {
            0 => return broken(chance),
            1 => Http::new(200, garbage(chance)),
            2 => Http::new(200, error_body("internal_error", chance)),
            3 => {
                let another = envelope(r#"{"request_id":"another","status":"completed","result":{}}"#, chance);
                Http::new(200, another)
            }
            _ => return self.refusal(status, code, now, chance),
        };
        self.answered(http, now, chance)
    }

    /// In the end everything goes right.
    fn goes_wrong(&self, job: &mut Job, chance: &mut Chance) -> bool {
        let wrong = job.faults_left > 0 && chance.likely(self.faults);
        job.faults_left -= usize::from(wrong);
        wrong
    }

    fn make(&self, job: &mut Job, now: f64) {
        job.made += 1;
        job.made_at = now;
    }

    fn told(&self, http: Http, now: f64, chance: &mut Chance) -> Delivery {
        Delivery { tells: true, ..self.answered(http, now, chance) }
    }

    fn refusal(&self, status: u16, code: &str, now: f64, chance: &mut Chance) -> Delivery {
        let body = if code.is_empty() { uncoded_body(chance) } else { error_body(code, chance) };
        let for_all = matches!((status, code), (429, "" | "rate_limit_exceeded") | (503, "service_unavailable"));
        Delivery { for_all, ..self.answered(Http::new(status, body), now, chance) }
    }

    fn answered(&self, mut http: Http, now: f64, chance: &mut Chance) -> Delivery {
        let limited = matches!(http.status, 429 | 503);
        let mut wait = Wait::Nothing;
        if chance.likely(if limited { 0.8 } else { 0.05 }) {
            wait = self.ask_to_wait(&mut http, limited, now, chance);
        }
        let after = match chance.below(10) {
            0 => 0.0,
            1 => chance.magnitude(1_000.0, 30_000.0),
            _ => chance.magnitude(1.0, 500.0),
        };
        Delivery { arrival: Arrival::Http(http), after, wait, for_all: false, tells: false }
    }

    /// Sets headers, and says what they mean.
    fn ask_to_wait(&self, http: &mut Http, limited: bool, now: f64, chance: &mut Chance) -> Wait {
        let seconds = chance.pick(&[0, 1, 1, 2, 5, 30, 120, 7_200, 2_000_000, 999_999_999]);
        let wait = Wait::For(seconds as f64 * 1_000.0);
        // A date has whole seconds only: the server's own, and when to come back by its clock.
        let local = CLOCK + now;
        let own = ((local + self.skew) / 1_000.0).floor() as i64;
        if own + seconds > LAST_DATE {
            // A lookup without limits can get there.
            return Wait::Nothing;
        }
        let seconds = seconds as f64;
        let (date, later) = (own as f64 * 1_000.0, own as f64 + seconds);
        let headers = &mut http.headers;
        if chance.likely(0.2) {
            // When a limit's window ends. That matters where a limit was hit and nothing better tells when to come back.
            headers.rate_limit_reset = 7.0;
            headers.x_rate_limit_reset = later + 7.0;
        }
        match chance.below(8) {
            0 => {
                headers.retry_after = seconds;
                wait
            }
            1 => {
                headers.retry_at = later * 1_000.0;
                headers.date = date;
                wait
            }
            // Without its own date the server's clock cannot be told from ours.
            2 if self.skew == 0.0 => {
                headers.retry_at = later * 1_000.0;
                Wait::Until(later * 1_000.0)
            }
            3 => {
                headers.retry_after = -seconds;
                Wait::For(0.0)
            }
            4 => {
                headers.rate_limit_reset = seconds;
                headers.x_rate_limit_reset = 0.0;
                if limited { wait } else { Wait::Nothing }
            }
            5 => {
                headers.rate_limit_reset = f64::NAN;
                headers.x_rate_limit_reset = later;
                headers.date = date;
                if limited { wait } else { Wait::Nothing }
            }
            6 if self.skew == 0.0 => {
                headers.rate_limit_reset = f64::NAN;
                headers.x_rate_limit_reset = later;
                if limited { Wait::Until(later * 1_000.0) } else { Wait::Nothing }
            }
            // A date alone asks for nothing.
            _ => {
                *headers = WaitHeaders { date, ..Http::new(0, String::new()).headers };
                Wait::Nothing
            }
        }
    }
}

fn broken(chance: &mut Chance) -> Delivery {
    let (arrival, after) = match chance.below(4) {
        0 => (Arrival::Nonsense, 1.0),
        1 => (Arrival::NetworkError, f64::INFINITY),
        _ => (Arrival::NetworkError, chance.magnitude(1.0, 5_000.0)),
    };
    Delivery { arrival, after, wait: Wait::Nothing, for_all: false, tells: false }
}

impl Wait {
    /// Until when, for an answer that arrives at `now`.
    pub fn until(self, now: f64) -> f64 {
        match self {
            Wait::Nothing => now,
            Wait::For(ms) => now + ms,
            Wait::Until(unix) => unix - CLOCK,
        }
    }
}

impl Job {
    /// Ids come in many forms.
    pub fn id(&self) -> String {
        let number = self.number;
        match number % 3 {
            0 => format!("{number:032x}_1717000000_4271"),
            1 => format!("{number:08x}.{number} é&/?"),
            _ => number.to_string(),
        }
    }

    pub fn mobile(&self) -> Option<String> {
        (self.ending == Ending::Found).then(|| format!("+1-555-{:07}", self.number))
    }
}

impl Ending {
    fn data(self, job: &Job, chance: &mut Chance) -> String {
        let id = job.id();
        match self {
            Ending::Found => {
                let mobile = job.mobile().unwrap_or_default();
                let state = chance.pick(&[
                    r#""status":"completed","completed":true"#,
                    r#""status":"completed""#,
                    r#""completed":true"#,
                    r#""status":"queued","status":"completed""#,
                ]);
                format!(
                    r#"{{"request_id":"{id}",{state},"result":{{"mobile":"{mobile}"}},"completed_on":"2026-01-15T10:31:00Z"}}"#
                )
            }
            Ending::NoMatch => {
                let result = chance.pick(&[
                    r#""result":{"mobile":null}"#,
                    r#""result":{"mobile":""}"#,
                    r#""result":{}"#,
                    r#""result":null"#,
                    r#""other":1"#,
                ]);
                format!(r#"{{"request_id":"{id}","status":"completed","completed":true,{result}}}"#)
            }
            Ending::Failed => {
                let error = chance.pick(&[
                    r#""error":"no source answered""#,
                    r#""error":{"code":"x","message":"no source answered"}"#,
                    r#""message":"no\nsource""#,
                    r#""error":null"#,
                ]);
                format!(r#"{{"request_id":"{id}","status":"failed",{error}}}"#)
            }
        }
    }
}

fn running(job: &Job, chance: &mut Chance) -> String {
    let (id, status) = (job.id(), chance.pick(&RUNNING));
    format!(r#"{{"request_id":"{id}","status":"{status}","completed":false}}"#)
}

/// An object as the service may wrap it.
fn envelope(data: &str, chance: &mut Chance) -> String {
    match chance.below(5) {
        0 => data.into(),
        1 => format!("\u{feff} {data}\r\n"),
        2 => format!("{{\"note\":\"raw\u{1}control\ncharacters\",\"data\":{data}}}"),
        _ => format!(r#"{{"success":true,"data":{data},"timestamp":"2026-06-12T12:24:49"}}"#),
    }
}

/// An error in one of the forms seen.
fn error_body(code: &str, chance: &mut Chance) -> String {
    match chance.below(5) {
        0 => format!(r#"{{"error":"{code}"}}"#),
        1 => format!(r#"{{"success":false,"code":"{code}","message":"not\u0000now"}}"#),
        2 => format!(r#"{{"success":false,"data":{{"error":{{"code":"{code}"}}}},"detail":"x"}}"#),
        3 => format!(r#"{{"success":false,"error":"{code}","message":"Try again!"}}"#),
        _ => format!(r#"{{"success":false,"error":{{"code":"{code}","message":"not now"}}}}"#),
    }
}

/// An error without a code: what a proxy says, or one that repeats a key where a code belongs.
fn uncoded_body(chance: &mut Chance) -> String {
    match chance.below(6) {
        0 => String::new(),
        1 => "<html><body><h1>Error</h1>\u{7}".into(),
        2 => r#"{"detail":"Something is wrong."}"#.into(),
        3 => r#"{"success":false,"error":"Something is wrong"}"#.into(),
        4 => format!(r#"{{"success":false,"error":{{"code":"{KEY}"}}}}"#),
        _ => r#"{"error":{"message":"Something is wrong","code":503}}"#.into(),
    }
}

/// A body that claims success and tells nothing.
fn garbage(chance: &mut Chance) -> String {
    let body = [
        "",
        " \n",
        "<html>",
        "[]",
        "null",
        "{",
        r#"{"success":true,"data":{"status":"queued""#,
        r#"{"success":true,"data":{"request_id":7,"status":"queued"}}"#,
        r#"{"success":true,"data":{"request_id":"","status":"queued"}}"#,
        r#"{"success":true,"data":{"request_id":"a\nb","status":"completed"}}"#,
        r#"{"data":{"result":{"mobile":"+1"}}}"#,
    ];
    match chance.below(body.len() + 1) {
        0 => format!(r#"{{"request_id":"{KEY}","status":"queued"}}"#),
        _ => chance.pick(&body).into(),
    }
}
