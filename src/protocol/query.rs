//! What a submit asks, and the query of a poll.

use super::json::push_string;
use super::names::unknown_name;

#[derive(Clone, Copy)]
struct Field {
    /// As JavaScript spells it.
    name: &'static str,
    /// As the service spells it.
    wire: &'static str,
    /// Whether it alone can name a person. `company` is context, `callback_url` an address.
    identifies: bool,
}

/// The service's parameters. `phone` is in its prose and missing from its table: it is accepted here.
const FIELDS: [Field; 6] = [
    Field { name: "name", wire: "name", identifies: true },
    Field { name: "company", wire: "company", identifies: false },
    Field { name: "email", wire: "email", identifies: true },
    Field { name: "phone", wire: "phone", identifies: true },
    Field { name: "socialMediaUrl", wire: "social_media_url", identifies: true },
    Field { name: "callbackUrl", wire: "callback_url", identifies: false },
];

/// A query, checked field by field as it is put together.
#[derive(Default)]
pub struct Query {
    values: [Option<String>; FIELDS.len()],
}

impl Query {
    /// Sets the field `name`, in either spelling. `None` as value stands for anything that is not a string.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn set(&mut self, name: &str, value: Option<String>) -> Result<(), String> {
        let Some((field, slot)) =
            FIELDS.iter().zip(&mut self.values).find(|(field, _)| field.name == name || field.wire == name)
        else {
            return Err(unknown_name("the query", name, &FIELDS.map(|field| field.name)));
        };
        let wrong = |what: &str| Err(["query.", field.name, " ", what].concat());
        let Some(value) = value else {
            return wrong("must be a string; leave it out if it is not known.");
        };
        if value.trim().is_empty() {
            return wrong("is empty; leave it out if it is not known.");
        }
        if field.name == "callbackUrl" && !is_http_url(&value) {
            return wrong("must be an http: or https: URL that Nyne can reach.");
        }
        if slot.is_some() {
            return wrong("is given twice, in both spellings.");
        }
        *slot = Some(value);
        Ok(())
    }

    /// The body of the submit.
    ///
    /// # Errors
    /// That nothing in the query names a person.
    pub fn body(&self) -> Result<String, String> {
        let given = || FIELDS.iter().zip(&self.values).filter_map(|(field, value)| Some((field, value.as_deref()?)));
        if !given().any(|(field, _)| field.identifies) {
            return Err("the query names nobody: give at least one of email, phone, socialMediaUrl or name (company alone is not enough).".into());
        }
        let mut body = String::from("{");
        for (field, value) in given() {
            if body.len() > 1 {
                body.push(',');
            }
            push_string(&mut body, field.wire);
            body.push(':');
            push_string(&mut body, value);
        }
        body.push('}');
        Ok(body)
    }
}

fn is_http_url(url: &str) -> bool {
    let scheme = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let host = if scheme("https://") {
        url.get(8..)
    } else if scheme("http://") {
        url.get(7..)
    } else {
        None
    };
    host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || !c.is_ascii()))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether `id` can be an id at all. Its form is the service's own business: only what could not be carried in a URL or
/// stored as one line is refused.
pub fn valid_request_id(id: &str) -> bool {
    !id.trim().is_empty() && id.len() <= 1024 && !id.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &[(&str, &str)]) -> Result<String, String> {
        let mut query = Query::default();
        for (name, value) in fields {
            query.set(name, Some((*value).into()))?;
        }
        query.body()
    }

    #[test]
    fn both_spellings_become_the_services_own() {
        let expected = r#"{"name":"A \"B\"","social_media_url":"in/x","callback_url":"https://h/"}"#;
        assert_eq!(
            query(&[("socialMediaUrl", "in/x"), ("name", "A \"B\""), ("callbackUrl", "https://h/")]).unwrap(),
            expected
        );
        assert_eq!(
            query(&[("social_media_url", "in/x"), ("name", "A \"B\""), ("callback_url", "https://h/")]).unwrap(),
            expected
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        for (fields, expected) in [
            (&[("company", "Acme")][..], "names nobody"),
            (&[], "names nobody"),
            (&[("callbackUrl", "https://h/")], "names nobody"),
            (&[("email", " ")], "query.email is empty"),
            (&[("emial", "x")], "did you mean \"email\"?"),
            (&[("social_media_url", "a"), ("socialMediaUrl", "b")], "query.socialMediaUrl is given twice"),
            (&[("callbackUrl", "ftp://h/")], "query.callbackUrl must be"),
            (&[("callbackUrl", "https://")], "query.callbackUrl must be"),
            (&[("callbackUrl", "https:///x")], "query.callbackUrl must be"),
            (&[("callbackUrl", "https://a b")], "query.callbackUrl must be"),
        ] {
            let error = query(fields).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert!(Query::default().set("email", None).unwrap_err().contains("query.email must be a string"));
    }

    #[test]
    fn ids_are_any_text_on_one_line() {
        assert!(valid_request_id("x"));
        for id in ["", " ", "a\nb", "a\u{7f}"] {
            assert!(!valid_request_id(id), "{id:?}");
        }
        assert!(!valid_request_id(&"x".repeat(1025)));
    }
}
