//! People of a test's own: `{ "ada@example.com": "+1-202-555-0100", "Noah Mobile": null }`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::directory::{Identifiers, digits, profile, words};

/// Mobiles by identifier. Some people have none.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Option<String>>")]
pub struct People {
    mobiles: HashMap<Identifier, Option<String>>,
}

/// In a spelling that makes equal identifiers equal.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Identifier {
    Email(String),
    Phone(String),
    Profile(String),
    Name(String),
}

impl Identifier {
    /// Tells them apart by their form.
    fn recognise(text: &str) -> Option<Self> {
        let is_phone = text.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
        let (kind, spelling): (fn(String) -> Self, _) = if text.contains('/') {
            (Self::Profile, profile(text))
        } else if text.contains('@') {
            (Self::Email, words(text))
        } else if is_phone {
            (Self::Phone, digits(text))
        } else {
            (Self::Name, words(text))
        };
        (!spelling.is_empty()).then(|| kind(spelling))
    }
}

impl TryFrom<BTreeMap<String, Option<String>>> for People {
    type Error = String;

    fn try_from(people: BTreeMap<String, Option<String>>) -> Result<Self, String> {
        let mut mobiles = HashMap::new();
        for (text, mobile) in people {
            let identifier = Identifier::recognise(&text);
            mobiles.insert(identifier.ok_or_else(|| format!("{text:?} identifies nobody"))?, mobile);
        }
        Ok(Self { mobiles })
    }
}

impl People {
    /// The mobile of somebody who is known. The most particular identifier that matches decides, as in the directory.
    pub fn find(&self, query: Identifiers) -> Option<Option<&str>> {
        let identifiers = [
            Identifier::Email(words(query.email)),
            Identifier::Phone(digits(query.phone)),
            Identifier::Profile(profile(query.social_media_url)),
            Identifier::Name(words(query.name)),
        ];
        identifiers.iter().find_map(|identifier| self.mobiles.get(identifier)).map(Option::as_deref)
    }
}
