//! Keeps keys and personal data out of texts.

use super::value::Value;

/// Texts that must not be repeated, although a server may echo them: the caller's keys nowhere, and what the query says of a
/// person in no message.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    keys: Vec<String>,
    personal: Vec<String>,
}

/// A shorter text is left alone: it would match by accident, and is not a key of Nyne's.
const SHORTEST: usize = 8;

impl Secrets {
    /// Adds a key. One of fewer than 8 characters is skipped.
    pub fn add_key(&mut self, key: &str) {
        add(&mut self.keys, key);
        // As JSON writes it.
        if key.bytes().any(|byte| matches!(byte, b'"' | b'\\')) {
            let mut escaped = String::new();
            for c in key.chars() {
                if matches!(c, '"' | '\\') {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            add(&mut self.keys, &escaped);
        }
    }

    /// Adds what the query says of a person, with the same exception.
    pub fn add_personal(&mut self, text: &str) {
        add(&mut self.personal, text);
    }

    /// `text` with every key replaced by `[redacted]`.
    pub fn redact(&self, text: String) -> String {
        redact(text, &self.keys)
    }

    /// Returns true if `text` contains a key.
    pub fn occur_in(&self, text: &str) -> bool {
        self.keys.iter().any(|key| cut(text, key).is_some())
    }

    /// A text of the reply on one line, of at most 200 characters, redacted: the form in which it may stand in a message.
    pub(super) fn line<V: Value>(&self, value: &V) -> Option<String> {
        value.text().map(|text| self.shorten(text))
    }

    /// The same for a text.
    pub fn shorten(&self, text: String) -> String {
        // Redacted first: a cut could leave half of a key.
        let text = redact(self.redact(text), &self.personal);
        let mut line = String::new();
        let mut count = 0;
        let mut space = false;
        for c in text.chars() {
            if c <= ' ' || ('\u{7f}'..='\u{a0}').contains(&c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') {
                space = !line.is_empty();
                continue;
            }
            if count == LONGEST {
                line.push('…');
                break;
            }
            if space {
                line.push(' ');
                space = false;
            }
            line.push(c);
            count += 1;
        }
        line
    }
}

/// The most characters that a message quotes of a text from outside.
const LONGEST: usize = 200;

fn add(secrets: &mut Vec<String>, secret: &str) {
    if secret.len() >= SHORTEST {
        // One secret may contain another: the longer one is replaced first, or a part of it would remain.
        let place = secrets.iter().position(|other| other.len() < secret.len()).unwrap_or(secrets.len());
        secrets.insert(place, secret.into());
    }
}

fn redact(text: String, secrets: &[String]) -> String {
    secrets.iter().fold(text, |text, secret| if cut(&text, secret).is_some() { replace(&text, secret) } else { text })
}

fn replace(text: &str, secret: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some((before, after)) = cut(rest, secret) {
        clean.push_str(before);
        clean.push_str("[redacted]");
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// The text before and after the first `part`. The standard library's search is made for long texts: it alone would be
/// larger than this file.
fn cut<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        texts.iter().for_each(|text| secrets.add_key(text));
        secrets
    }

    #[test]
    fn a_key_inside_another_leaves_no_part_behind() {
        let secrets = secrets(&["abcdefgh", "abcdefgh-and-more", ""]);
        assert_eq!(secrets.redact("<abcdefgh-and-more> <abcdefgh>".into()), "<[redacted]> <[redacted]>");
    }

    #[test]
    fn a_short_text_is_not_a_key() {
        let secrets = secrets(&["a1b2c3d", "nyne_key"]);
        assert_eq!(secrets.redact("a1b2c3d4".into()), "a1b2c3d4");
        assert!(!secrets.occur_in("a1b2c3d4") && secrets.occur_in("a_nyne_key_1"));
    }

    #[test]
    fn personal_data_is_kept_out_of_messages_only() {
        let mut secrets = Secrets::default();
        secrets.add_personal("ada@example.com");
        assert_eq!(secrets.shorten("no ada@example.com here".into()), "no [redacted] here");
        assert_eq!(secrets.redact("ada@example.com".into()), "ada@example.com");
        assert!(!secrets.occur_in("ada@example.com"));
    }

    #[test]
    fn a_quoted_text_is_one_short_line() {
        let secrets = secrets(&["nyne_live_1"]);
        assert_eq!(secrets.shorten(" a\r\n\tb nyne_live_1\u{85}\u{2028}".into()), "a b [redacted]");
        assert_eq!(secrets.shorten("é".repeat(200)), "é".repeat(200));
        assert_eq!(secrets.shorten("x".repeat(201)), "x".repeat(200) + "…");
    }
}
