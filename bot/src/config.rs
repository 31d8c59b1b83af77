//! Configuration: one TOML file, then the environment (`DBDESK_BOT__DISCORD__TOKEN` …). Every key is described in
//! `config.example.toml`.

use anyhow::{Context as _, bail};
use figment::{
    Figment,
    providers::{Env, Format as _, Toml},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{
    fmt, fs,
    num::NonZeroU64,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// What every variable of the environment begins with.
pub const ENV_PREFIX: &str = "DBDESK_BOT__";

/// A secret: never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Discord.
    pub discord: Discord,
    /// The desk's API.
    pub backend: Backend,
    /// The ticket threads.
    #[serde(default)]
    pub thread: Thread,
    /// The log.
    #[serde(default)]
    pub log: Log,
}

/// `[discord]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    /// From the environment only.
    #[serde(default, skip_serializing)]
    pub token: Secret,
    /// File with the bot's token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// The application that the token must belong to.
    #[serde(default, deserialize_with = "optional_id")]
    pub application_id: Option<NonZeroU64>,
    /// Commands are registered for this guild; without it, globally.
    #[serde(default, deserialize_with = "optional_id")]
    pub guild_id: Option<NonZeroU64>,
    /// The channel of the cards.
    #[serde(deserialize_with = "id")]
    pub tickets_channel_id: NonZeroU64,
    /// Where admins are asked who is who; without it, the channel of the cards.
    #[serde(default, deserialize_with = "optional_id")]
    pub admin_channel_id: Option<NonZeroU64>,
    /// Where emergencies are told; without it, the channel of the cards.
    #[serde(default, deserialize_with = "optional_id")]
    pub alerts_channel_id: Option<NonZeroU64>,
    /// The role to be notified when a ticket waits for a DBA.
    #[serde(default, deserialize_with = "optional_id")]
    pub dba_role_id: Option<NonZeroU64>,
    /// A simulator in place of Discord.
    #[serde(default)]
    pub base_url: Option<Url>,
}

impl Discord {
    /// Where admins are asked.
    #[must_use]
    pub fn admin_channel(&self) -> NonZeroU64 {
        self.admin_channel_id.unwrap_or(self.tickets_channel_id)
    }

    /// Where emergencies are told.
    #[must_use]
    pub fn alerts_channel(&self) -> NonZeroU64 {
        self.alerts_channel_id.unwrap_or(self.tickets_channel_id)
    }
}

/// `[backend]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// Where `dbdesk serve` listens.
    pub url: Url,
    /// From the environment only.
    #[serde(default, skip_serializing)]
    pub token: Secret,
    /// File with the bot's token for the API.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

/// `[thread]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thread {
    /// A card is not edited more often than this.
    pub edit_interval_ms: u64,
}

impl Default for Thread {
    fn default() -> Self {
        Self { edit_interval_ms: 2_000 }
    }
}

impl Thread {
    /// As a duration.
    #[must_use]
    pub fn edit_interval(&self) -> Duration {
        Duration::from_millis(self.edit_interval_ms)
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// JSON lines for machines.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// A `tracing` filter.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// A Discord id, written as text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Number(u64),
}

fn id<'de, D: Deserializer<'de>>(from: D) -> Result<NonZeroU64, D::Error> {
    optional_id(from)?.ok_or_else(|| D::Error::custom("a Discord id is wanted, such as \"1234567890\""))
}

fn optional_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NonZeroU64>, D::Error> {
    let text = match Option::<TextOrNumber>::deserialize(from)? {
        None => return Ok(None),
        Some(TextOrNumber::Number(number)) => number.to_string(),
        Some(TextOrNumber::Text(text)) => text,
    };
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| D::Error::custom(format!("“{text}” is not a Discord id"))),
    }
}

impl Config {
    /// Reads the file, then the environment, then the secret files.
    ///
    /// # Errors
    /// In words for the person who starts the bot: what is missing or wrong and how to mend it.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            let text = fs::read_to_string(file)
                .with_context(|| format!("cannot read the configuration file {}", file.display()))?;
            refuse_secrets(&text, file)?;
            figment = figment.merge(Toml::string(&text));
        }
        let mut config: Self = figment
            .merge(Env::prefixed(ENV_PREFIX).split("__"))
            .extract()
            .context("the configuration is not complete; bot/config.example.toml describes every key")?;
        fill(&mut config.discord.token, config.discord.token_file.as_deref(), "discord")?;
        fill(&mut config.backend.token, config.backend.token_file.as_deref(), "backend")?;
        Ok(config)
    }
}

/// A configuration file is copied about and committed; a secret in it would be, too.
fn refuse_secrets(text: &str, file: &Path) -> anyhow::Result<()> {
    let table: toml::Table = text.parse().with_context(|| format!("{} is not TOML", file.display()))?;
    for section in ["discord", "backend"] {
        if table.get(section).and_then(|section| section.get("token")).is_some() {
            let variable = format!("{ENV_PREFIX}{}__TOKEN", section.to_uppercase());
            bail!(
                "{} holds [{section}] token. Put the token into a file of its own and name it with token_file, \
                 or set {variable}.",
                file.display()
            );
        }
    }
    Ok(())
}

fn fill(secret: &mut Secret, file: Option<&Path>, section: &str) -> anyhow::Result<()> {
    if secret.0.is_empty() {
        let Some(file) = file else {
            let variable = format!("{ENV_PREFIX}{}__TOKEN", section.to_uppercase());
            bail!("no token for {section}: set token_file in [{section}], or {variable}");
        };
        let text = fs::read_to_string(file)
            .with_context(|| format!("cannot read {} ([{section}] token_file)", file.display()))?;
        *secret = Secret::from(text.as_str());
    }
    if secret.0.is_empty() {
        bail!("the token for {section} is empty");
    }
    Ok(())
}
