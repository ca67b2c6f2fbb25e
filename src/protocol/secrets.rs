//! Keys out of texts.

/// The texts that nothing may repeat: the caller's key and secret. Everything from outside that ends in an error or a
/// status passes through [`Secrets::redact`], since a server may echo what it was sent.
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Adds a text to keep out; an empty one is none.
    pub fn add(&mut self, secret: String) {
        if !secret.is_empty() {
            // A key may hold another: the longer one is replaced first, or a part of it would remain.
            let place = self.0.iter().position(|other| other.len() < secret.len()).unwrap_or(self.0.len());
            self.0.insert(place, secret);
        }
    }

    /// `text` with every key in it replaced.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            let mut clean = String::new();
            let mut rest = &*text;
            while let Some((before, after)) = cut(rest, secret) {
                clean.push_str(before);
                clean.push_str("[redacted]");
                rest = after;
            }
            clean.push_str(rest);
            clean
        })
    }

    /// Whether a key stands in `text`. Too short a one may do so by chance, and is no key of the service's.
    pub fn occur_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| secret.len() >= 8 && cut(text, secret).is_some())
    }
}

/// What stands before and after the first `part` in `text`. The standard library's search is made for long texts, and in
/// the module larger than all of this file.
fn cut<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_inside_another_leaves_no_part_behind() {
        let mut secrets = Secrets::default();
        secrets.add("abc".into());
        secrets.add("abcdef".into());
        secrets.add(String::new());
        assert_eq!(secrets.redact("<abcdef> <abc>"), "<[redacted]> <[redacted]>");
    }

    #[test]
    fn a_short_key_may_stand_in_a_text_by_chance() {
        let mut secrets = Secrets::default();
        secrets.add("a1b2".into());
        assert!(!secrets.occur_in("a1b2c3d4"));
        secrets.add("nyne_key".into());
        assert!(secrets.occur_in("a_nyne_key_1"));
    }
}
