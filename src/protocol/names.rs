//! Names that are not known, and the one that was meant.

/// Tells that `name` is unknown in `what` ("the query", "options") and which of `known` comes nearest to it.
pub fn unknown_name(what: &str, name: &str, known: &[&str]) -> String {
    let name: String = name.chars().take(40).filter(|c| !c.is_control()).collect();
    let nearest = known.iter().map(|candidate| (distance(&name, candidate), candidate)).min();
    let mut message = ["unknown name \"", &name, "\" in ", what].concat();
    match nearest {
        Some((distance, candidate)) if distance * 2 <= candidate.len() => {
            message.push_str(": did you mean \"");
            message.push_str(candidate);
            message.push_str("\"?");
        }
        _ => {
            message.push_str("; known are ");
            for (index, candidate) in known.iter().enumerate() {
                message.push_str(if index == 0 { "" } else { ", " });
                message.push_str(candidate);
            }
            message.push('.');
        }
    }
    message
}

/// How many single letters must be put in, taken out or changed to get from one name to the other, whatever their
/// case and underscores.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    // One row of the table of Wagner and Fischer: the distance of the part of `a` so far from each part of `b`.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = before;
        }
        for (cell, right) in cells.zip(&b) {
            let changed = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = changed.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("e_Mail", "email", 0),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn names_the_nearest_or_all() {
        let known = ["email", "name"];
        assert_eq!(
            unknown_name("the query", "emial", &known),
            "unknown name \"emial\" in the query: did you mean \"email\"?"
        );
        assert_eq!(
            unknown_name("the query", "zebra\n", &known),
            "unknown name \"zebra\" in the query; known are email, name."
        );
    }
}
