//! The people who can be found. All are made up: names from word lists, addresses under `.example`
//! and example.com, numbers from the range that is reserved for fiction (+1-XXX-555-01XX).

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;

const FIRST_NAMES: [&str; 20] = [
    "Alba", "Bruno", "Clara", "Dario", "Edda", "Fabio", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Leon", "Mina",
    "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tilda",
];
const LAST_NAMES: [&str; 12] = [
    "Sample",
    "Placeholder",
    "Fictitious",
    "Mockford",
    "Testerby",
    "Dummyton",
    "Specimen",
    "Pretend",
    "Imaginary",
    "Invented",
    "Makebelieve",
    "Nonesuch",
];
const COMPANIES: [&str; 10] = [
    "Example Corp",
    "Sample Industries",
    "Placeholder Labs",
    "Fictitious Foods",
    "Mock Motors",
    "Test Pattern Media",
    "Specimen Health",
    "Pretend Logistics",
    "Imaginary Insurance",
    "Invented Energy",
];
const AREA_CODES: [u16; 6] = [202, 212, 312, 415, 503, 617];

/// Everyone whose place is a multiple of this has no mobile.
const WITHOUT_MOBILE: usize = 8;
/// Everyone whose place is a multiple of this has a namesake at another company.
const WITH_NAMESAKE: usize = 10;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    pub name: String,
    pub company: String,
    pub email: String,
    /// The desk phone: one can be looked up by it, as by the mobile, but it is never the answer.
    pub phone: String,
    pub social_media_url: String,
    pub mobile: Option<String>,
}

/// The identifiers of a query. Empty ones count as absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identifiers<'a> {
    pub email: &'a str,
    pub phone: &'a str,
    pub social_media_url: &'a str,
    pub name: &'a str,
    pub company: &'a str,
}

pub struct Directory {
    people: Vec<Person>,
    by_email: HashMap<String, usize>,
    by_phone: HashMap<String, usize>,
    by_profile: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

/// The same people in every world.
pub static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| Directory::of(everyone()));

impl Directory {
    fn of(people: Vec<Person>) -> Self {
        let mut directory = Self {
            people: Vec::new(),
            by_email: HashMap::new(),
            by_phone: HashMap::new(),
            by_profile: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (place, person) in people.iter().enumerate() {
            directory.by_email.insert(words(&person.email), place);
            for number in [Some(&person.phone), person.mobile.as_ref()].into_iter().flatten() {
                directory.by_phone.insert(digits(number), place);
            }
            directory.by_profile.insert(profile(&person.social_media_url), place);
            directory.by_name.entry(words(&person.name)).or_default().push(place);
        }
        directory.people = people;
        directory
    }

    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// The most particular identifier that matches decides; a company narrows a name down.
    pub fn find(&self, query: Identifiers) -> Option<&Person> {
        let place = self
            .by_email
            .get(&words(query.email))
            .or_else(|| self.by_phone.get(&digits(query.phone)))
            .or_else(|| self.by_profile.get(&profile(query.social_media_url)))
            .or_else(|| self.find_name(query.name, query.company))?;
        self.people.get(*place)
    }

    fn find_name(&self, name: &str, company: &str) -> Option<&usize> {
        let company = words(company);
        self.by_name.get(&words(name))?.iter().find(|place| {
            let theirs = self.people.get(**place).map(|person| words(&person.company));
            company.is_empty() || theirs == Some(company.clone())
        })
    }
}

/// Letter case and spacing do not matter.
pub fn words(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `+1-202-555-0100`, `(202) 555 0100` and `12025550100` are one number.
pub fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('1') {
        Some(national) if national.len() == 10 => national.to_owned(),
        _ => digits,
    }
}

/// Scheme, `www.`, query and trailing slashes do not matter.
pub fn profile(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/').to_owned()
}

fn everyone() -> Vec<Person> {
    let known = |name: &str, company: &str, email: &str, mobile: Option<&str>, desk: &str| Person {
        name: name.into(),
        company: company.into(),
        email: email.into(),
        phone: desk.into(),
        social_media_url: profile_of(name, ""),
        mobile: mobile.map(Into::into),
    };
    let mut people = vec![
        known("Ada Example", "Example Corp", "ada@example.com", Some("+1-202-555-0100"), "+1-202-555-0101"),
        known("Noah Mobile", "Example Corp", "nomobile@example.com", None, "+1-202-555-0103"),
    ];
    let names: Vec<String> =
        LAST_NAMES.iter().flat_map(|last| FIRST_NAMES.map(|first| format!("{first} {last}"))).collect();
    for (place, name) in names.iter().enumerate() {
        let company = COMPANIES[place % COMPANIES.len()];
        let person = made_up(people.len(), name, company, "");
        people.push(person);
    }
    for (place, name) in names.iter().enumerate().step_by(WITH_NAMESAKE) {
        let company = COMPANIES[(place + 1) % COMPANIES.len()];
        let person = made_up(people.len(), name, company, "-2");
        people.push(person);
    }
    people
}

fn made_up(place: usize, name: &str, company: &str, suffix: &str) -> Person {
    let mailbox = name.to_lowercase().replace(' ', ".");
    let domain = company.to_lowercase().replace(' ', "-");
    Person {
        name: name.into(),
        company: company.into(),
        email: format!("{mailbox}@{domain}.example"),
        phone: fictional_number(2 * place + 1),
        social_media_url: profile_of(name, suffix),
        mobile: (!place.is_multiple_of(WITHOUT_MOBILE)).then(|| fictional_number(2 * place)),
    }
}

fn profile_of(name: &str, suffix: &str) -> String {
    let slug = name.to_lowercase().replace(' ', "-");
    format!("https://www.linkedin.com/in/{slug}{suffix}")
}

/// The n-th of the 600 numbers that the area codes give.
fn fictional_number(n: usize) -> String {
    format!("+1-{}-555-01{:02}", AREA_CODES[n / 100 % AREA_CODES.len()], n % 100)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn find(query: Identifiers) -> Option<&'static str> {
        DIRECTORY.find(query).map(|person| person.email.as_str())
    }

    #[test]
    fn there_are_more_than_two_hundred_people_who_are_clearly_made_up() {
        let people = DIRECTORY.people();
        assert!(people.len() > 200);
        for person in people {
            let numbers = [Some(&person.phone), person.mobile.as_ref()];
            for number in numbers.into_iter().flatten() {
                assert_eq!(number.len(), "+1-202-555-0100".len(), "{number}");
                assert_eq!(&number[6..13], "-555-01", "{number}");
            }
            let domain = person.email.split('@').nth(1).unwrap();
            assert!(domain == "example.com" || domain.ends_with(".example"), "{domain}");
        }
    }

    #[test]
    fn no_two_people_share_an_identifier_or_a_mobile() {
        let people = DIRECTORY.people();
        let distinct = |of: fn(&Person) -> Option<String>| {
            let all: Vec<String> = people.iter().filter_map(of).collect();
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        };
        distinct(|person| Some(person.email.clone()));
        distinct(|person| Some(person.social_media_url.clone()));
        distinct(|person| Some(person.phone.clone()));
        distinct(|person| person.mobile.clone());
        distinct(|person| Some(format!("{}, {}", person.name, person.company)));
    }

    #[test]
    fn about_one_in_eight_has_no_mobile() {
        let people = DIRECTORY.people();
        let without = people.iter().filter(|person| person.mobile.is_none()).count();
        assert!((people.len() / 10..=people.len() / 6).contains(&without), "{without}");
    }

    #[test]
    fn the_demo_entries_are_as_documented() {
        let ada = &DIRECTORY.people()[0];
        assert_eq!((ada.name.as_str(), ada.company.as_str()), ("Ada Example", "Example Corp"));
        assert_eq!(ada.social_media_url, "https://www.linkedin.com/in/ada-example");
        assert_eq!(ada.mobile.as_deref(), Some("+1-202-555-0100"));
        let nomobile = Identifiers { email: "nomobile@example.com", ..Default::default() };
        assert!(DIRECTORY.find(nomobile).unwrap().mobile.is_none());
    }

    #[test]
    fn everyone_is_found_by_each_of_their_identifiers() {
        for person in DIRECTORY.people() {
            let Person { name, company, email, phone, social_media_url, .. } = person;
            let shouted = (email.to_uppercase(), name.to_uppercase(), company.to_uppercase());
            for query in [
                Identifiers { email, ..Default::default() },
                Identifiers { email: &shouted.0, ..Default::default() },
                Identifiers { phone, ..Default::default() },
                Identifiers { social_media_url, ..Default::default() },
                Identifiers { name, company, ..Default::default() },
                Identifiers { name: &shouted.1, company: &shouted.2, ..Default::default() },
            ] {
                assert_eq!(find(query), Some(email.as_str()), "{query:?}");
            }
        }
    }

    #[test]
    fn the_spelling_of_profiles_phones_and_names_does_not_matter() {
        let ada = Some("ada@example.com");
        for social_media_url in [
            "http://linkedin.com/in/ada-example",
            "linkedin.com/in/Ada-Example/",
            "www.linkedin.com/in/ada-example//",
            " HTTPS://WWW.LINKEDIN.COM/in/ada-example?trk=1 ",
        ] {
            assert_eq!(find(Identifiers { social_media_url, ..Default::default() }), ada);
        }
        for phone in ["+1 (202) 555-0101", "2025550101", "1.202.555.0101", "+1-202-555-0100"] {
            assert_eq!(find(Identifiers { phone, ..Default::default() }), ada);
        }
        assert_eq!(find(Identifiers { name: "  ada   EXAMPLE ", ..Default::default() }), ada);
    }

    #[test]
    fn a_company_tells_namesakes_apart_and_without_one_the_first_is_found() {
        let name = "Alba Sample";
        let with = |company| find(Identifiers { name, company, ..Default::default() });
        assert_eq!(with("Example Corp"), Some("alba.sample@example-corp.example"));
        assert_eq!(with("Sample Industries"), Some("alba.sample@sample-industries.example"));
        assert_eq!(with(""), with("Example Corp"));
        assert_eq!(with("Mock Motors"), None);
    }

    #[test]
    fn a_company_alone_or_nothing_finds_nobody() {
        assert_eq!(find(Identifiers { company: "Example Corp", ..Default::default() }), None);
        assert_eq!(find(Identifiers::default()), None);
    }

    #[test]
    fn the_next_identifier_is_tried_where_one_finds_nobody() {
        let query = Identifiers { email: "who@example.com", name: "Ada Example", ..Default::default() };
        assert_eq!(find(query), Some("ada@example.com"));
    }
}
