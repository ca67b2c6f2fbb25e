//! A JSON value of an answer. The host parses it and keeps it: no text from outside comes in here, only what kind of value
//! stands where. So there is nothing that a hostile text could do here, and nothing that could tell a key.

use super::error::Code;
#[cfg(not(target_arch = "wasm32"))]
use super::error::word;

/// A JSON value, as the host holds it.
pub trait Value: Sized {
    /// What stands under this name; absent in what is no object.
    fn look(&self, member: Member) -> Kind;

    /// The value itself, for the host, or to look into.
    fn get(&self, member: Member) -> Self;

    /// What its `request_id` is.
    fn id(&self) -> Id;
}

/// The kinds of values that make a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Missing, or `null`.
    Absent,
    False,
    True,
    Object,
    /// A number or a list.
    Other,
    /// The text `completed`.
    Completed,
    /// The text `failed`.
    Failed,
    /// A text of the form of the service's codes: up to 64 of `a-z`, `0-9` and `_`.
    Code(Code),
    /// Any other text.
    Text,
}

impl Kind {
    /// Whether it is a text.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Completed | Kind::Failed | Kind::Code(_) | Kind::Text)
    }
}

/// What a `request_id` can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// Missing, or `null`.
    Absent,
    /// Nothing that could be an id.
    Unusable,
    /// The id of the job that the call is about.
    Known,
    /// The id of another one, or the call is not yet about any.
    New,
}

/// The members of an answer that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    Code,
    Completed,
    CompletedOn,
    Data,
    Detail,
    Error,
    Message,
    Mobile,
    RequestId,
    Result,
    Status,
    Success,
}

impl Member {
    /// Their names on the wire, in the order of the enum, separated by `|`.
    pub const NAMES: &str = "code\
        |completed\
        |completed_on\
        |data\
        |detail\
        |error\
        |message\
        |mobile\
        |request_id\
        |result\
        |status\
        |success";
}

/// Outside of a JavaScript host, as in the tests: JSON, and the id of the job that is asked for, if one is known.
#[cfg(not(target_arch = "wasm32"))]
impl Value for (&serde_json::Value, Option<&str>) {
    fn look(&self, member: Member) -> Kind {
        match self.get(member).0 {
            serde_json::Value::Null => Kind::Absent,
            serde_json::Value::Bool(false) => Kind::False,
            serde_json::Value::Bool(true) => Kind::True,
            serde_json::Value::Object(_) => Kind::Object,
            serde_json::Value::String(text) => match &**text {
                "completed" => Kind::Completed,
                "failed" => Kind::Failed,
                code if (1..=64).contains(&code.len())
                    && code.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) =>
                {
                    Kind::Code(Code::ALL.into_iter().find(|known| known.name() == code).unwrap_or(Code::Other))
                }
                _ => Kind::Text,
            },
            _ => Kind::Other,
        }
    }

    fn get(&self, member: Member) -> Self {
        let name = word(Member::NAMES, member as usize);
        (self.0.get(name).unwrap_or(&serde_json::Value::Null), self.1)
    }

    fn id(&self) -> Id {
        let id = self.get(Member::RequestId).0;
        match id.as_str() {
            None if id.is_null() => Id::Absent,
            Some(id) if self.1 == Some(id) => Id::Known,
            Some(id) if !id.trim().is_empty() && id.len() <= 1024 && !id.contains(char::is_control) => Id::New,
            _ => Id::Unusable,
        }
    }
}
