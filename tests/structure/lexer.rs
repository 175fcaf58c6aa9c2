//! Rust source to tokens: as much of a lexer as is needed to find paths. Comments, literals and test code are left out.

/// Identifiers, `::`, and every other character by itself.
pub fn tokens(source: &str) -> Vec<String> {
    let text: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let next = text.get(at + 1).copied();
        let end = match text[at] {
            '/' if next == Some('/') => end_of_line(&text, at),
            '/' if next == Some('*') => end_of_comment(&text, at),
            '"' => end_of_string(&text, at),
            '\'' => end_of_quote(&text, at),
            'r' | 'b' => end_of_prefixed(&text, at).unwrap_or_else(|| word(&text, at, &mut tokens)),
            c if is_word(c) => word(&text, at, &mut tokens),
            ':' if next == Some(':') => {
                tokens.push("::".to_owned());
                at + 2
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(c.to_string());
                }
                at + 1
            }
        };
        at = end;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &[char], at: usize, tokens: &mut Vec<String>) -> usize {
    let end = (at..text.len()).find(|&i| !is_word(text[i])).unwrap_or(text.len());
    tokens.push(text[at..end].iter().collect());
    end
}

fn end_of_line(text: &[char], at: usize) -> usize {
    (at..text.len()).find(|&i| text[i] == '\n').unwrap_or(text.len())
}

/// Comments of this kind can hold others.
fn end_of_comment(text: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at + 1 < text.len() {
        match (text[at], text[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn end_of_string(text: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// A character literal, or only the quote of a lifetime.
fn end_of_quote(text: &[char], at: usize) -> usize {
    match (text.get(at + 1), text.get(at + 2)) {
        (Some('\\'), _) => (at + 3..text.len()).find(|&i| text[i] == '\'').map_or(text.len(), |i| i + 1),
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

/// The end of a literal such as `b"..."`, `b'x'` or `r#"..."#`; `None` where a word begins.
fn end_of_prefixed(text: &[char], start: usize) -> Option<usize> {
    let mut at = start + 1;
    let raw = text[start] == 'r' || text.get(at) == Some(&'r');
    at += usize::from(text[start] == 'b' && raw);
    if !raw {
        return match text.get(at)? {
            '"' => Some(end_of_string(text, at)),
            '\'' => Some(end_of_quote(text, at)),
            _ => None,
        };
    }
    let hashes = text[at..].iter().take_while(|&&c| c == '#').count();
    if text.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = at + hashes + 1;
    let length = text[body..].windows(closing.len()).position(|end| end == closing)?;
    Some(body + length + closing.len())
}

/// Without the items under `#[cfg(test)]`, and the names of the modules among them.
pub fn without_tests(tokens: &[String]) -> (Vec<String>, Vec<String>) {
    let mut kept = Vec::new();
    let mut modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !is_test_attribute(&tokens[at..]) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = end_of_item(tokens, at);
        if let Some(name) = tokens[at..end].iter().position(|token| token == "mod") {
            modules.extend(tokens.get(at + name + 1).cloned());
        }
        at = end;
    }
    (kept, modules)
}

fn is_test_attribute(tokens: &[String]) -> bool {
    let starts = |words: &[&str]| {
        tokens.iter().zip(words).filter(|(token, word)| token == word).count() == words.len()
    };
    starts(&["#", "[", "cfg", "(", "test", ")"]) || starts(&["#", "[", "cfg", "(", "all", "(", "test"])
}

/// Behind the item's `;` or last brace. Brackets before, those of attributes and signatures, are stepped over.
fn end_of_item(tokens: &[String], start: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}
