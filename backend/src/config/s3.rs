//! S3-compatible storage for what is kept.

use super::Secret;
use dbdesk_components::s3::{NoPlace, Objects, Place};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The bucket of backups.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Its address: `https://s3.eu-central-1.amazonaws.com`, `https://minio.example.com:9000`.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Names of objects begin with it.
    pub prefix: String,
    /// The bucket stands in the path, not in the host's name.
    pub path_style: bool,
    /// Account.
    pub access_key_id: String,
    /// File with its secret.
    pub secret_key_file: Option<PathBuf>,
    /// Its secret, from the environment.
    #[serde(skip_serializing)]
    pub secret_key: Secret,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            bucket: String::new(),
            prefix: "dbdesk/".to_owned(),
            path_style: true,
            access_key_id: String::new(),
            secret_key_file: None,
            secret_key: Secret::default(),
        }
    }
}

/// What goes before the name of an object.
const MOST_PREFIX: usize = 200;

impl S3 {
    /// Who asks there.
    ///
    /// # Errors
    /// What is wrong with the place.
    pub fn objects(&self) -> Result<Objects, NoPlace> {
        let endpoint = self.endpoint.parse().map_err(|error| NoPlace::Address(format!("{error}")))?;
        let place = Place {
            endpoint,
            path_style: self.path_style,
            region: self.region.clone(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
        };
        Objects::new(place, &self.access_key_id, self.secret_key.expose())
    }

    /// What is wrong, in sentences.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (key, value) in
            [("endpoint", &self.endpoint), ("region", &self.region), ("access_key_id", &self.access_key_id)]
        {
            if value.is_empty() {
                faults.push(format!("`backup.s3.{key}` is missing"));
            }
        }
        let named = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || ".-".contains(char);
        if !(3..=63).contains(&self.bucket.len()) || !self.bucket.chars().all(named) {
            faults.push(format!(
                "`backup.s3.bucket` is \"{}\"; a bucket has 3 to 63 lower-case letters, digits, dots and hyphens",
                self.bucket
            ));
        }
        let plain = |char: char| char.is_ascii_alphanumeric() || "/-_.".contains(char);
        if self.prefix.len() > MOST_PREFIX || !self.prefix.chars().all(plain) || self.prefix.contains("..") {
            faults.push(format!(
                "`backup.s3.prefix` is \"{}\"; at most {MOST_PREFIX} letters, digits, and - _ . / as in \"dbdesk/\"",
                self.prefix
            ));
        }
        if faults.is_empty()
            && let Err(error) = self.objects()
        {
            faults.push(format!("`backup.s3.endpoint` is \"{}\"; {error}", self.endpoint));
        }
        faults
    }
}
