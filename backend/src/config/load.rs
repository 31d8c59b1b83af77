//! Reads the configuration.

use super::{Backup, Client, Config, Review, Secret};
use anyhow::{Context as _, Result, bail};
use dbdesk_cmdb::near::nearest;
use figment::{
    Figment,
    error::Kind,
    providers::{Format as _, Serialized, Toml},
    value::{Dict, Value},
};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// What variables of the environment that are keys begin with.
const PREFIX: &str = "DBDESK__";
/// How a key ends that is a secret.
const SECRETS: [&str; 4] = ["password", "token", "secret_key", "secret_keys"];

/// The configuration, and what is not wrong but should be looked at.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Sentences for the log.
    pub warnings: Vec<String>,
}

/// Reads the file at `path`, if one is given, and what `environment` says over it; then the secrets' files.
///
/// # Errors
/// A sentence that says which key or file is wrong, and how to mend it.
pub fn load(path: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Loaded> {
    let mut loaded = Loaded { config: read(path, environment)?, warnings: Vec::new() };
    let base = path.and_then(Path::parent).unwrap_or(Path::new(""));
    read_secrets(&mut loaded, base)?;
    let scripts = &mut loaded.config.scripts;
    scripts.folder = base.join(&scripts.folder);
    let cluster = &mut loaded.config.cluster;
    cluster.packages_dir = base.join(&cluster.packages_dir);
    let files = [
        &mut cluster.ssh_key_file,
        &mut cluster.ssh_known_hosts_file,
        &mut cluster.file_sd_dir,
        &mut cluster.proxysql_ca_file,
    ];
    for file in files.into_iter().flatten() {
        *file = base.join(&*file);
    }
    Ok(loaded)
}

/// What is said of the review alone: no secret is read, so that whoever may read the file may review by it.
///
/// # Errors
/// As [`load`].
pub fn review_only(path: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Review> {
    Ok(read(path, environment)?.review)
}

/// What a client of the API needs: no other secret is read, so that whoever has a token may use it.
///
/// # Errors
/// As [`load`].
pub fn client_only(
    path: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<(Client, Vec<String>)> {
    let (mut client, mut warnings) = (read(path, environment)?.client, Vec::new());
    if let Some(file) = client.token_file.as_ref().filter(|_| client.token.is_empty()) {
        let base = path.and_then(Path::parent).unwrap_or(Path::new(""));
        client.token = read_secret("client.token_file", &base.join(file), &mut warnings)?;
    }
    Ok((client, warnings))
}

fn is_secret(key: &str) -> bool {
    SECRETS.iter().any(|end| key.ends_with(end))
}

fn read(path: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Config> {
    let mut figment = Figment::new();
    if let Some(path) = path {
        let text = fs::read_to_string(path)
            .with_context(|| format!("the configuration {} can not be read", path.display()))?;
        let file = Figment::from(Toml::string(&text));
        if let Some(key) = file.extract::<Dict>().ok().and_then(|dict| secret_in(&dict)) {
            let in_file =
                key.strip_suffix('s').map_or_else(|| format!("{key}_file"), |one| format!("{one}_files"));
            bail!(
                "{}: `{key}` is a secret and does not belong in this file. Put it in a file of its own and name that with \
                 `{in_file}`, or set {PREFIX}{} in the environment.",
                path.display(),
                key.to_ascii_uppercase().replace('.', "__")
            );
        }
        figment = figment.merge(file);
    }
    figment = figment.merge(Serialized::globals(from_environment(environment)));
    let config: Config = figment.extract().map_err(|error| plain(&error, path))?;
    let mut faults = config.review.faults();
    faults.extend(config.shadow.faults());
    faults.extend(config.control.faults());
    faults.extend(config.backup.faults());
    faults.extend(config.ddl.faults());
    faults.extend(config.policy.faults());
    faults.extend(super::person_faults(&config.person));
    faults.extend(config.account.faults());
    faults.extend(config.inventory.faults());
    faults.extend(config.scripts.faults());
    faults.extend(config.cluster.faults());
    if !faults.is_empty() {
        let place = place(path);
        bail!("{}", faults.iter().map(|fault| format!("{place}: {fault}")).collect::<Vec<_>>().join("\n"));
    }
    Ok(config)
}

fn place(path: Option<&Path>) -> String {
    path.map_or_else(|| "the environment".to_owned(), |path| path.display().to_string())
}

/// The first key of a secret.
fn secret_in(dict: &Dict) -> Option<String> {
    dict.iter().find_map(|(key, value)| match value {
        Value::Dict(_, inner) => secret_in(inner).map(|rest| format!("{key}.{rest}")),
        _ if is_secret(key) => Some(key.clone()),
        _ => None,
    })
}

/// `DBDESK__STORE__PORT=3307` is the key `store.port`. A secret is taken as it is, everything else is read as TOML writes it.
fn from_environment(environment: &BTreeMap<String, String>) -> Dict {
    let mut all = Dict::new();
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let key = rest.to_ascii_lowercase().replace("__", ".");
        let value = if is_secret(&key) {
            Value::from(text.as_str())
        } else {
            text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {})
        };
        put(&mut all, &key, value);
    }
    all
}

fn put(dict: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            dict.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = dict.entry(head.to_owned()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// The first thing that is wrong, with its key, and the nearest known key for one that is not known.
fn plain(error: &figment::Error, path: Option<&Path>) -> anyhow::Error {
    let place = place(path);
    let key = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(name, known) => {
            let near = nearest(name, known.iter().copied()).join("`, `");
            let section =
                key.rsplit_once('.').map_or_else(String::new, |(section, _)| format!(" in [{section}]"));
            anyhow::anyhow!("{place}: there is no key `{name}`{section}. Did you mean `{near}`?")
        }
        kind if key.is_empty() => anyhow::anyhow!("{place}: {kind}"),
        kind => anyhow::anyhow!("{place}: `{key}`: {kind}"),
    }
}

fn read_secrets(loaded: &mut Loaded, base: &Path) -> Result<()> {
    let Loaded { config, warnings } = loaded;
    let target = &mut config.target;
    let mut places: Vec<(String, Option<&PathBuf>, &mut Secret)> = vec![
        ("store.password".to_owned(), config.store.password_file.as_ref(), &mut config.store.password),
        (
            "backup.secret_key".to_owned(),
            config.backup.secret_key_file.as_ref(),
            &mut config.backup.secret_key,
        ),
        ("redis.password".to_owned(), config.redis.password_file.as_ref(), &mut config.redis.password),
        (
            "target.review_password".to_owned(),
            target.review_password_file.as_ref(),
            &mut target.review_password,
        ),
        ("target.run_password".to_owned(), target.run_password_file.as_ref(), &mut target.run_password),
        (
            "target.account_password".to_owned(),
            target.account_password_file.as_ref(),
            &mut target.account_password,
        ),
        (
            "target.cluster_password".to_owned(),
            target.cluster_password_file.as_ref(),
            &mut target.cluster_password,
        ),
        (
            "target.replication_password".to_owned(),
            target.replication_password_file.as_ref(),
            &mut target.replication_password,
        ),
    ];
    for (name, own) in &mut target.group {
        let review = format!("target.group.{name}.review_password");
        places.push((review, own.review_password_file.as_ref(), &mut own.review_password));
        let run = format!("target.group.{name}.run_password");
        places.push((run, own.run_password_file.as_ref(), &mut own.run_password));
        let account = format!("target.group.{name}.account_password");
        places.push((account, own.account_password_file.as_ref(), &mut own.account_password));
        let cluster = format!("target.group.{name}.cluster_password");
        places.push((cluster, own.cluster_password_file.as_ref(), &mut own.cluster_password));
    }
    if let Some(own) = &mut config.backup.s3 {
        places.push(("backup.s3.secret_key".to_owned(), own.secret_key_file.as_ref(), &mut own.secret_key));
    }
    let cluster = &mut config.cluster;
    places.push((
        "cluster.proxysql_password".to_owned(),
        cluster.proxysql_password_file.as_ref(),
        &mut cluster.proxysql_password,
    ));
    for (name, zone) in &mut cluster.zone {
        places.push((
            format!("cluster.zone.{name}.secret_key"),
            zone.secret_key_file.as_ref(),
            &mut zone.secret_key,
        ));
    }
    for (name, own) in &mut config.shadow.server {
        places.push((
            format!("shadow.server.{name}.password"),
            own.password_file.as_ref(),
            &mut own.password,
        ));
    }
    for (key, file, secret) in places {
        // What the environment says stands over the file, as with every other key.
        if let Some(file) = file.filter(|_| secret.is_empty()) {
            *secret = read_secret(&format!("{key}_file"), &base.join(file), warnings)?;
        }
    }
    if config.backup.s3.as_ref().is_some_and(|s3| s3.secret_key.is_empty()) {
        bail!("`backup.s3.secret_key_file` is missing: the account of the bucket has a secret");
    }
    read_old_keys(&mut config.backup, base, warnings)?;
    config.backup.keys().map_err(anyhow::Error::msg)?;
    Ok(())
}

fn read_old_keys(backup: &mut Backup, base: &Path, warnings: &mut Vec<String>) -> Result<()> {
    if !backup.old_secret_keys.is_empty() {
        return Ok(());
    }
    let mut keys = Vec::new();
    for file in &backup.old_secret_key_files {
        let key = read_secret("backup.old_secret_key_files", &base.join(file), warnings)?;
        keys.push(key.expose().to_owned());
    }
    backup.old_secret_keys = Secret::new(keys.join(","));
    Ok(())
}

fn read_secret(key: &str, file: &Path, warnings: &mut Vec<String>) -> Result<Secret> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("`{key}`: {shown} can not be read"))?;
    let mode = fs::metadata(file).with_context(|| format!("`{key}`: {shown}"))?.permissions().mode();
    if mode & 0o007 != 0 {
        warnings.push(format!("everybody on this machine may read the secret in {shown}: chmod 600 {shown}"));
    }
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("`{key}`: {shown} is empty");
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests;
