//! Paths of files and the URIs that name them.

use std::path::{Path, PathBuf};

use lsp_types::Uri;
use url::Url;

/// The file that a URI names; none for documents that lie nowhere.
pub fn to_path(uri: &Uri) -> Option<PathBuf> {
    Url::parse(uri.as_str()).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// The URI of a file.
pub fn of_path(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok()?.as_str().parse().ok()
}
