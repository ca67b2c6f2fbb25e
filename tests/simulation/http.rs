//! An HTTP answer, and how a host reads it: as `pkg-template/call.js` does.

use nyne_phone_finder::protocol::{Body, Expected, Id, Kind, Member, Reply, Told, Value, WaitHeaders};

/// A key that the client sends and the server likes to repeat. It has the form of an id and of a code.
pub const KEY: &str = "nyne_sec_0123456789abcdef";

#[derive(Clone, Debug)]
pub struct Http {
    pub status: u16,
    pub body: String,
    /// What the host makes of the headers: it reads the seconds and the dates in them, and tests of the package prove that.
    pub headers: WaitHeaders,
}

impl Http {
    /// An answer without headers.
    pub fn new(status: u16, body: String) -> Http {
        let none = f64::NAN;
        let headers = WaitHeaders {
            retry_after: none,
            retry_at: none,
            rate_limit_reset: none,
            x_rate_limit_reset: none,
            date: none,
        };
        Http { status, body, headers }
    }

    /// Reads the answer, for a call about the job of this id or not yet about any.
    pub fn read(&self, expected: Expected, id: Option<&str>) -> (Reply, Told<serde_json::Value>) {
        read(self.status, &self.body, expected, id)
    }

    /// How long it asks to stay away, at the local Unix time `clock`, in ms.
    pub fn wait(&self, clock: f64) -> Option<f64> {
        self.headers.wait(self.status, clock)
    }
}

/// Reads a body of an answer or of a callback.
pub fn read(status: u16, body: &str, expected: Expected, id: Option<&str>) -> (Reply, Told<serde_json::Value>) {
    let json = parse(body);
    let body = match &json {
        Some(json) if json.is_object() => Body::Object(Held { json, id }),
        Some(_) => Body::Json,
        None if body.trim().is_empty() => Body::Empty,
        None => Body::Text,
    };
    let (reply, Told { job, text, code }) = Reply::read(status, body, expected);
    let given = |value: Option<Held>| value.map(|held| held.json.clone());
    (reply, Told { job: given(job), text: given(text), code: given(code) })
}

/// A body's JSON: as it is, or else with raw control characters replaced by spaces.
fn parse(body: &str) -> Option<serde_json::Value> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    let clean = || serde_json::from_str(&json.replace(|c: char| c < ' ', " ")).ok();
    serde_json::from_str(json).ok().or_else(clean)
}

/// A value, as the host shows it to the core: what holds a key is neither an id nor a code.
struct Held<'a> {
    json: &'a serde_json::Value,
    id: Option<&'a str>,
}

impl Held<'_> {
    fn holds_key(&self, member: Member) -> bool {
        self.get(member).json.as_str().is_some_and(|text| text.contains(KEY))
    }
}

impl Value for Held<'_> {
    fn look(&self, member: Member) -> Kind {
        if self.holds_key(member) { Kind::Text } else { (self.json, self.id).look(member) }
    }

    fn get(&self, member: Member) -> Self {
        let (json, id) = (self.json, self.id).get(member);
        Held { json, id }
    }

    fn id(&self) -> Id {
        if self.holds_key(Member::RequestId) { Id::Unusable } else { (self.json, self.id).id() }
    }
}
