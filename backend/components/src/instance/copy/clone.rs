//! `MySQL`'s clone plugin: pages from server to server.

use super::COPY_LIMIT;
use crate::instance::{
    InstanceError, Login,
    client::{Client, text},
    data,
    owner::Owner,
    private, run,
};
use dbdesk_commands::lang::Said;
use std::time::Duration;

/// "Restart server failed (mysqld is not managed by supervisor process)": all is there, and we are who starts it.
const START_ME: u16 = 3707;
const END_LIMIT: Duration = Duration::from_mins(10);

/// Gives the GTIDs that the copy has.
pub(super) async fn copied(
    source: &Client<'_>,
    copy: &Client<'_>,
    owner: &Owner,
    login: &Login,
) -> Result<String, InstanceError> {
    if !login.is_plain() {
        return Err(InstanceError::Unusable(Said::fixed("the account is not usable", "账号不可用")));
    }
    data::empty(copy, owner).await?;
    private::start(copy, owner).await?;
    let (host, port) = (&source.place.address, source.place.port);
    let donor = text(&format!("{host}:{port}"));
    copy.rows(&format!("SET GLOBAL clone_valid_donor_list = {donor}")).await?;
    let clone = format!(
        "CLONE INSTANCE FROM {}@{}:{port} IDENTIFIED BY {}",
        text(&login.user),
        text(host),
        text(&login.password)
    );
    match copy.rows_within(&clone, COPY_LIMIT).await {
        Ok(_) | Err(InstanceError::NotRunning | InstanceError::Server { code: START_ME, .. }) => {}
        Err(error) => return Err(error),
    }
    run::gone(copy.place, END_LIMIT).await?;
    private::start(copy, owner).await?;
    let state = copy.rows("SELECT state FROM performance_schema.clone_status").await?;
    if state.first().and_then(|row| row.first()).is_some_and(|state| state != "Completed") {
        return Err(InstanceError::NotTaken(format!("the clone is {state:?}")));
    }
    // Whom the source follows, the copy does not.
    copy.rows("RESET REPLICA ALL").await?;
    copy.value("SELECT REPLACE(@@gtid_executed, CHAR(10), '')").await
}
