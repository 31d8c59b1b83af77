//! What stands in front of a service group's servers: a pool that takes writes and a pool that takes reads.
//!
//! [`HaProxy`] and [`ProxySql`] are changed while they run. A restart takes them back to what their files say: whoever changes
//! a pool for good writes [`haproxy_config`] as well (`ProxySQL` keeps its own disk in step).

mod error;
mod haproxy;
pub mod haproxy_config;
pub mod haproxy_made;
mod haproxy_says;
mod proxysql;
mod proxysql_text;
mod proxysql_users;
mod types;

pub use error::ProxyError;
pub use haproxy::{HaProxy, RuntimeSocket};
pub use proxysql::{Hostgroups, ProxySql, ProxySqlAdmin};
pub use proxysql_users::{NewUser, User};
pub use types::{Address, Health, Nonsense, Pool, Pools, Server, ServerName, State, Weight};

use futures_util::future::BoxFuture;
use std::fmt;

/// What a change comes to.
pub type Changed<'a> = BoxFuture<'a, Result<(), ProxyError>>;

/// A proxy in front of one service group. Each change may be asked for again, and has been seen to hold when it returns.
pub trait Proxy: Send + Sync + fmt::Debug {
    /// What it does now.
    fn pools(&self) -> BoxFuture<'_, Result<Pools, ProxyError>>;

    /// New connections for writes go there. Who is connected elsewhere stays: see [`Proxy::shutdown_sessions`].
    fn point_writer<'a>(&'a self, address: &'a Address) -> Changed<'a>;

    /// New connections for writes wait, until [`Proxy::point_writer`] or until the proxy's patience ends.
    fn hold_writer(&self) -> Changed<'_>;

    /// What a server of a pool is to be asked for.
    fn set_state<'a>(&'a self, pool: Pool, server: &'a ServerName, state: State) -> Changed<'a>;

    /// Its share.
    fn set_weight<'a>(&'a self, pool: Pool, server: &'a ServerName, weight: Weight) -> Changed<'a>;

    /// Where it is.
    fn set_address<'a>(&'a self, pool: Pool, server: &'a ServerName, address: &'a Address) -> Changed<'a>;

    /// Ends all that runs through it there. Whether somebody came anew since is seen by [`Proxy::pools`].
    fn shutdown_sessions<'a>(&'a self, pool: Pool, server: &'a ServerName) -> Changed<'a>;

    /// Adds a server, ready.
    fn add_server<'a>(
        &'a self,
        pool: Pool,
        server: &'a ServerName,
        address: &'a Address,
        weight: Weight,
    ) -> Changed<'a>;

    /// Removes one, if nobody is connected through it. What is not there is removed.
    fn remove_server<'a>(&'a self, pool: Pool, server: &'a ServerName) -> Changed<'a>;
}
