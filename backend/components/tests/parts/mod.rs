//! What the stories about servers share.

use lab::Server;
use sqlx::mysql::MySqlConnectOptions;

/// To a private server, as the account that may do everything.
pub fn options(server: &Server) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port())
        .username(Server::USER)
        .password(server.password())
}
