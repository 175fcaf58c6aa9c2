//! Which part of a form belongs to which picture, by its name alone.

use crate::problem::Problem;
use axum::http::StatusCode;
use truecrop_core::{Code, Error};

/// Other fields that a form may have.
const MOST_FIELDS: usize = 256;

/// Longest name of a picture.
const MOST_NAME_BYTES: usize = 128;

/// What a picture begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// `NAME.receipt`.
    Receipt,
    /// `NAME.recipe`.
    Recipe,
}

impl First {
    /// The name of the picture that begins with this part.
    pub fn of(part: &str) -> Option<(&str, Self)> {
        let named = |suffix: &str, kind| Some((part.strip_suffix(suffix)?, kind));
        let first = named(".receipt", First::Receipt).or_else(|| named(".recipe", First::Recipe));
        first.filter(|(name, _)| !name.is_empty())
    }
}

/// What a part is.
#[derive(Debug, PartialEq)]
pub enum Part {
    /// The first part of a picture, by its name.
    First { picture: String, kind: First },
    /// An output of a picture, which is told by its place.
    Output { picture: usize, output: String },
    /// The photo that a picture is a crop of.
    Source { picture: usize },
    /// A field of the form that is no part of a picture.
    Other,
}

/// The pictures that have begun, and what has come of them.
#[derive(Default)]
pub struct Names {
    pictures: Vec<Picture>,
    /// Other fields that have come.
    others: Vec<String>,
}

struct Picture {
    name: String,
    /// Name of the part, name of the output.
    outputs: Vec<(String, String)>,
    /// The parts that have come.
    come: Vec<String>,
}

impl Picture {
    fn source(&self) -> String {
        format!("{}.source", self.name)
    }

    fn owns(&self, part: &str) -> bool {
        part.strip_prefix(&self.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The names of the parts that may come behind the first.
    fn parts(&self) -> Vec<String> {
        self.outputs.iter().map(|(part, _)| part.clone()).chain([self.source()]).collect()
    }

    fn refuse(&self, part: &str, detail: &str) -> Problem {
        Error::new(Code::OutputsMismatch, detail).at(part).figures(self.parts(), part).into()
    }
}

impl Names {
    /// What the next part is. `picture_type`: whether its type says that it is a picture.
    ///
    /// # Errors
    /// `outputs-mismatch` for a part that its picture does not have, `invalid-receipt` for one that comes before its receipt,
    /// `too-many-fields`.
    pub fn part(&mut self, part: &str, picture_type: bool) -> Result<Part, Problem> {
        if let Some(known) = self.part_of_begun(part)? {
            return Ok(known);
        }
        if let Some((picture, kind)) = First::of(part) {
            self.begins(part, picture)?;
            return Ok(Part::First { picture: picture.to_owned(), kind });
        }
        if let Some(owner) = self.pictures.iter().find(|picture| picture.owns(part)) {
            return Err(owner.refuse(part, "The receipt does not name this part."));
        }
        if picture_type || part.ends_with(".source") {
            let detail =
                "Nothing says yet what this picture is: send NAME.receipt before NAME and its other parts.";
            return Err(Error::new(Code::InvalidReceipt, detail).at(part).into());
        }
        if self.others.len() == MOST_FIELDS {
            let detail = format!("The form has more than {MOST_FIELDS} fields beside its pictures.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-fields", detail));
        }
        self.others.push(part.to_owned());
        Ok(Part::Other)
    }

    /// A part that a picture which has begun is waiting for.
    fn part_of_begun(&mut self, part: &str) -> Result<Option<Part>, Problem> {
        for (index, picture) in self.pictures.iter_mut().enumerate() {
            let output =
                picture.outputs.iter().find(|(own, _)| own == part).map(|(_, output)| output.clone());
            let source = picture.source();
            if output.is_none() && source != part {
                continue;
            }
            if picture.come.iter().any(|come| come == part || *come == source) {
                return Err(picture.refuse(part, "This part comes twice, or after the source."));
            }
            picture.come.push(part.to_owned());
            return Ok(Some(match output {
                Some(output) => Part::Output { picture: index, output },
                None => Part::Source { picture: index },
            }));
        }
        Ok(None)
    }

    /// Whether a picture may begin with this part.
    fn begins(&self, part: &str, name: &str) -> Result<(), Problem> {
        let refused = |code, detail| Err(Error::new(code, detail).at(part).into());
        if name.len() > MOST_NAME_BYTES {
            return refused(Code::InvalidReceipt, "The name of this picture is too long.");
        }
        if self.pictures.iter().any(|picture| picture.name == name) {
            return refused(Code::OutputsMismatch, "This picture has a receipt or a recipe already.");
        }
        let own = Picture { name: name.to_owned(), outputs: Vec::new(), come: Vec::new() };
        if self.others.iter().any(|other| own.owns(other)) {
            return refused(Code::InvalidReceipt, "The receipt comes before the other parts of its picture.");
        }
        Ok(())
    }

    /// Begins a picture: what its outputs are called is known now. None of them is sent where it is made of a recipe.
    ///
    /// # Errors
    /// `outputs-mismatch` when one of its parts has the same name as one of another picture.
    pub fn open(&mut self, name: &str, outputs: &[&str]) -> Result<(), Problem> {
        let part = |output: &str| match outputs.len() {
            1 => name.to_owned(),
            _ => format!("{name}.{output}"),
        };
        let outputs = outputs.iter().map(|output| (part(output), (*output).to_owned())).collect();
        let picture = Picture { name: name.to_owned(), outputs, come: Vec::new() };
        let parts = picture.parts();
        if self.pictures.iter().flat_map(Picture::parts).any(|other| parts.contains(&other)) {
            return Err(
                picture.refuse(name, "A part of this picture has the same name as one of another picture.")
            );
        }
        self.pictures.push(picture);
        Ok(())
    }

    /// Refuses a picture more than may be in a form.
    ///
    /// # Errors
    /// `too-many-pictures`.
    pub fn check_room(&self, most: usize) -> Result<(), Problem> {
        if self.pictures.len() < most {
            return Ok(());
        }
        let detail = format!("The form has more than {most} pictures.");
        Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-pictures", detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What the last of the parts is. A part that ends with `*` has the type of a picture.
    fn last(parts: &[&str]) -> Value {
        let mut names = Names::default();
        let mut told = Value::Null;
        for part in parts {
            let picture_type = part.ends_with('*');
            let found = names.part(part.trim_end_matches('*'), picture_type);
            let opened = found.and_then(|found| {
                if let Part::First { picture, kind } = &found {
                    // the receipt of a picture names its outputs; of a recipe none is sent
                    let outputs: &[&str] = match (kind, picture.as_str()) {
                        (First::Recipe, _) => &[],
                        (First::Receipt, "two") => &["small", "large"],
                        (First::Receipt, _) => &["main"],
                    };
                    names.open(picture, outputs)?;
                }
                Ok(found)
            });
            told = opened.map_or_else(|problem| json!({ "refused": problem.code() }), |part| written(&part));
        }
        told
    }

    fn written(part: &Part) -> Value {
        match part {
            Part::First { picture, kind } => {
                let kind = if *kind == First::Receipt { "receipt" } else { "recipe" };
                json!({ "is": "first", "picture": picture, "kind": kind })
            }
            Part::Output { picture, output } => {
                json!({ "is": "output", "picture": picture, "output": output })
            }
            Part::Source { picture } => json!({ "is": "source", "picture": picture }),
            Part::Other => json!({ "is": "other" }),
        }
    }

    /// The table is the one of `www/node/form.test.ts`.
    #[test]
    fn each_part_is_known_by_its_name() {
        let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/form-parts.json");
        let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(table).unwrap()).unwrap();
        assert!(cases.len() >= 30, "{}", cases.len());
        for case in cases {
            let parts: Vec<&str> =
                case["parts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert_eq!(last(&parts), case["last"], "{parts:?}");
        }
    }
}
