//! Keys out of texts.

/// The texts that nothing may repeat: the caller's key and secret. Everything from outside that ends in an error or a
/// status passes through [`Secrets::redact`], since a server may echo what it was sent.
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Adds a text to keep out; an empty one is none.
    pub fn add(&mut self, secret: String) {
        if !secret.is_empty() {
            self.0.push(secret);
            // A key may hold another: the longer one is replaced first, or a part of it would remain.
            self.0.sort_by_key(|secret| usize::MAX - secret.len());
        }
    }

    /// `text` with every key in it replaced.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(String::from(text), |text, secret| text.replace(secret.as_str(), "[redacted]"))
    }

    /// Whether a key stands in `text`.
    pub fn occur_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret.as_str()))
    }
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
        assert!(secrets.occur_in("xabcx"));
        assert!(!secrets.occur_in("ab"));
    }
}
