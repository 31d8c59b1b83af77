//! Where the bot may connect to. With a simulator configured it can never reach the real Discord, not even when the
//! simulator sends it there.

use std::net::IpAddr;
use thiserror::Error;
use url::Url;

/// Discord, or a stand-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The real Discord.
    Discord,
    /// A simulator at this address, and nothing else.
    Simulator(Url),
}

/// The bot was about to be sent where it must not go. It stops.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Astray {
    /// `base_url` can not be used.
    #[error(
        "[discord] base_url {0} cannot be used: it must be http:// with a loopback host, as a simulator has"
    )]
    BaseUrl(Url),
    /// A gateway address elsewhere.
    #[error(
        "the gateway address {found} does not belong to {allowed}; stopping rather than sending the token there"
    )]
    Gateway {
        /// What was found.
        found: String,
        /// What would have been right.
        allowed: String,
    },
}

impl Reach {
    /// From the configured base URL.
    ///
    /// # Errors
    /// When it is not a loopback address: the real Discord is used by leaving it out.
    pub fn of(base_url: Option<&Url>) -> Result<Self, Astray> {
        match base_url {
            None => Ok(Self::Discord),
            Some(url) if url.scheme() == "http" && is_loopback(url) && url.path() == "/" => {
                Ok(Self::Simulator(url.clone()))
            }
            Some(url) => Err(Astray::BaseUrl(url.clone())),
        }
    }

    /// `host:port` for the REST client, in place of discord.com.
    #[must_use]
    pub fn rest_proxy(&self) -> Option<String> {
        match self {
            Self::Discord => None,
            Self::Simulator(url) => {
                Some(format!("{}:{}", url.host_str()?, url.port_or_known_default().unwrap_or(80)))
            }
        }
    }

    /// Checks an address that the other side gave for the gateway (also the one for resuming).
    ///
    /// # Errors
    /// When it leads elsewhere.
    pub fn check_gateway(&self, address: &str) -> Result<(), Astray> {
        let url = Url::parse(address).ok();
        let right = url.is_some_and(|url| match self {
            Self::Discord => {
                let host = url.host_str().unwrap_or_default();
                url.scheme() == "wss" && (host == "gateway.discord.gg" || host.ends_with(".discord.gg"))
            }
            Self::Simulator(base) => url.scheme() == "ws" && same_place(&url, base),
        });
        if right {
            return Ok(());
        }
        let allowed = match self {
            Self::Discord => "discord.gg".to_owned(),
            Self::Simulator(base) => base.to_string(),
        };
        Err(Astray::Gateway { found: address.chars().take(200).collect(), allowed })
    }

    /// Whether a file may be fetched from there.
    #[must_use]
    pub fn allows_attachment(&self, url: &Url) -> bool {
        match self {
            Self::Discord => {
                url.scheme() == "https"
                    && url.port_or_known_default() == Some(443)
                    && matches!(url.host_str(), Some("cdn.discordapp.com" | "media.discordapp.net"))
            }
            Self::Simulator(base) => url.scheme() == "http" && same_place(url, base),
        }
    }
}

/// The same loopback host; a simulator may serve its parts on several ports.
fn same_place(url: &Url, base: &Url) -> bool {
    is_loopback(url) && is_loopback(base)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simulator() -> Reach {
        Reach::of(Some(&Url::parse("http://127.0.0.1:4010").unwrap())).unwrap()
    }

    #[test]
    fn with_a_simulator_nothing_leads_to_the_real_discord() {
        let reach = simulator();
        assert_eq!(reach.rest_proxy().as_deref(), Some("127.0.0.1:4010"));
        assert!(reach.check_gateway("ws://127.0.0.1:4010").is_ok());
        for elsewhere in
            ["wss://gateway.discord.gg", "ws://discord.gg", "ws://127.0.0.1.evil.example", "", "x"]
        {
            assert!(reach.check_gateway(elsewhere).is_err(), "{elsewhere}");
        }
        assert!(!reach.allows_attachment(&Url::parse("https://cdn.discordapp.com/a.sql").unwrap()));
    }

    #[test]
    fn a_stand_in_on_another_machine_is_refused() {
        for url in ["http://10.0.0.1", "https://127.0.0.1", "http://discord.com", "http://127.0.0.1/path"] {
            assert!(Reach::of(Some(&Url::parse(url).unwrap())).is_err(), "{url}");
        }
    }

    #[test]
    fn files_come_from_discords_own_hosts_over_tls_only() {
        let allowed = |url: &str| Reach::Discord.allows_attachment(&Url::parse(url).unwrap());
        assert!(allowed("https://cdn.discordapp.com/attachments/1/2/a.sql"));
        for url in [
            "http://cdn.discordapp.com/a",
            "https://cdn.discordapp.com:444/a",
            "https://cdn.discordapp.com.evil.example/a",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }
}
