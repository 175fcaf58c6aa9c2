//! The id of a stored upload, as it stands in a path.

use crate::problem::Problem;
use crate::store::Id;

/// Reads an id. What is none belongs to no upload.
///
/// # Errors
/// [`no_such_upload`].
pub fn parse(id: &str) -> Result<Id, Problem> {
    id.parse().map_err(|()| no_such_upload())
}

/// 404.
pub fn no_such_upload() -> Problem {
    Problem::not_found("There is no such upload. Perhaps it was deleted, or nobody confirmed it in time.")
}
