//! Policies that no upload can meet, or that mean nothing.

use super::Policy;
use crate::error::{Code, Error};
use crate::json::Value;
use crate::recipe;

impl Policy {
    /// Every rule that makes no sense, each with its field, what is right, and what was found.
    pub fn mistakes(&self) -> Vec<Error> {
        let mut found = Vec::new();
        self.check_lists(&mut found);
        self.check_amounts(&mut found);
        self.check_order(&mut found);
        found
    }

    fn check_lists(&self, found: &mut Vec<Error>) {
        fn is_empty<T>(list: &Option<Vec<T>>) -> bool {
            list.as_ref().is_some_and(Vec::is_empty)
        }
        for (field, empty) in [
            ("aspects", is_empty(&self.aspects)),
            ("sizes", is_empty(&self.sizes)),
            ("formats", is_empty(&self.formats)),
            ("masks", is_empty(&self.masks)),
            ("outputNames", is_empty(&self.output_names)),
        ] {
            if empty {
                add(found, field, "An empty list allows nothing.", "at least one, or no such rule", "[]");
            }
        }
        for name in self.output_names.iter().flatten().filter(|name| !recipe::is_output_name(name)) {
            add(found, "outputNames", "No output can have this name.", recipe::OUTPUT_NAME, name.as_str());
        }
    }

    fn check_amounts(&self, found: &mut Vec<Error>) {
        for (field, most) in [
            ("maxOutputSide", self.max_output_side.map(u64::from)),
            ("maxOutputBytes", self.max_output_bytes),
            ("maxOutputs", self.max_outputs.map(|n| n as u64)),
            ("maxPictures", self.max_pictures.map(|n| n as u64)),
            ("maxSourceBytes", self.max_source_bytes),
        ] {
            if most == Some(0) {
                add(found, field, "This must not be zero.", "at least 1", 0);
            }
        }
        for (field, quality) in [("minQuality", self.min_quality), ("maxQuality", self.max_quality)] {
            if let Some(quality) = quality.filter(|q| !(1..=100).contains(q)) {
                add(found, field, "The quality runs from 1 to 100.", "1 to 100", quality);
            }
        }
        for (field, number) in [("minCropSide", self.min_crop_side), ("maxUpscale", self.max_upscale)] {
            if let Some(number) = number.filter(|n| !(n.is_finite() && *n > 0.0)) {
                add(
                    found,
                    field,
                    "This is no measure.",
                    "a number above zero",
                    Value::from(number).to_string(),
                );
            }
        }
        if let Some(share) = self.audit.filter(|share| !(0.0..=1.0).contains(share)) {
            add(found, "audit", "This is no share.", "0 to 1", Value::from(share).to_string());
        }
    }

    /// Least and most of the same thing.
    fn check_order(&self, found: &mut Vec<Error>) {
        for (field, least, other, most) in [
            (
                "minOutputSide",
                self.min_output_side.map(u64::from),
                "maxOutputSide",
                self.max_output_side.map(u64::from),
            ),
            ("minQuality", self.min_quality.map(u64::from), "maxQuality", self.max_quality.map(u64::from)),
        ] {
            if let (Some(least), Some(most)) = (least, most)
                && least > most
            {
                let detail = "The least is more than the most, so this allows nothing.";
                add(found, field, detail, format!("at most {most} ({other})"), least);
            }
        }
    }
}

fn add(found: &mut Vec<Error>, field: &str, detail: &str, expected: impl Into<Value>, got: impl Into<Value>) {
    found.push(Error::new(Code::InvalidOption, detail).at(field).figures(expected, got));
}
