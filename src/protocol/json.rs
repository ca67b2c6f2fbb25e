//! A reader for the few fields the client needs out of a JSON text, without building a tree.
//!
//! The text comes from outside: [`Json::parse`] checks all of it first, strictly as RFC 8259 has it, so what is handed
//! on to `JSON.parse` is accepted there too. Nothing recurses, so depth costs no stack.

use std::borrow::Cow;

/// A value inside a JSON text that was checked as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The value that `text` is, or `None` if it is anything but one JSON value (nested at most 127 deep).
    pub fn parse(text: &'a str) -> Option<Json<'a>> {
        let mut cursor = Cursor { text, at: 0 };
        cursor.space();
        let value = cursor.value()?;
        cursor.space();
        (cursor.at == text.len()).then_some(value)
    }

    /// The text of this value, as it stands in the document.
    pub fn text(self) -> &'a str {
        self.0
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether this is `true`.
    pub fn is_true(self) -> bool {
        self.0 == "true"
    }

    /// Whether this is `false`.
    pub fn is_false(self) -> bool {
        self.0 == "false"
    }

    /// The member `name` of an object. Of two with the same name the last one counts, as in `JSON.parse`.
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        let [member] = self.members([name]);
        member
    }

    /// The members of these names, found in one pass.
    pub fn members<const N: usize>(self, names: [&str; N]) -> [Option<Json<'a>>; N] {
        let mut found = [None; N];
        self.each_member(&mut |key, value| {
            for (name, slot) in names.iter().zip(&mut found) {
                if key == *name {
                    *slot = Some(value);
                }
            }
        });
        found
    }

    /// Visits the members of an object. Stops short only of what is no object.
    fn each_member(self, visit: &mut dyn FnMut(&str, Json<'a>)) -> Option<()> {
        self.is_object().then_some(())?;
        let mut cursor = Cursor { text: self.0, at: 1 };
        loop {
            cursor.space();
            let key = cursor.value()?.as_str()?;
            cursor.space();
            cursor.expect(b':')?;
            cursor.space();
            let value = cursor.value()?;
            visit(&key, value);
            cursor.space();
            if cursor.next()? != b',' {
                return Some(());
            }
        }
    }

    /// The characters of a string, or `None` for any other type. Half a surrogate pair becomes U+FFFD.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        let Some((plain, mut rest)) = inner.split_once('\\') else {
            return Some(Cow::Borrowed(inner));
        };
        let mut text = String::from(plain);
        // Each turn starts behind a backslash.
        loop {
            let mut chars = rest.chars();
            match chars.next()? {
                'b' => text.push('\u{8}'),
                'f' => text.push('\u{c}'),
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'u' => {
                    let mut unit = hex4(chars.as_str())?;
                    chars = chars.as_str().get(4..)?.chars();
                    if (0xd800..0xdc00).contains(&unit)
                        && let Some(tail) = chars.as_str().strip_prefix("\\u")
                        && let Some(low @ 0xdc00..0xe000) = hex4(tail)
                    {
                        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        chars = tail.get(4..)?.chars();
                    }
                    text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                itself => text.push(itself),
            }
            match chars.as_str().split_once('\\') {
                Some((plain, tail)) => {
                    text.push_str(plain);
                    rest = tail;
                }
                None => {
                    text.push_str(chars.as_str());
                    return Some(Cow::Owned(text));
                }
            }
        }
    }
}

/// Appends `text` to `out` as a JSON string.
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\u{1f}' => {
                out.push_str("\\u00");
                for nibble in [c as u32 >> 4, c as u32 & 15] {
                    out.push(char::from_digit(nibble, 16).unwrap_or('0'));
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn hex4(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.chars().try_fold(0, |sum, digit| Some(sum * 16 + digit.to_digit(16)?))
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over one value.
    fn value(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        // The containers that are open, innermost in the lowest bit: 1 for an object, 0 for an array, above them a 1.
        let mut open: u128 = 1;
        loop {
            match self.next()? {
                bracket @ (b'{' | b'[') => {
                    self.space();
                    // In ASCII each closing bracket stands two after its opening one.
                    if !self.eat(bracket + 2) {
                        if open.leading_zeros() == 0 {
                            return None;
                        }
                        open = open << 1 | u128::from(bracket == b'{');
                        self.name_if(open)?;
                        continue;
                    }
                }
                b'"' => self.string()?,
                b't' => self.word("rue")?,
                b'f' => self.word("alse")?,
                b'n' => self.word("ull")?,
                first @ (b'-' | b'0'..=b'9') => self.number(first)?,
                _ => return None,
            }
            // A value has ended: close what ends with it.
            loop {
                if open == 1 {
                    return self.text.get(start..self.at).map(Json);
                }
                self.space();
                match (self.next()?, open & 1) {
                    (b'}', 1) | (b']', 0) => open >>= 1,
                    (b',', _) => {
                        self.space();
                        self.name_if(open)?;
                        break;
                    }
                    _ => return None,
                }
            }
        }
    }

    /// Passes over a member's name and colon where the innermost container is an object.
    fn name_if(&mut self, open: u128) -> Option<()> {
        if open & 1 == 1 {
            self.expect(b'"')?;
            self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
        }
        Some(())
    }

    /// Passes over the rest of a string whose opening quote is behind.
    fn string(&mut self) -> Option<()> {
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        hex4(self.text.get(self.at..)?)?;
                        self.at += 4;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    fn word(&mut self, rest: &str) -> Option<()> {
        self.text.get(self.at..)?.starts_with(rest).then_some(())?;
        self.at += rest.len();
        Some(())
    }

    fn number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.eat(b'.') {
            self.digit()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digit()?;
        }
        Some(())
    }

    /// Passes over at least one digit.
    fn digit(&mut self) -> Option<()> {
        self.next()?.is_ascii_digit().then_some(())?;
        self.digits();
        Some(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_exactly_what_json_is() {
        for text in [
            "0",
            "-0.5e+10",
            "1E-2",
            "\"\"",
            "\"\\u00e9\\n\"",
            " [ ] ",
            "{}",
            "[1,[2,{\"a\":[]}],null]",
            "{\"a\":{\"b\":true},\"c\":false}",
        ] {
            assert!(Json::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            " ",
            "01",
            "-",
            "1.",
            "1e",
            "+1",
            ".5",
            "\"",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u+123\"",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "{]",
            "[}",
            "nul",
            "truee",
            "1 2",
            "<html>",
            "NaN",
        ] {
            assert!(Json::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_without_recursion() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(128)).is_some());
        assert!(Json::parse(&nested(129)).is_none());
        assert!(Json::parse(&"[".repeat(1 << 20)).is_none());
    }

    #[test]
    fn finds_members_however_their_names_are_written() {
        let json = Json::parse(r#" { "a" : 1 , "\u0062" : [ {"a":9} ] , "a" : "last" } "#).unwrap();
        assert_eq!(json.get("a").unwrap().as_str().unwrap(), "last");
        assert_eq!(json.get("b").unwrap().text(), r#"[ {"a":9} ]"#);
        assert!(json.get("c").is_none());
        assert!(json.get("b").unwrap().get("a").is_none());
        assert!(Json::parse("{}").unwrap().get("a").is_none());
    }

    #[test]
    fn strings_lose_nothing() {
        for text in ["", "plain", "q\"b\\s/", "\u{0}\u{1f}\n\t", "é 漢 😀", "\u{fffd}"] {
            let mut json = String::new();
            push_string(&mut json, text);
            assert_eq!(Json::parse(&json).unwrap().as_str().unwrap(), text);
        }
        let decode = |text| Json::parse(text).unwrap().as_str().unwrap().into_owned();
        assert_eq!(decode(r#""\ud83d\ude00\u0041\/""#), "😀A/");
        assert_eq!(decode(r#""a\ud83dz""#), "a\u{fffd}z");
        assert_eq!(decode(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(decode(r#""\ude00""#), "\u{fffd}");
    }
}
