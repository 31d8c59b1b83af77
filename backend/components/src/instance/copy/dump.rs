//! A dump in one transaction: slow, and always possible.

use super::{COPY_LIMIT, backup::piped, clone::emptied};
use crate::{
    host::Command,
    instance::{InstanceError, client::Client, owner::Owner, private},
};

/// Gives the GTID up to which the copy reaches.
pub(super) async fn copied(
    source: &Client<'_>,
    copy: &Client<'_>,
    owner: &Owner,
) -> Result<String, InstanceError> {
    emptied(copy, owner).await?;
    private::start(copy, owner).await?;
    loaded(copy, |reads| async move {
        let says = Command::new(says(source)).limit(COPY_LIMIT);
        piped(source.place, &says, copy.place, &reads).await
    })
    .await
}

/// Feeds a client of an empty server with a dump; gives the GTID that the dump says.
pub(in crate::instance) async fn loaded<Feed: Future<Output = Result<(), InstanceError>>>(
    copy: &Client<'_>,
    feed: impl FnOnce(Command) -> Feed,
) -> Result<String, InstanceError> {
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
    copy.value(asked).await
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
