//! Up to where a copy has what its source did.

use super::{
    InstanceError, Place,
    client::{Client, text},
    made::made,
};
use serde::{Deserialize, Serialize};

const FILE: &str = "position.json";
const MOST_BYTES: usize = 1 << 20;

/// Up to where data reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// `MariaDB`: `0-1-42`; `MySQL`: a set. Empty: its source had done nothing yet.
    pub gtid: String,
    /// From where the data came, `host:port`.
    pub from: String,
    /// The server was told it once, and may have gone on since.
    pub is_set: bool,
}

/// What a copy was written down with; nothing, where the data is no copy.
pub async fn position(place: &Place<'_>) -> Result<Option<Position>, InstanceError> {
    made(place).await?;
    let Some(bytes) = place.read(&place.at(FILE), MOST_BYTES).await? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| InstanceError::Nonsense(error.to_string()))
}

/// A running copy says of itself what [`position`] says: following by GTID begins exactly there. One that was told so before is left where it
/// is by now.
///
/// # Errors
/// Its data is no copy, or it has done something else.
pub async fn set_position(place: &Place<'_>) -> Result<Position, InstanceError> {
    let there = position(place).await?.ok_or_else(|| InstanceError::Gone(place.at(FILE)))?;
    if there.is_set {
        return Ok(there);
    }
    let client = Client::of(place).await?;
    told(&client, &there.gtid).await?;
    let set = Position { is_set: true, ..there };
    write(place, &set).await?;
    Ok(set)
}

pub(super) async fn write(place: &Place<'_>, position: &Position) -> Result<(), InstanceError> {
    let bytes = serde_json::to_vec(position).map_err(|error| InstanceError::Nonsense(error.to_string()))?;
    place.write(&place.at(FILE), &bytes, 0o640).await
}

pub(super) async fn forget(place: &Place<'_>) -> Result<(), InstanceError> {
    place.remove_file(&place.at(FILE)).await
}

/// Tells a server, and reads it back.
pub(super) async fn told(client: &Client<'_>, gtid: &str) -> Result<(), InstanceError> {
    let (now, set) = if client.programs.flavour.is_mariadb() {
        ("SELECT @@gtid_slave_pos", "SET GLOBAL gtid_slave_pos")
    } else {
        ("SELECT REPLACE(@@gtid_executed, CHAR(10), '')", "SET GLOBAL gtid_purged")
    };
    if client.value(now).await? == gtid {
        return Ok(());
    }
    client.rows(&format!("{set} = {}", text(gtid))).await?;
    let shows = client.value(now).await?;
    if shows == gtid {
        Ok(())
    } else {
        Err(InstanceError::NotTaken(format!("its position is {shows}, not {gtid}")))
    }
}
