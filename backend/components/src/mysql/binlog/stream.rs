//! The log as a replica gets it.

use super::{BinlogError, Bounds, Server, scan::Event};
use futures_util::StreamExt as _;
use mysql_async::{
    BinlogStream, BinlogStreamRequest, Conn, DriverError, Error, OptsBuilder, SslOpts,
    prelude::Queryable as _,
};
use std::time::Duration;
use tokio::time::timeout;

/// The largest event that is taken.
const EVENT_BYTES: usize = 128 << 20;
/// "Access denied" in its kinds, and "you need … privilege(s) for this operation".
const DENIED: [u16; 5] = [1044, 1045, 1142, 1227, 1698];
/// MariaDB: what follows knows its names of transactions. The same variables under the old and the new word.
const SETTINGS: &str = "SET @mariadb_slave_capability = 4, @source_binlog_checksum = 'ALL'";
const FORMAT_DESCRIPTION: u8 = 15;
const PACKED: u8 = 40;
/// `STOP`, `ROTATE`, a file's beginning, heartbeats, and beginnings of transactions: none of them stands in a packed one.
const OUTSIDE: [u8; 9] = [3, 4, 15, 27, 33, 34, 41, 42, PACKED];

/// Follows the log from the beginning of `file` to its end, and hands each event over.
pub(super) async fn follow(
    (server, mark): (&Server, u32),
    file: &str,
    bounds: Bounds,
    mut each: impl FnMut(Event<'_>) -> Result<(), BinlogError>,
) -> Result<(), BinlogError> {
    let mut stream = open((server, mark), file, bounds.open).await?;
    let (mut read, mut packed) = (0_u64, false);
    while let Some(event) = stream.next().await {
        let event = event.map_err(|error| of(&error))?;
        let header = event.header();
        let size = u64::from(header.event_size());
        read = read.saturating_add(size);
        if read > bounds.read {
            return Err(BinlogError::TooMuchLog);
        }
        // The library goes on without a word where it can not unpack one.
        if packed && OUTSIDE.contains(&header.event_type_raw()) {
            return Err(not_unpacked());
        }
        packed = header.event_type_raw() == PACKED;
        each(Event {
            code: header.event_type_raw(),
            at: header.timestamp(),
            server: header.server_id(),
            position: u64::from(header.log_pos()).saturating_sub(size),
            data: event.data(),
        })?;
    }
    if packed { Err(not_unpacked()) } else { Ok(()) }
}

fn not_unpacked() -> BinlogError {
    BinlogError::Broken("a packed transaction can not be unpacked".into())
}

/// When a file of the log was begun.
pub(super) async fn begun(
    (server, mark): (&Server, u32),
    file: &str,
    limit: Duration,
) -> Result<u32, BinlogError> {
    let mut stream = open((server, mark), file, limit).await?;
    let reading = async {
        while let Some(event) = stream.next().await {
            let header = event.map_err(|error| of(&error))?.header();
            if header.event_type_raw() == FORMAT_DESCRIPTION && header.timestamp() > 0 {
                return Ok(header.timestamp());
            }
        }
        Err(BinlogError::Broken(format!("{file} has no beginning")))
    };
    timeout(limit, reading).await.unwrap_or_else(|_| Err(silent(limit)))
}

async fn open(
    (server, mark): (&Server, u32),
    file: &str,
    limit: Duration,
) -> Result<BinlogStream, BinlogError> {
    let opening = async {
        let mut connection = connect(server).await?;
        connection.query_drop(SETTINGS).await?;
        let request =
            BinlogStreamRequest::new(mark).with_filename(file.as_bytes()).with_pos(4).with_non_blocking();
        connection.get_binlog_stream(request).await
    };
    match timeout(limit, opening).await {
        Ok(opened) => opened.map_err(|error| of(&error)),
        Err(_) => Err(silent(limit)),
    }
}

/// Encrypted where the server can, as with every other connection to it.
async fn connect(server: &Server) -> Result<Conn, Error> {
    let plain = || {
        OptsBuilder::default()
            .ip_or_hostname(server.host.clone())
            .tcp_port(server.port)
            .user(Some(server.user.clone()))
            .pass(Some(server.password.clone()))
            .prefer_socket(false)
            .max_allowed_packet(Some(EVENT_BYTES))
    };
    let encrypted =
        SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true);
    match Conn::new(plain().ssl_opts(encrypted)).await {
        Err(Error::Driver(DriverError::NoClientSslFlagFromServer)) => Conn::new(plain()).await,
        connected => connected,
    }
}

fn silent(limit: Duration) -> BinlogError {
    BinlogError::Unreachable(format!("no answer within {} ms", limit.as_millis()))
}

fn of(error: &Error) -> BinlogError {
    match error {
        Error::Server(server) if DENIED.contains(&server.code) => BinlogError::Denied(server.message.clone()),
        Error::Server(server) => BinlogError::Broken(super::super::connect::cut(&server.message)),
        Error::Driver(DriverError::PacketTooLarge) => BinlogError::TooManyBytes,
        Error::Io(io) => BinlogError::Unreachable(super::super::connect::cut(&io.to_string())),
        // A packet that was not expected would be shown whole.
        Error::Driver(DriverError::UnexpectedPacket { .. }) => {
            BinlogError::Broken("an unexpected packet".into())
        }
        other => BinlogError::Broken(super::super::connect::cut(&other.to_string())),
    }
}
