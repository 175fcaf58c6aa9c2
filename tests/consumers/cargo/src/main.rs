//! Crops a picture with the packed crate: `consumer FOLDER`, which holds `photo.jpg` and `recipe.json`.

use std::fs::{File, read, write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use truecrop_core::recipe::Recipe;
use truecrop_core::{Limits, pipeline};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("no folder")?);
    let limits = Limits::default();
    let recipe = Recipe::from_json(&read(folder.join("recipe.json"))?, &limits)?;
    let photo = Box::new(File::open(folder.join("photo.jpg"))?);
    let cropped = pipeline::crop(photo, &recipe, &limits, &mut |_| ControlFlow::Continue(()))?;
    write(folder.join("output.cargo.jpg"), &cropped.outputs[0].1)?;
    write(folder.join("receipt.cargo.json"), cropped.receipt.to_json()?)?;
    Ok(())
}
