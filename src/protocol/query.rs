//! The query of a submit.

use super::names::unknown_name;
use super::value::trim;

/// Each field as JavaScript spells it and as the service does. `phone` is in the service's prose and missing from its
/// table: it is accepted here.
const FIELDS: [(&str, &str); 6] = [
    ("name", "name"),
    ("company", "company"),
    ("email", "email"),
    ("phone", "phone"),
    ("socialMediaUrl", "social_media_url"),
    ("callbackUrl", "callback_url"),
];

/// Fields that do not identify a person by themselves: `company` is context, `callbackUrl` an address.
const CONTEXT: [&str; 2] = ["company", "callbackUrl"];

/// Names that people try, and the field that each stands for.
const GUESSES: [(&str, &str); 11] = [
    ("linkedin", "socialMediaUrl"),
    ("profile", "socialMediaUrl"),
    ("social", "socialMediaUrl"),
    ("url", "socialMediaUrl"),
    ("employer", "company"),
    ("organisation", "company"),
    ("organization", "company"),
    ("mobile", "phone"),
    ("tel", "phone"),
    ("webhook", "callbackUrl"),
    ("callback", "callbackUrl"),
];

/// A query, checked field by field as it is put together.
#[derive(Clone, Debug, Default)]
pub struct Query {
    values: [Option<String>; FIELDS.len()],
}

impl Query {
    /// Sets the field `name`, in either spelling.
    ///
    /// # Errors
    /// Says what is wrong: the name is unknown, the value is empty or is not a URL, or the field is given twice.
    pub fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        let slot = FIELDS.iter().zip(&mut self.values).find(|((js, wire), _)| *js == name || *wire == name);
        let Some(((field, _), slot)) = slot else {
            return Err(unknown_name("query field", name, &FIELDS.map(|(js, _)| js), &GUESSES));
        };
        let wrong = |what: &str| Err(["Query field ", field, what].concat());
        if trim(&value).is_empty() {
            return wrong(" is empty. Leave it out if it is not known.");
        }
        if *field == "callbackUrl" && !is_http_url(&value) {
            return wrong(" must be an http: or https: URL that Nyne can reach.");
        }
        if slot.is_some() {
            return wrong(" is given twice, in both spellings.");
        }
        *slot = Some(value);
        Ok(())
    }

    /// The fields of the submit's JSON body, as the service spells them.
    ///
    /// # Errors
    /// Says that the query does not identify a person.
    pub fn fields(&self) -> Result<Vec<(&'static str, &str)>, String> {
        let given = || FIELDS.iter().zip(&self.values).filter_map(|(field, value)| Some((field, value.as_deref()?)));
        if given().all(|((js, _), _)| CONTEXT.contains(js)) {
            return Err("Query needs email, phone, socialMediaUrl or name. A company alone is not enough.".into());
        }
        Ok(given().map(|((_, wire), value)| (*wire, value)).collect())
    }

    /// The fields that are about a person, which no message may quote.
    pub fn personal(&self) -> impl Iterator<Item = &str> {
        let fields = FIELDS.iter().zip(&self.values).filter(|((js, _), _)| !CONTEXT.contains(js));
        fields.filter_map(|(_, value)| value.as_deref())
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
    let first = host.and_then(|host| host.chars().next());
    first.is_some_and(|c| c.is_ascii_alphanumeric() || c == '[' || !c.is_ascii())
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &[(&str, &str)]) -> Result<Vec<(&'static str, String)>, String> {
        let mut query = Query::default();
        for (name, value) in fields {
            query.set(name, (*value).into())?;
        }
        Ok(query.fields()?.into_iter().map(|(wire, value)| (wire, value.to_owned())).collect())
    }

    #[test]
    fn both_spellings_become_the_services_own() {
        let expected = Ok(vec![
            ("name", "Ada".to_owned()),
            ("social_media_url", "in/x".to_owned()),
            ("callback_url", "https://h/".to_owned()),
        ]);
        assert_eq!(query(&[("socialMediaUrl", "in/x"), ("name", "Ada"), ("callbackUrl", "https://h/")]), expected);
        assert_eq!(query(&[("social_media_url", "in/x"), ("name", "Ada"), ("callback_url", "https://h/")]), expected);
    }

    #[test]
    fn a_callback_url_has_a_host_and_is_one_word() {
        for url in ["https://h", "HTTP://H/", "http://1.2.3.4:5/x?y=z", "https://[::1]/", "https://é.example/"] {
            assert!(is_http_url(url), "{url}");
        }
        for url in
            ["", "h", "http:", "https:/h", "https://-h", "httpſ://h", "https://h/a b", "https://h/\u{1}", " https://h"]
        {
            assert!(!is_http_url(url), "{url}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        for (fields, expected) in [
            (&[("company", "Acme")][..], "Query needs email, phone, socialMediaUrl or name."),
            (&[], "Query needs email"),
            (&[("callbackUrl", "https://h/")], "Query needs email"),
            (&[("email", " \u{feff}")], "Query field email is empty"),
            (&[("emial", "x")], "Unknown query field \"emial\". Did you mean \"email\"?"),
            (&[("linkedin", "x")], "Did you mean \"socialMediaUrl\"?"),
            (&[("first_name", "x")], "Did you mean \"name\"?"),
            (&[("fullName", "x")], "Did you mean \"name\"?"),
            (&[("surname", "x")], "Did you mean \"name\"?"),
            (&[("linkedin_profile", "x")], "Did you mean \"socialMediaUrl\"?"),
            (&[("profileUrl", "x")], "Did you mean \"socialMediaUrl\"?"),
            (&[("companyName", "x")], "Did you mean \"company\"?"),
            (&[("work_email", "x")], "Did you mean \"email\"?"),
            (&[("emailAddress", "x")], "Did you mean \"email\"?"),
            (&[("phoneNumber", "x")], "Did you mean \"phone\"?"),
            (&[("webhookUrl", "x")], "Did you mean \"callbackUrl\"?"),
            (&[("social_media_url", "a"), ("socialMediaUrl", "b")], "Query field socialMediaUrl is given twice"),
            (&[("callbackUrl", "ftp://h/")], "Query field callbackUrl must be"),
            (&[("callbackUrl", "https://")], "Query field callbackUrl must be"),
            (&[("callbackUrl", "https:///x")], "Query field callbackUrl must be"),
            (&[("callbackUrl", "https://a b")], "Query field callbackUrl must be"),
        ] {
            let error = query(fields).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_person_is_what_must_not_be_repeated() {
        let mut query = Query::default();
        for (name, value) in [("email", "ada@example.com"), ("company", "Example Corp"), ("name", "Ada Example")] {
            query.set(name, value.into()).unwrap();
        }
        assert_eq!(query.personal().collect::<Vec<_>>(), ["Ada Example", "ada@example.com"]);
    }
}
