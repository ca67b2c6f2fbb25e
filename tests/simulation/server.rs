//! Nyne, and everything between it and a client that can go wrong. It knows what is true: whether a job was made, what its
//! replies mean, how long it wants to be left alone.

use super::chance::Chance;
use super::http::{Http, KEY};

/// What the local Unix clock says when the simulation's time is 0, in ms.
pub const CLOCK: f64 = 1_781_267_089_250.0;

/// The last Unix time in seconds that is told from one in ms by its size.
const LAST_DATE: i64 = 99_999_999_999;

pub struct Server {
    /// The share of exchanges that go wrong.
    pub faults: f64,
    /// How far its clock is ahead of the client's, in ms.
    pub skew: f64,
    /// How long after a submit its status is not known yet, in ms.
    pub lag: f64,
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
    /// There is something where the number belongs, and nobody can tell what.
    Unusable,
}

/// What comes of a request.
pub struct Delivery {
    pub arrival: Arrival,
    /// In ms; infinite if nothing ever comes.
    pub after: f64,
    /// How long the server wants to be left alone.
    pub wait: Wait,
    /// How much of it holds for the whole client, in ms: the reply is about the number of its requests.
    pub for_all: f64,
    /// The answer tells the state of the right job.
    pub tells: bool,
}

pub enum Arrival {
    Http(Http),
    NetworkError,
    Nonsense,
    /// The request never left the client, which can tell.
    NotSent,
    /// The client's host cannot send requests.
    Fault,
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

/// Why a job failed, where it says so.
pub const REASONS: [&str; 2] = ["no source answered", "no source"];

/// Words for a job that runs, the service's own and others.
const RUNNING: [&str; 7] = ["queued", "processing", "Pending", "RUNNING", "expired", "completed?", "état \u{1f600}"];

/// Words that are read without regard to case and spaces.
const COMPLETED: [&str; 4] = ["completed", "Completed", "COMPLETED", " completed\\n"];
const FAILED: [&str; 3] = ["failed", "Failed", "FAILED "];

impl Server {
    /// A submit arrives.
    pub fn submit(&self, job: &mut Job, now: f64, chance: &mut Chance) -> Delivery {
        if !self.goes_wrong(job, chance) {
            self.make(job, now);
            let state = if chance.likely(0.1) { job.ending.members(job, chance) } else { running(chance) };
            let status = chance.pick(&[202, 202, 202, 200, 201]);
            return self.told(Http::new(status, job.envelope(&state, chance)), now, chance);
        }
        if chance.likely(0.1) {
            let arrival = if chance.likely(0.9) { Arrival::NotSent } else { Arrival::Fault };
            return Delivery::without_reply(arrival, 1.0);
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
            0 => return Delivery::broken(chance),
            1 => Http::new(202, garbage(chance)),
            2 => Http::new(200, error_body("internal_error", chance)),
            _ => return self.refusal(status, code, now, chance),
        };
        self.answered(http, now, chance)
    }

    /// A poll arrives.
    pub fn poll(&self, job: &mut Job, now: f64, chance: &mut Chance) -> Delivery {
        if now - job.made_at < self.lag {
            return self.refusal(404, chance.pick(&["", "request_not_found"]), now, chance);
        }
        if !self.goes_wrong(job, chance) {
            job.patience = job.patience.saturating_sub(1);
            let done = job.patience == 0 || now - job.made_at >= job.length;
            let state = if done { job.ending.members(job, chance) } else { running(chance) };
            return self.told(Http::new(200, job.envelope(&state, chance)), now, chance);
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
            0 => return Delivery::broken(chance),
            1 => Http::new(200, garbage(chance)),
            2 => Http::new(200, error_body("internal_error", chance)),
            3 => {
                let another = r#""request_id":"another","status":"completed","result":{}"#;
                Http::new(200, envelope(another, chance))
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
        let for_all = match (status, code) {
            (429, "rate_limit_exceeded") => 3_600_000.0,
            (429, "") | (503, "service_unavailable") => 60_000.0,
            _ => 0.0,
        };
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
        Delivery { arrival: Arrival::Http(http), after, wait, for_all: 0.0, tells: false }
    }

    /// Sets headers, and says what they mean.
    fn ask_to_wait(&self, http: &mut Http, limited: bool, now: f64, chance: &mut Chance) -> Wait {
        let seconds = chance.pick(&[0, 1, 1, 2, 5, 30, 45, 120, 7_200, 2_000_000]);
        let wait = Wait::For(seconds as f64 * 1_000.0);
        // A date has whole seconds only: the server's own, and when to come back by its clock.
        let local = CLOCK + now;
        let own = ((local + self.skew) / 1_000.0).floor() as i64;
        let later = own + seconds;
        if later > LAST_DATE {
            // A lookup without limits can get there.
            return Wait::Nothing;
        }
        let date = Some(http_date(own, Form::Fixed));
        match chance.below(if limited { 16 } else { 12 }) {
            0 => {
                http.retry_after = Some(seconds.to_string());
                wait
            }
            1 => {
                http.retry_after = Some(format!("{seconds}.4"));
                Wait::For(seconds as f64 * 1_000.0 + 400.0)
            }
            2 => {
                let list = chance.pick(&["0, {}", "{}, 0", "soon,{}", "{} ,9999999999"]);
                http.retry_after = Some(list.replace("{}", &seconds.to_string()));
                wait
            }
            3 => {
                http.retry_after = Some(http_date(later, Form::Fixed));
                http.date = date;
                wait
            }
            4 => {
                http.retry_after = Some(http_date(later, chance.pick(&[Form::Asctime, Form::Obsolete])));
                http.date = date;
                wait
            }
            5 => {
                http.retry_after = Some(http_date(later, chance.pick(&[Form::Iso, Form::IsoAhead])));
                http.date = date;
                wait
            }
            6 => {
                http.retry_after = Some(if chance.likely(0.5) { later.to_string() } else { format!("{later}000") });
                http.date = date;
                wait
            }
            // Without its own date the server's clock cannot be told from ours.
            7 if self.skew == 0.0 => {
                http.retry_after = Some(http_date(later, Form::Fixed));
                Wait::Until(later as f64 * 1_000.0)
            }
            8 => {
                http.retry_after = Some(format!("-{seconds}"));
                Wait::For(0.0)
            }
            // Where no limit was hit, its window's end asks for nothing.
            9 if !limited => {
                http.rate_limit_reset = Some(seconds.to_string());
                Wait::Nothing
            }
            12 => {
                http.rate_limit_reset = Some(seconds.to_string());
                http.x_rate_limit_reset = Some("0".into());
                wait
            }
            13 => {
                http.x_rate_limit_reset =
                    Some(if chance.likely(0.5) { later.to_string() } else { format!("{later}000") });
                http.date = date;
                wait
            }
            14 => {
                http.retry_after = Some("soon".into());
                http.rate_limit_reset = Some(format!(" {seconds} "));
                wait
            }
            // What is not readable, or more than a year.
            _ => {
                let nonsense = [
                    "",
                    "soon",
                    "1e9",
                    "inf",
                    "NaN",
                    "40000000",
                    "99999999999999999999",
                    "Sun, 99 Nov 2026",
                    "Fri, 31 Dec 9999 23:59:59 GMT",
                ];
                http.retry_after = Some(chance.pick(&nonsense).into());
                http.date = date.filter(|_| chance.likely(0.5));
                Wait::Nothing
            }
        }
    }
}

impl Delivery {
    fn without_reply(arrival: Arrival, after: f64) -> Delivery {
        Delivery { arrival, after, wait: Wait::Nothing, for_all: 0.0, tells: false }
    }

    fn broken(chance: &mut Chance) -> Delivery {
        match chance.below(8) {
            0..2 => Delivery::without_reply(Arrival::Nonsense, 1.0),
            2..4 => Delivery::without_reply(Arrival::NetworkError, f64::INFINITY),
            _ => Delivery::without_reply(Arrival::NetworkError, chance.magnitude(1.0, 5_000.0)),
        }
    }
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
        (self.ending == Ending::Found).then(|| format!("1555{:07}", self.number))
    }

    /// The members of the job's state, with its id where the service may put it.
    fn envelope(&self, members: &str, chance: &mut Chance) -> String {
        let id = self.id();
        let id = if self.number % 3 == 2 && chance.likely(0.5) { id } else { format!(r#""{id}""#) };
        match chance.below(6) {
            0 => format!(r#"{{"success":true,"request_id":{id},"data":{{{members}}}}}"#),
            1 => format!(r#"{{"data":{{"request_id":{id},{members}}},"request_id":"of-the-http-request"}}"#),
            _ => envelope(&format!(r#""request_id":{id},{members}"#), chance),
        }
    }
}

impl Ending {
    /// The members that tell of it.
    fn members(self, job: &Job, chance: &mut Chance) -> String {
        let completed = chance.pick(&COMPLETED);
        match self {
            Ending::Found => {
                let number = job.mobile().unwrap_or_default();
                let state = match chance.below(6) {
                    0 => r#""completed":true"#.into(),
                    1 => r#""status":"queued","status":"completed""#.into(),
                    2 => r#""status":"processing","completed":true"#.into(),
                    3 => format!(r#""status":"{completed}""#),
                    _ => format!(r#""status":"{completed}","completed":true"#),
                };
                let mobile = match chance.below(6) {
                    0 => number,
                    1 => format!(r#"["{number}","+1"]"#),
                    2 => format!(r#"[null,7,"{number}"]"#),
                    3 => format!(r#"" {number} ""#),
                    _ => format!(r#""{number}""#),
                };
                format!(r#"{state},"result":{{"mobile":{mobile}}},"completed_on":"2026-01-15T10:31:00Z""#)
            }
            Ending::NoMatch => {
                let result = chance.pick(&[
                    r#""result":{"mobile":null}"#,
                    r#""result":{"mobile":""}"#,
                    r#""result":{}"#,
                    r#""result":null"#,
                    r#""other":1"#,
                ]);
                format!(r#""status":"{completed}","completed":true,{result}"#)
            }
            Ending::Failed => {
                let error = chance.pick(&[
                    r#""error":"no source answered""#,
                    r#""error":{"code":"x","message":"no source answered"}"#,
                    r#""message":"no\nsource""#,
                    r#""error":null"#,
                ]);
                format!(r#""status":"{}",{error}"#, chance.pick(&FAILED))
            }
            Ending::Unusable => {
                let result = chance.pick(&[
                    r#""+15550100""#,
                    "[]",
                    "true",
                    r#"{"mobile":{"number":"+15550100"}}"#,
                    r#"{"mobile":[]}"#,
                    r#"{"mobile":[7]}"#,
                    r#"{"mobile":1.5}"#,
                    r#"{"mobile":false}"#,
                ]);
                format!(r#""status":"{completed}","result":{result}"#)
            }
        }
    }
}

fn running(chance: &mut Chance) -> String {
    format!(r#""status":"{}","completed":false"#, chance.pick(&RUNNING))
}

/// Members of an object as the service may wrap it.
fn envelope(members: &str, chance: &mut Chance) -> String {
    match chance.below(5) {
        0 => format!("{{{members}}}"),
        1 => format!("\u{feff} {{{members}}}\r\n"),
        2 => format!("{{\"note\":\"raw\u{1}control\ncharacters\",\"data\":{{{members}}}}}"),
        _ => format!(r#"{{"success":true,"data":{{{members}}},"timestamp":"2026-06-12T12:24:49"}}"#),
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
        r#"{"success":true,"data":{"request_id":7.5,"status":"queued"}}"#,
        r#"{"success":true,"data":{"request_id":-7,"status":"queued"},"request_id":[]}"#,
        r#"{"success":true,"data":{"request_id":"","status":"queued"}}"#,
        r#"{"success":true,"data":{"request_id":"a\nb","status":"completed"}}"#,
        r#"{"data":{"result":{"mobile":"+1"}}}"#,
    ];
    match chance.below(body.len() + 1) {
        0 => format!(r#"{{"request_id":"{KEY}","status":"queued"}}"#),
        _ => chance.pick(&body).into(),
    }
}

#[derive(Clone, Copy)]
enum Form {
    Fixed,
    Obsolete,
    Asctime,
    Iso,
    /// By the clock of a zone that is ahead of UTC.
    IsoAhead,
}

/// The date of a Unix time in seconds.
fn http_date(unix: i64, form: Form) -> String {
    let unix = if matches!(form, Form::IsoAhead) { unix + 5_400 } else { unix };
    let (mut day, time) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][day.rem_euclid(7) as usize];
    let mut year = 1970;
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate();
    let month = months.find_map(|(month, days)| {
        let days = days + i64::from(month == 1 && leap(year));
        if day < days {
            return Some(month);
        }
        day -= days;
        None
    });
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, number) = (day + 1, month.unwrap_or(11));
    let month = names[number];
    let clock = format!("{:02}:{:02}:{:02}", time / 3_600, time / 60 % 60, time % 60);
    match form {
        Form::Fixed => format!("{weekday}, {day:02} {month} {year} {clock} GMT"),
        Form::Asctime => format!("{weekday} {month} {day:2} {clock} {year}"),
        // Its two digits reach to 2069.
        Form::Obsolete if year > 2069 => http_date(unix, Form::Fixed),
        Form::Obsolete => format!("{weekday}day, {day:02}-{month}-{:02} {clock} GMT", year % 100),
        Form::Iso => format!("{year}-{:02}-{day:02}T{clock}Z", number + 1),
        Form::IsoAhead => format!("{year}-{:02}-{day:02}T{clock}+01:30", number + 1),
    }
}
