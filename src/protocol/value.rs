//! A JSON value, as far as this crate looks into one.

/// A parsed JSON value. The host parses bodies with the platform's own parser and implements this for what comes out.
pub trait Value: Sized {
    /// The member of this name. [Absent](Value::is_absent) if this is not an object.
    fn get(&self, member: Member) -> Self;

    /// Returns true for a missing value and for `null`.
    fn is_absent(&self) -> bool;

    /// Returns true for an object; a list is not one.
    fn is_object(&self) -> bool;

    /// The text, if it is one. Half a surrogate pair becomes U+FFFD.
    fn text(&self) -> Option<String>;

    /// The text, if it is one and holds no half of a surrogate pair.
    fn exact_text(&self) -> Option<String> {
        self.text()
    }

    /// The number, if it is one.
    fn number(&self) -> Option<f64>;

    /// The boolean, if it is one.
    fn truth(&self) -> Option<bool>;

    /// The first text of a list.
    fn first_text(&self) -> Option<String>;
}

/// The members of Nyne's replies that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name on the wire, in snake_case")]
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
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Member::Code => "code",
            Member::Completed => "completed",
            Member::CompletedOn => "completed_on",
            Member::Data => "data",
            Member::Detail => "detail",
            Member::Error => "error",
            Member::Message => "message",
            Member::Mobile => "mobile",
            Member::RequestId => "request_id",
            Member::Result => "result",
            Member::Status => "status",
            Member::Success => "success",
        }
    }
}

/// Returns `text` without the white space around it, as JavaScript's `trim` does: U+FEFF is white space, U+0085 is not.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}')
}

/// For the tests, the fuzzer and the benchmark, which run without a JavaScript host.
#[cfg(not(target_arch = "wasm32"))]
impl Value for serde_json::Value {
    fn get(&self, member: Member) -> Self {
        serde_json::Value::get(self, member.name()).cloned().unwrap_or_default()
    }

    fn is_absent(&self) -> bool {
        self.is_null()
    }

    fn is_object(&self) -> bool {
        self.is_object()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn first_text(&self) -> Option<String> {
        self.as_array()?.iter().find_map(Value::text)
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
    fn a_member_has_its_name_in_snake_case() {
        for member in MEMBERS {
            assert_eq!(format!("{member:?}").to_lowercase(), member.name().replace('_', ""));
            let json = json!({ member.name(): 7 });
            assert_eq!(Value::get(&json, member).number(), Some(7.0));
        }
    }

    #[test]
    fn white_space_is_javascripts() {
        assert_eq!(trim("\u{feff} \t\u{a0}\u{2028}a b\u{3000}\n"), "a b");
        assert_eq!(trim("\u{85}"), "\u{85}");
        assert_eq!(trim(" \u{feff} "), "");
    }

    #[test]
    fn what_is_not_an_object_has_no_members() {
        for json in [json!({}), json!([]), json!("status"), json!(null), json!({ "status": null })] {
            assert!(Value::get(&json, Member::Status).is_absent(), "{json}");
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        let kinds = |json: &Json| {
            (
                json.is_absent(),
                Value::is_object(json),
                json.text().is_some(),
                json.number().is_some(),
                json.truth().is_some(),
                json.first_text().is_some(),
            )
        };
        for (json, expected) in [
            (json!(null), (true, false, false, false, false, false)),
            (json!({}), (false, true, false, false, false, false)),
            (json!(""), (false, false, true, false, false, false)),
            (json!(0), (false, false, false, true, false, false)),
            (json!(false), (false, false, false, false, true, false)),
            (json!([{}]), (false, false, false, false, false, false)),
            (json!([7, ""]), (false, false, false, false, false, true)),
        ] {
            assert_eq!(kinds(&json), expected, "{json}");
        }
        assert_eq!(json!([null, "a", "b"]).first_text(), Some("a".into()));
    }
}
