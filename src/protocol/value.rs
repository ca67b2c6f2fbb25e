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
                    let mut known = Code::NAMES.split('|').zip(Code::ALL);
                    Kind::Code(known.find(|(name, _)| *name == code).map_or(Code::Other, |(_, known)| known))
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    const MEMBERS: [Member; 12] = [
        Member::Code,
        Member::Completed,
        Member::CompletedOn,
        Member::Data,
        Member::Detail,
        Member::Error,
        Member::Message,
        Member::Mobile,
        Member::RequestId,
        Member::Result,
        Member::Status,
        Member::Success,
    ];

    #[test]
    fn a_members_name_is_where_its_number_says() {
        assert_eq!(Member::NAMES.split('|').count(), MEMBERS.len());
        for (member, name) in MEMBERS.into_iter().zip(Member::NAMES.split('|')) {
            // As Rust writes it, without the underscores.
            assert_eq!(format!("{member:?}").to_lowercase(), name.replace('_', ""));
            let json = json!({ name: name });
            assert_eq!((&json, None).get(member).0, name);
        }
    }

    #[test]
    fn the_kinds_that_make_a_difference_are_told_apart() {
        for (value, kind) in [
            (json!(null), Kind::Absent),
            (json!(false), Kind::False),
            (json!(true), Kind::True),
            (json!({}), Kind::Object),
            (json!([{}]), Kind::Other),
            (json!(0), Kind::Other),
            (json!("completed"), Kind::Completed),
            (json!("failed"), Kind::Failed),
            (json!("forbidden"), Kind::Code(Code::Forbidden)),
            (json!("a_new_1"), Kind::Code(Code::Other)),
            (json!("x".repeat(64)), Kind::Code(Code::Other)),
            (json!("x".repeat(65)), Kind::Text),
            (json!("Completed"), Kind::Text),
            (json!("a code"), Kind::Text),
            (json!("c-1"), Kind::Text),
            (json!("é"), Kind::Text),
            // The name of the code for what has none.
            (json!(""), Kind::Text),
        ] {
            assert_eq!(kind.is_text(), value.is_string(), "{value}");
            let json = json!({ "status": value });
            assert_eq!((&json, None).look(Member::Status), kind, "{json}");
        }
        for json in [json!({}), json!([]), json!("status"), json!(null)] {
            assert_eq!((&json, None).look(Member::Status), Kind::Absent, "{json}");
            assert_eq!((&json, None).get(Member::Status).0, &Json::Null, "{json}");
        }
    }

    #[test]
    fn an_id_is_one_line_that_is_not_blank() {
        for (id, expected) in [
            (json!(null), Id::Absent),
            (json!("a1"), Id::Known),
            (json!("a1 "), Id::New),
            (json!("b2"), Id::New),
            (json!("é & ?"), Id::New),
            (json!("x".repeat(1024)), Id::New),
            (json!("x".repeat(1025)), Id::Unusable),
            (json!(""), Id::Unusable),
            (json!(" \u{a0}"), Id::Unusable),
            (json!("a\nb"), Id::Unusable),
            (json!("a\u{85}b"), Id::Unusable),
            (json!(7), Id::Unusable),
            (json!(["a1"]), Id::Unusable),
        ] {
            let json = json!({ "request_id": id });
            assert_eq!((&json, Some("a1")).id(), expected, "{json}");
        }
        assert_eq!((&json!({ "request_id": "a1" }), None).id(), Id::New);
        assert_eq!((&json!({}), Some("a1")).id(), Id::Absent);
    }
}
