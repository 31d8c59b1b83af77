//! Accounts in `ProxySQL`: it lets in only whom it knows, by `mysql_users`.

use super::{
    ProxyError, ProxySql,
    proxysql_text::{Session, quoted},
};
use dbdesk_commands::lang::Said;
use std::fmt;

const LOAD: &str = "LOAD MYSQL USERS TO RUNTIME";
const SAVE: &str = "SAVE MYSQL USERS TO DISK";
const MOST_NAME_BYTES: usize = 80;

/// An account, as it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Where its statements go, if no rule says something else.
    pub hostgroup: u32,
    /// Whether it is let in.
    pub active: bool,
}

/// An account to be let in.
#[derive(Clone)]
pub struct NewUser {
    /// Who, and where his statements go.
    pub user: User,
    /// His password, or what the server keeps of it: `*` and 40 hex digits of `mysql_native_password`. Of any other method `ProxySQL` needs
    /// the password itself.
    pub password: String,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewUser({:?})", self.user)
    }
}

impl ProxySql {
    /// Everybody it lets in, by name.
    pub async fn users(&self) -> Result<Vec<User>, ProxyError> {
        users(&mut Session::open(&self.opts).await?).await
    }

    /// Lets somebody in, or changes how.
    pub async fn put_user(&self, new: &NewUser) -> Result<(), ProxyError> {
        let User { name, hostgroup, active } = &new.user;
        if name.is_empty() || name.len() > MOST_NAME_BYTES || new.password.is_empty() {
            return Err(ProxyError::Impossible(Said::fixed(
                "an account has a name and a password",
                "账号必须有名字和密码",
            )));
        }
        let mut session = Session::open(&self.opts).await?;
        unloaded(&mut session, name).await?;
        let (quoted_name, password) = (quoted(name)?, quoted(&new.password)?);
        let active_number = u8::from(*active);
        let statements = [
            format!("INSERT OR IGNORE INTO mysql_users (username, password) VALUES ({quoted_name}, '')"),
            format!(
                "UPDATE mysql_users SET password = {password}, default_hostgroup = {hostgroup}, active = {active_number} \
                 WHERE username = {quoted_name}"
            ),
        ];
        done(&mut session, &statements).await?;
        // Who is not active is not shown as running.
        let shown = users(&mut session).await?;
        if !*active || shown.contains(&new.user) { Ok(()) } else { Err(ProxyError::NotTaken(name.clone())) }
    }

    /// Lets somebody in again whom it knows, or no more for now. Who is not known is not let in.
    pub async fn set_active(&self, name: &str, active: bool) -> Result<(), ProxyError> {
        let mut session = Session::open(&self.opts).await?;
        unloaded(&mut session, name).await?;
        let update = format!(
            "UPDATE mysql_users SET active = {} WHERE username = {}",
            u8::from(active),
            quoted(name)?
        );
        done(&mut session, &[update]).await?;
        let is_in = users(&mut session).await?.iter().any(|user| user.name == name && user.active);
        if is_in && !active { Err(ProxyError::NotTaken(name.to_owned())) } else { Ok(()) }
    }

    /// Lets somebody in no more. Who is not known is not let in.
    pub async fn remove_user(&self, name: &str) -> Result<(), ProxyError> {
        let mut session = Session::open(&self.opts).await?;
        unloaded(&mut session, name).await?;
        done(&mut session, &[format!("DELETE FROM mysql_users WHERE username = {}", quoted(name)?)]).await?;
        let shown = users(&mut session).await?;
        if shown.iter().any(|user| user.name == name) {
            Err(ProxyError::NotTaken(name.to_owned()))
        } else {
            Ok(())
        }
    }
}

async fn users(session: &mut Session) -> Result<Vec<User>, ProxyError> {
    let select = "SELECT DISTINCT username, default_hostgroup, active FROM runtime_mysql_users WHERE frontend = 1 ORDER BY username";
    let rows = session.rows::<3>(select).await?;
    rows.into_iter()
        .map(|[name, hostgroup, active]| {
            let hostgroup = hostgroup.parse().map_err(|_| ProxyError::Nonsense(hostgroup))?;
            Ok(User { name, hostgroup, active: active == "1" })
        })
        .collect()
}

/// What somebody else has begun is not loaded with ours. Passwords are not compared: what runs is kept as a hash.
async fn unloaded(session: &mut Session, name: &str) -> Result<(), ProxyError> {
    let others = |table: &str| -> Result<String, ProxyError> {
        Ok(format!(
            "SELECT DISTINCT username, default_hostgroup FROM {table} WHERE active = 1 AND username <> {} ORDER BY username",
            quoted(name)?
        ))
    };
    let run = session.rows::<2>(&others("runtime_mysql_users")?).await?;
    if session.rows::<2>(&others("mysql_users")?).await? == run { Ok(()) } else { Err(ProxyError::Unloaded) }
}

async fn done(session: &mut Session, statements: &[String]) -> Result<(), ProxyError> {
    for statement in statements {
        // Its own words may have the statement in them, and that has the password.
        session.run(statement).await.map_err(|error| match error {
            ProxyError::Refused(_) => ProxyError::Refused("no, to a statement about an account".to_owned()),
            other => other,
        })?;
    }
    session.run(LOAD).await?;
    session.run(SAVE).await
}
