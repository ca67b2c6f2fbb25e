//! Names that a caller got wrong.

/// Says that a name is not known, and which known one was probably meant. `what` is what the name is of: "option".
/// `guesses` are common wrong names, each with the right one.
pub fn unknown_name(what: &str, given: &str, known: &[&str], guesses: &[(&str, &str)]) -> String {
    let shown = short(given);
    let given = letters(&shown);
    let guess = guesses.iter().find(|(wrong, _)| letters(wrong) == given).map(|(_, right)| *right);
    let hint = match guess.or_else(|| nearest(&given, known)).or_else(|| contained(&given, known, guesses)) {
        Some(name) => [". Did you mean \"", name, "\"?"].concat(),
        None => [". Known names: ", &known.join(", "), "."].concat(),
    };
    ["Unknown ", what, " \"", &shown, "\"", &hint].concat()
}

/// A name as a message can show it: on one short line.
pub fn short(name: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    name.chars().take(40).map(|c| if breaks(c) { ' ' } else { c }).collect()
}

/// The known name that takes the fewest changes to get to, if those are at most half of its letters.
fn nearest<'a>(given: &[char], known: &[&'a str]) -> Option<&'a str> {
    let mut best = None;
    let mut fewest = usize::MAX;
    for name in known {
        let changes = distance(given, &letters(name));
        if changes < fewest && changes <= name.len() / 2 {
            (best, fewest) = (Some(*name), changes);
        }
    }
    best
}

/// The right name for the longest name, known or a common wrong one, that `given` contains: "work_email", "webhookUrl".
fn contained<'a>(given: &[char], known: &[&'a str], guesses: &[(&str, &'a str)]) -> Option<&'a str> {
    let mut found = None;
    // A shorter one, such as "url", stands in names of anything.
    let mut longest = 3;
    let mut compare = |name: &str, right| {
        if name.len() > longest && given.windows(name.len()).any(|part| part == letters(name)) {
            (found, longest) = (Some(right), name.len());
        }
    };
    known.iter().for_each(|name| compare(name, *name));
    guesses.iter().for_each(|(wrong, right)| compare(wrong, *right));
    found
}

/// The letters of a name, whatever its case and its hyphens and underscores.
fn letters(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}

/// How many single letters must be added, removed or replaced to get from one name to the other (Levenshtein).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, letter) in left.iter().enumerate() {
        // The changes from the letters so far to each beginning of `right`, one row of the table after the other.
        let mut diagonal = i;
        let mut before = i + 1;
        for (other, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = *cell;
            before = replaced.min(diagonal + 1).min(before + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["timeout", "maxRetries", "apiKey", "onStatus"];

    fn say(given: &str) -> String {
        unknown_name("option", given, &KNOWN, &[("onProgress", "onStatus")])
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        for (given, name) in [
            ("timeOut", "timeout"),
            ("time_out", "timeout"),
            ("max-retrys", "maxRetries"),
            ("API_KEY", "apiKey"),
            ("onProgress", "onStatus"),
            ("on_progress", "onStatus"),
            ("theOnProgressFunction", "onStatus"),
            ("lookupTimeoutInMilliseconds", "timeout"),
        ] {
            assert_eq!(say(given), format!("Unknown option \"{given}\". Did you mean \"{name}\"?"));
        }
        let say_url = |given: &str| unknown_name("option", given, &KNOWN, &[("url", "baseUrl")]);
        assert!(say_url("url").contains("baseUrl") && !say_url("callbackUrl").contains("baseUrl"));
        assert_eq!(say("zebra"), "Unknown option \"zebra\". Known names: timeout, maxRetries, apiKey, onStatus.");
    }

    #[test]
    fn a_long_or_broken_name_is_shown_on_one_short_line() {
        assert!(say(&"x".repeat(60)).starts_with(&format!("Unknown option \"{}\". Known", "x".repeat(40))));
        for given in ["a\nb", "a\u{2028}b"] {
            assert!(say(given).starts_with("Unknown option \"a b\""));
        }
    }

    #[test]
    fn distances_are_levenshteins() {
        for (left, right, expected) in
            [("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
        {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&chars(left), &chars(right)), expected, "{left} {right}");
        }
    }
}
