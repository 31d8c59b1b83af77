//! The admin interface of `ProxySQL`: it takes statements as text only, those of `SQLite`, and nothing is prepared. Values are quoted here.

use super::ProxyError;
use dbdesk_commands::lang::Said;
use mysql_async::{Conn, Error, Opts, OptsBuilder, Row, SslOpts, Value, prelude::Queryable as _};
use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};
use tokio::time::timeout;

/// Connecting, and each statement.
const LIMIT: Duration = Duration::from_secs(5);
const MOST_PACKET_BYTES: usize = 4 << 20;
const MOST_ROWS: usize = 10_000;

/// Where the admin interface is, and as whom.
#[derive(Clone)]
pub struct ProxySqlAdmin {
    /// Its address. Without TLS on this machine only.
    pub address: SocketAddr,
    /// An account of `admin-admin_credentials`.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The authority that signed its certificate, to ask it over a network.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Debug for ProxySqlAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxySqlAdmin({}@{})", self.user, self.address)
    }
}

impl ProxySqlAdmin {
    pub(super) fn opts(&self) -> Result<Opts, ProxyError> {
        if self.ca_file.is_none() && !self.address.ip().is_loopback() {
            return Err(ProxyError::Impossible(Said::fixed(
                "passwords do not go over a network without TLS",
                "没有 TLS，密码不能经网络传送",
            )));
        }
        let tls = self.ca_file.clone().map(|file| {
            SslOpts::default().with_root_certs(vec![file.into()]).with_disable_built_in_roots(true)
        });
        // What it would be asked at the start is not understood there.
        let opts = OptsBuilder::default()
            .ip_or_hostname(self.address.ip().to_string())
            .tcp_port(self.address.port())
            .user(Some(&self.user))
            .pass(Some(&self.password))
            .prefer_socket(false)
            .max_allowed_packet(Some(MOST_PACKET_BYTES))
            .wait_timeout(Some(60))
            .stmt_cache_size(0)
            .ssl_opts(tls);
        Ok(opts.into())
    }
}

/// One session.
pub(super) struct Session(Conn);

impl Session {
    pub(super) async fn open(opts: &Opts) -> Result<Self, ProxyError> {
        let conn = timeout(LIMIT, Conn::new(opts.clone())).await.map_err(|_| ProxyError::Time)?;
        conn.map(Self).map_err(|error| match failed(error) {
            ProxyError::Refused(said) => ProxyError::Denied(said),
            other => other,
        })
    }

    /// Rows of texts; what is NULL is empty.
    pub(super) async fn rows<const N: usize>(
        &mut self,
        select: &str,
    ) -> Result<Vec<[String; N]>, ProxyError> {
        let limited = format!("{select} LIMIT {}", MOST_ROWS + 1);
        let rows = timeout(LIMIT, self.0.query::<Row, _>(limited)).await.map_err(|_| ProxyError::Time)?;
        let rows = rows.map_err(failed)?;
        if rows.len() > MOST_ROWS {
            return Err(ProxyError::Nonsense("more than 10000 rows".to_owned()));
        }
        rows.into_iter().map(texts).collect()
    }

    pub(super) async fn run(&mut self, statement: &str) -> Result<(), ProxyError> {
        let done = timeout(LIMIT, self.0.query_drop(statement)).await.map_err(|_| ProxyError::Time)?;
        done.map_err(failed)
    }
}

fn texts<const N: usize>(row: Row) -> Result<[String; N], ProxyError> {
    let text = |value: Value| match value {
        Value::NULL => Ok(String::new()),
        Value::Bytes(bytes) => {
            String::from_utf8(bytes).map_err(|_| ProxyError::Nonsense("no UTF-8".to_owned()))
        }
        other => Err(ProxyError::Nonsense(other.as_sql(true))),
    };
    let values: Vec<String> = row.unwrap().into_iter().map(text).collect::<Result<_, _>>()?;
    values.try_into().map_err(|values: Vec<String>| ProxyError::Nonsense(format!("{} columns", values.len())))
}

fn failed(error: Error) -> ProxyError {
    match error {
        Error::Server(said) => ProxyError::Refused(said.message.chars().take(200).collect()),
        Error::Io(error) => ProxyError::Unreachable(error.to_string()),
        Error::Driver(error) => ProxyError::Unreachable(error.to_string()),
        other => ProxyError::Nonsense(other.to_string()),
    }
}

/// A value as `SQLite` reads it back: nothing in it has a meaning but the quote.
pub(super) fn quoted(text: &str) -> Result<String, ProxyError> {
    if text.contains('\0') {
        return Err(ProxyError::Impossible(Said::fixed("a value has a NUL", "值中有 NUL 字符")));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}
