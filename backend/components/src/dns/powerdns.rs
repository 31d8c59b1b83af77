//! PowerDNS, by its HTTP API.

use super::{DnsName, Kind, Names, NamesError, RecordSet, seen};
use futures_util::future::BoxFuture;
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{error::Error, fmt, time::Duration};
use url::{Host, Url};

const LIMIT: Duration = Duration::from_secs(5);
/// One name's records are less by far.
const MOST_ANSWER_BYTES: usize = 256 << 10;

/// What can not be a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// A key does not go over a network unsealed.
    #[error("it must begin with https://, or be on this machine")]
    Plain,
    /// It has letters that no header has.
    #[error("the key is no key")]
    Key,
    /// No client could be made.
    #[error("no HTTP client can be made: {0}")]
    Client(String),
}

/// A zone of a PowerDNS.
#[derive(Clone)]
pub struct PowerDns {
    server: Url,
    zone: DnsName,
    http: Client,
}

impl fmt::Debug for PowerDns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PowerDns({}, {})", self.server, self.zone)
    }
}

#[derive(Deserialize)]
struct About {
    daemon_type: String,
    version: String,
}

#[derive(Deserialize)]
struct Zone {
    rrsets: Vec<Rrset>,
}

#[derive(Deserialize)]
struct Rrset {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    ttl: u32,
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    content: String,
    disabled: bool,
}

impl PowerDns {
    /// Nothing is asked yet. The endpoint is what comes before `/api`.
    ///
    /// # Errors
    /// What is wrong with the place.
    pub fn new(endpoint: &Url, zone: DnsName, api_key: &str) -> Result<Self, NoPlace> {
        let here = match endpoint.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if endpoint.scheme() != "https" && !(here && endpoint.scheme() == "http") {
            return Err(NoPlace::Plain);
        }
        let mut key = HeaderValue::from_str(api_key).map_err(|_| NoPlace::Key)?;
        key.set_sensitive(true);
        let http = Client::builder()
            .default_headers(HeaderMap::from_iter([(
                reqwest::header::HeaderName::from_static("x-api-key"),
                key,
            )]))
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(LIMIT)
            .timeout(LIMIT)
            .build()
            .map_err(|error| NoPlace::Client(error.to_string()))?;
        let base = endpoint.as_str().trim_end_matches('/');
        let server = Url::parse(&format!("{base}/api/v1/servers/localhost"))
            .map_err(|error| NoPlace::Client(error.to_string()))?;
        Ok(Self { server, zone, http })
    }

    /// Whether it is a PowerDNS that knows our key and has the zone; its version. It starts and serves names even when its API could
    /// not have its port, so that this is worth asking.
    pub async fn about(&self) -> Result<String, NamesError> {
        let about: About = read(&self.ask(Method::GET, "", None).await?)?;
        if about.daemon_type != "authoritative" {
            return Err(NamesError::Nonsense(format!("it is a PowerDNS {}", about.daemon_type)));
        }
        self.ask(Method::GET, &self.path(&self.zone), None).await?;
        Ok(about.version)
    }

    fn path(&self, name: &DnsName) -> String {
        format!("/zones/{}?rrset_name={}", self.zone.absolute(), name.absolute())
    }

    async fn shown(&self, name: &DnsName) -> Result<Vec<RecordSet>, NamesError> {
        let zone: Zone = read(&self.ask(Method::GET, &self.path(name), None).await?)?;
        let mut sets = Vec::new();
        // Servers before 4.6 do not know `rrset_name` and tell the whole zone.
        for kind in Kind::ALL {
            let of_it =
                |set: &&Rrset| set.kind == kind.as_str() && set.name.eq_ignore_ascii_case(&name.absolute());
            let Some(set) = zone.rrsets.iter().find(of_it) else { continue };
            let records = set.records.iter().filter(|record| !record.disabled);
            let values: Vec<&str> = records.map(|record| record.content.as_str()).collect();
            if !values.is_empty() {
                let set = RecordSet::parse(kind, set.ttl, values);
                sets.push(set.map_err(|error| NamesError::Nonsense(error.to_string()))?);
            }
        }
        Ok(sets)
    }

    async fn change(&self, name: &DnsName, kind: Kind, set: Option<&RecordSet>) -> Result<(), NamesError> {
        if !name.within(&self.zone) {
            return Err(NamesError::Elsewhere(name.clone(), self.zone.clone()));
        }
        let records = set.map(RecordSet::texts).unwrap_or_default();
        let records: Vec<Value> =
            records.into_iter().map(|content| json!({ "content": content, "disabled": false })).collect();
        let change = json!({ "rrsets": [{
            "name": name.absolute(),
            "type": kind.as_str(),
            "ttl": set.map_or(0, RecordSet::ttl_s),
            "changetype": if set.is_some() { "REPLACE" } else { "DELETE" },
            "records": records,
        }] });
        let path = format!("/zones/{}", self.zone.absolute());
        self.ask(Method::PATCH, &path, Some(change.to_string())).await?;
        seen(&self.shown(name).await?, kind, set)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<String>) -> Result<Vec<u8>, NamesError> {
        let url = Url::parse(&format!("{}{path}", self.server))
            .map_err(|error| NamesError::Nonsense(error.to_string()))?;
        let mut asked = self.http.request(method, url);
        if let Some(body) = body {
            asked = asked.header("content-type", "application/json").body(body);
        }
        let answer = asked.send().await.map_err(|error| unanswered(&error))?;
        let status = answer.status();
        let bytes = bounded(answer).await?;
        if status.is_success() { Ok(bytes) } else { Err(self.refused(status, &bytes)) }
    }

    fn refused(&self, status: StatusCode, bytes: &[u8]) -> NamesError {
        let said: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let said = said["error"].as_str().unwrap_or_default().chars().take(200).collect::<String>();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => NamesError::Denied(status.to_string()),
            StatusCode::NOT_FOUND => NamesError::NoZone(self.zone.clone()),
            // Until 4.6 it was not a 404.
            _ if said.contains("Could not find domain") => NamesError::NoZone(self.zone.clone()),
            StatusCode::UNPROCESSABLE_ENTITY if said.contains("Conflicts with") => {
                NamesError::Conflict(if said.contains("IN CNAME") { Kind::A } else { Kind::Cname })
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                NamesError::Busy(format!("{status} {said}"))
            }
            status => NamesError::Refused(format!("{status} {said}")),
        }
    }
}

impl Names for PowerDns {
    fn read<'a>(&'a self, name: &'a DnsName) -> BoxFuture<'a, Result<Vec<RecordSet>, NamesError>> {
        Box::pin(async move {
            if !name.within(&self.zone) {
                return Err(NamesError::Elsewhere(name.clone(), self.zone.clone()));
            }
            self.shown(name).await
        })
    }

    fn put<'a>(&'a self, name: &'a DnsName, set: &'a RecordSet) -> BoxFuture<'a, Result<(), NamesError>> {
        Box::pin(self.change(name, set.kind(), Some(set)))
    }

    fn remove<'a>(&'a self, name: &'a DnsName, kind: Kind) -> BoxFuture<'a, Result<(), NamesError>> {
        Box::pin(self.change(name, kind, None))
    }
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, NamesError> {
    serde_json::from_slice(bytes).map_err(|error| NamesError::Nonsense(error.to_string()))
}

async fn bounded(mut answer: Response) -> Result<Vec<u8>, NamesError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unanswered(&error))? {
        if bytes.len() + chunk.len() > MOST_ANSWER_BYTES {
            return Err(NamesError::Nonsense("more than 256 KiB".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unanswered(error: &reqwest::Error) -> NamesError {
    if error.is_timeout() {
        return NamesError::Time;
    }
    let mut why: &dyn Error = error;
    while let Some(source) = why.source() {
        why = source;
    }
    NamesError::Unreachable(why.to_string())
}
