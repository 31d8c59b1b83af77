//! A dump in one transaction: slow, and always possible.

use super::{COPY_LIMIT, files::piped};
use crate::{
    host::Command,
    instance::{InstanceError, client::Client, data, owner::Owner, private},
};

/// Gives the GTID up to which the copy reaches.
pub(super) async fn copied(
    source: &Client<'_>,
    copy: &Client<'_>,
    owner: &Owner,
) -> Result<String, InstanceError> {
    let says = Command::new(says(source)).limit(COPY_LIMIT);
    let (from, to) = (source.place, copy.place);
    let feed =
        async |reads| piped((from.host, &says), (to.host, &reads)).await.map_err(|error| from.failed(error));
    loaded(copy, owner, feed).await
}

/// Feeds a client of an empty server with a dump; the server runs for us alone then. Gives the GTID that the dump says.
pub(in crate::instance) async fn loaded(
    copy: &Client<'_>,
    owner: &Owner,
    feed: impl AsyncFnOnce(Command) -> Result<(), InstanceError>,
) -> Result<String, InstanceError> {
    data::empty(copy, owner).await?;
    private::start(copy, owner).await?;
    let mut reads = copy.reads();
    // A copy has no history of its own.
    reads.push("--init-command=SET SESSION sql_log_bin = 0".to_owned());
    feed(Command::new(reads).limit(COPY_LIMIT)).await?;
    let asked = if copy.programs.flavour.is_mariadb() {
        copy.rows("RESET SLAVE ALL").await?;
        "SELECT @@gtid_slave_pos"
    } else {
        "SELECT REPLACE(@@gtid_executed, CHAR(10), '')"
    };
    let gtid = copy.value(asked).await?;
    // Its accounts are those of its source now, `root` too.
    private::start(copy, owner).await?;
    Ok(gtid)
}

/// Says all of a server as it is at one moment.
pub(in crate::instance) fn says(source: &Client<'_>) -> Vec<String> {
    let mut words = source.words(source.programs.of("mariadb-dump", "mysqldump"));
    let all = [
        "--all-databases",
        "--single-transaction",
        "--quick",
        "--routines",
        "--events",
        "--triggers",
        "--hex-blob",
        "--default-character-set=utf8mb4",
        "--flush-privileges",
    ];
    words.extend(all.map(String::from));
    let position: &[&str] = if source.programs.flavour.is_mariadb() {
        &["--master-data=1", "--gtid"]
    } else {
        &["--source-data=2", "--set-gtid-purged=ON"]
    };
    words.extend(position.iter().map(ToString::to_string));
    words
}
