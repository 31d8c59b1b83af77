//! `mariadb-backup`: files, and what was written to them meanwhile.

use super::COPY_LIMIT;
use crate::{
    host::{self, Command, Host, HostError},
    instance::{InstanceError, Place, client::Client, data, owner::Owner, private},
};

/// Gives the GTID up to which the copy reaches.
pub(super) async fn copied(
    source: &Client<'_>,
    copy: &Client<'_>,
    owner: &Owner,
) -> Result<String, InstanceError> {
    let (from, to) = (source.place, copy.place);
    let new = data::folder(to, owner).await?;
    let scratch = from.fresh(&from.at("tmp/copy")).await?;
    streamed(source, &scratch, (to.host, &reads(copy, &new))).await?;
    from.remove_tree(&scratch).await?;
    prepared(copy, &new, owner).await
}

/// Reads a stream of files into a folder.
pub(in crate::instance) fn reads(copy: &Client<'_>, new: &str) -> Command {
    let program = copy.programs.of("mbstream", "mbstream");
    Command::new([&*program, "-x", "-C", new]).limit(COPY_LIMIT)
}

/// Streams a backup of a running server into a command; files of its own are in `scratch`.
pub(in crate::instance) async fn streamed(
    source: &Client<'_>,
    scratch: &str,
    to: (&dyn Host, &Command),
) -> Result<(), InstanceError> {
    let from = source.place;
    let says = Command::new([
        source.programs.of("mariadb-backup", "mariadb-backup"),
        format!("--defaults-file={}", from.config()),
        "--backup".to_owned(),
        "--user=root".to_owned(),
        format!("--socket={}", from.socket()),
        "--stream=xbstream".to_owned(),
        format!("--target-dir={scratch}"),
        format!("--extra-lsndir={scratch}"),
    ]);
    let says = says.limit(COPY_LIMIT);
    piped((from.host, &says), to).await.map_err(|error| from.failed(error))
}

/// One program's output into another one, on two hosts; both succeed.
pub(in crate::instance) async fn piped(
    from: (&dyn Host, &Command),
    to: (&dyn Host, &Command),
) -> Result<(), HostError> {
    let (said, read) = host::pipe(from, to).await?;
    host::both((from.1, &said), (to.1, &read))
}

/// Makes files of a backup data of a server, which runs for us alone then; gives up to where they reach.
pub(in crate::instance) async fn prepared(
    copy: &Client<'_>,
    new: &str,
    owner: &Owner,
) -> Result<String, InstanceError> {
    let place = copy.place;
    let prepare = Command::new([
        copy.programs.of("mariadb-backup", "mariadb-backup"),
        "--prepare".to_owned(),
        format!("--target-dir={new}"),
    ]);
    place.succeeded(&prepare.limit(COPY_LIMIT)).await?;
    let gtid = gtid(place, new).await?;
    place.succeeded(&Command::script(OURS, [new])).await?;
    owner.hand_over(place, new).await?;
    data::put(place, new).await?;
    private::start(copy, owner).await?;
    Ok(gtid)
}

/// What the tool left for itself; a server knows nothing of it.
const OURS: &str = r#"cd -- "$1" && rm -f -- xtrabackup_* mariadb_backup_* backup-my.cnf"#;

/// `binlog.000001 ⇥ 448 ⇥ 0-1-1`, in a file that has a new name since 11.1; nothing is there of a server that had written nothing.
async fn gtid(place: &Place<'_>, folder: &str) -> Result<String, InstanceError> {
    const MOST_BYTES: usize = 64 << 10;
    for name in ["mariadb_backup_binlog_info", "xtrabackup_binlog_info"] {
        if let Some(bytes) = place.read(&format!("{folder}/{name}"), MOST_BYTES).await? {
            let text = String::from_utf8_lossy(&bytes);
            let gtid = text.trim_end().split('\t').nth(2).unwrap_or_default();
            return Ok(gtid.replace('\n', ""));
        }
    }
    Err(InstanceError::Nonsense("the backup does not say up to where it reaches".to_owned()))
}
