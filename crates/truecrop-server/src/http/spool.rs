//! Writes a source that comes piece by piece into a file without a name: the memory of an upload does not follow its source.

use crate::problem::Problem;
use axum::body::Bytes;
use futures::{Stream, StreamExt};
use std::fs::File;
use tokio::io::AsyncWriteExt;
use truecrop_core::{Code, Error};

/// A source of at most `most` bytes. What is written goes when the file is dropped.
///
/// # Errors
/// `source-too-large`; those of the stream; `io` where there is no room on the disk.
pub async fn spool(
    mut chunks: impl Stream<Item = Result<Bytes, Problem>> + Unpin,
    most: u64,
) -> Result<File, Problem> {
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(Error::from)?);
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        length += chunk.len() as u64;
        if length > most {
            let error =
                Error::new(Code::SourceTooLarge, "The source is longer than allowed.").at("source.bytes");
            return Err(error.figures(most, format!("more than {most}")).into());
        }
        file.write_all(&chunk).await.map_err(Error::from)?;
    }
    file.flush().await.map_err(Error::from)?;
    Ok(file.into_std().await)
}
