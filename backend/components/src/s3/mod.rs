//! Objects in S3-compatible storage: one is put, read or removed by one signed request. What S3 is, `rusty-s3` knows; what is asked is
//! asked by the HTTP client that is here anyway.

mod answer;

pub use answer::S3Error;

use answer::{answered, unanswered};
use dbdesk_commands::clock::Time;
use jiff::Timestamp;
use reqwest::{Client, Method, redirect::Policy};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use sha2::{Digest as _, Sha256};
use std::{fmt, time::Duration};
use url::{Host, Url};

/// One request with its answer may take so long.
const LIMIT: Duration = Duration::from_secs(20);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// A signature is good for so long, as long as S3 lets clocks differ.
const SIGNED_FOR: Duration = Duration::from_mins(15);
/// No answer beside an object is longer.
const MOST_BYTES: usize = 64 << 10;
/// Of a name, so much is made of what it holds.
const HASH_DIGITS: usize = 16;

/// Where objects are, and as whom they are asked for.
#[derive(Debug, Clone)]
pub struct Place {
    /// `https://…`; `http://` on this machine only.
    pub endpoint: Url,
    /// The bucket stands in the path and not in the host's name.
    pub path_style: bool,
    /// Its region, which is part of every signature.
    pub region: String,
    /// What is put goes there.
    pub bucket: String,
    /// Names begin with it.
    pub prefix: String,
}

/// What can not be a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// Passwords and rows do not go over a network unsealed.
    #[error("it must begin with https://, or be on this machine")]
    Plain,
    /// The bucket and the endpoint make no address.
    #[error("it makes no address with the bucket: {0}")]
    Address(String),
    /// No client could be made.
    #[error("no HTTP client can be made: {0}")]
    Client(String),
}

/// Asks for objects.
#[derive(Clone)]
pub struct Objects {
    place: Place,
    credentials: Credentials,
    http: Client,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Objects({}, {})", self.place.endpoint, self.place.bucket)
    }
}

impl Objects {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// What is wrong with the place.
    pub fn new(place: Place, access_key_id: &str, secret_key: &str) -> Result<Self, NoPlace> {
        let here = match place.endpoint.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if place.endpoint.scheme() != "https" && !here {
            return Err(NoPlace::Plain);
        }
        let http = Client::builder()
            .https_only(!here)
            // What the environment says of proxies is not looked at, and a signature is good for one place.
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .timeout(LIMIT)
            .pool_max_idle_per_host(4)
            .build()
            .map_err(|error| NoPlace::Client(error.to_string()))?;
        let objects = Self { credentials: Credentials::new(access_key_id, secret_key), place, http };
        objects.in_bucket(&objects.place.bucket).map_err(|error| NoPlace::Address(error.to_string()))?;
        Ok(objects)
    }

    /// What is put goes into this bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.place.bucket
    }

    /// The name of what belongs to a place and holds this: other content never has it.
    #[must_use]
    pub fn name(&self, place: &str, sha256: &[u8; 32]) -> String {
        let hash = hex::encode(sha256);
        format!("{}{place}-{}", self.place.prefix, hash.get(..HASH_DIGITS).unwrap_or_default())
    }

    /// Puts it into its bucket. Again changes nothing.
    pub async fn put(&self, name: &str, bytes: Vec<u8>, now: Time) -> Result<(), S3Error> {
        let bucket = self.in_bucket(&self.place.bucket)?;
        let url = signed(&bucket.put_object(Some(&self.credentials), name), now)?;
        self.ask((Method::PUT, url), Some(bytes), MOST_BYTES, now).await.map(drop)
    }

    /// What stands there, if it is what was put.
    pub async fn get(
        &self,
        (bucket, name): (&str, &str),
        (size, sha256): (usize, &[u8; 32]),
        now: Time,
    ) -> Result<Vec<u8>, S3Error> {
        let bucket = self.in_bucket(bucket)?;
        let url = signed(&bucket.get_object(Some(&self.credentials), name), now)?;
        let bytes = self.ask((Method::GET, url), None, size.max(MOST_BYTES), now).await?;
        if bytes.len() == size && sha256_of(&bytes) == *sha256 { Ok(bytes) } else { Err(S3Error::Changed) }
    }

    /// Removes it. What is not there is removed.
    pub async fn remove(&self, (bucket, name): (&str, &str), now: Time) -> Result<(), S3Error> {
        let bucket = self.in_bucket(bucket)?;
        let url = signed(&bucket.delete_object(Some(&self.credentials), name), now)?;
        match self.ask((Method::DELETE, url), None, MOST_BYTES, now).await {
            Ok(_) | Err(S3Error::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn in_bucket(&self, name: &str) -> Result<Bucket, S3Error> {
        let Place { endpoint, path_style, region, .. } = &self.place;
        let style = if *path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        Bucket::new(endpoint.clone(), style, name.to_owned(), region.clone())
            .map_err(|error| S3Error::Other(format!("{name}: {error}")))
    }

    async fn ask(
        &self,
        (method, url): (Method, Url),
        body: Option<Vec<u8>>,
        most: usize,
        now: Time,
    ) -> Result<Vec<u8>, S3Error> {
        let mut asked = self.http.request(method, url);
        if let Some(body) = body {
            asked = asked.body(body);
        }
        answered(asked.send().await.map_err(|error| unanswered(&error))?, most, now).await
    }
}

/// What tells content apart.
#[must_use]
pub fn sha256_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The address with its signature: it must not be shown.
fn signed<'a>(action: &impl S3Action<'a>, now: Time) -> Result<Url, S3Error> {
    let at = Timestamp::from_millisecond(now.timestamp_millis())
        .map_err(|error| S3Error::Other(error.to_string()))?;
    Ok(action.sign_with_time(SIGNED_FOR, &at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(endpoint: &str, path_style: bool) -> Result<Objects, NoPlace> {
        let place = Place {
            endpoint: endpoint.parse().unwrap(),
            path_style,
            region: "eu-central-1".into(),
            bucket: "backups".into(),
            prefix: "desk/".into(),
        };
        Objects::new(place, "AKIA", "hush")
    }

    #[test]
    fn what_is_asked_over_a_network_is_asked_by_https() {
        assert_eq!(at("http://s3.example.com", true).unwrap_err(), NoPlace::Plain);
        assert_eq!(at("ftp://s3.example.com", true).unwrap_err(), NoPlace::Plain);
        for good in
            ["https://s3.example.com", "http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost"]
        {
            assert!(at(good, true).is_ok(), "{good}");
        }
        assert!(matches!(at("https://192.0.2.1", false), Err(NoPlace::Address(_))));
    }

    #[test]
    fn a_name_says_where_it_belongs_and_what_it_holds_and_nothing_shows_the_secret() {
        let objects = at("https://s3.example.com", false).unwrap();
        let (one, other) = (sha256_of(b"one"), sha256_of(b"other"));
        assert_eq!(objects.name("T-1/K-1/0/0", &one), "desk/T-1/K-1/0/0-7692c3ad3540bb80");
        assert_ne!(objects.name("T-1/K-1/0/0", &one), objects.name("T-1/K-1/0/0", &other));
        assert!(!format!("{objects:?}").contains("hush"));
        let url = objects.in_bucket("backups").unwrap().object_url("desk/a");
        assert_eq!(url.as_str(), "https://backups.s3.example.com/desk/a");
    }
}
