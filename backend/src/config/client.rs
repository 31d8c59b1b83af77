//! Where the command line finds the desk's API, and who it is there.

use super::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The API as a client sees it, for `dbdesk task`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// Where it answers.
    pub url: String,
    /// File with the person's token.
    pub token_file: Option<PathBuf>,
    /// The token, from the environment.
    #[serde(skip_serializing)]
    pub token: Secret,
    /// How long to wait for an answer.
    pub timeout_ms: u64,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8080".to_owned(),
            token_file: None,
            token: Secret::default(),
            timeout_ms: 40_000,
        }
    }
}
