//! A backup is taken.

use super::{
    Backup, BackupPlace, Taking, keep,
    manifest::{self, ending},
};
use crate::{
    host::Command,
    instance::{
        InstanceError, Place,
        client::Client,
        copy::{COPY_LIMIT, dump, files},
        made::{is_name, made},
    },
};
use dbdesk_cluster::step::CopyBy;
use dbdesk_commands::lang::said;

/// Under a name of its own until it is known to be whole; what attempts before this one left is gone.
const PART: &str = r#"umask 077
rm -f -- "$1".part.* && mktemp -- "$1.part.XXXXXXXX""#;

const SINK: &str = r#"gzip -1 >"$1" && sync -- "$1""#;

const SEAL: &str = r#"sha256sum -- "$1" && wc -c <"$1" && mv -fT -- "$1" "$2" && sync -f -- "$2""#;

/// The beginning of a dump says up to where it reaches.
const HEAD: &str = r#"gzip -dc -- "$1" 2>/dev/null | head -c 262144"#;

/// Takes one of a running server: the files of a `MariaDB`, a dump of a `MySQL`. One of this name that is whole is not taken again.
pub async fn take(
    place: &Place<'_>,
    target: &BackupPlace<'_>,
    taking: &Taking,
) -> Result<Backup, InstanceError> {
    if !is_name(&taking.of) {
        let name = &taking.of;
        return Err(InstanceError::Unusable(said!("“{name}” is no name", "“{name}”不是可用的名称")));
    }
    if let Some(there) = manifest::read(target, &taking.id).await? {
        let is_this = there.of == taking.of && there.by == taking.by;
        return if is_this { Ok(there) } else { Err(InstanceError::Exists(taking.id.clone())) };
    }
    let client = Client::of(place).await?;
    let flavour = made(place).await?.spec.flavour;
    let way = if client.programs.flavour.is_mariadb() { CopyBy::MariadbBackup } else { CopyBy::Dump };
    let path = target.at(&taking.id, ending(way))?;
    target.succeeded(&Command::new(["mkdir", "-p", "-m", "0700", "--", &target.folder])).await?;
    let before = keep::content(&client).await?;
    let part = target.succeeded(&Command::script(PART, [path.clone()])).await?.text();
    let part = part.trim_end();
    let (position, binlog) = written(&client, target, part, way).await?;
    let after = keep::content(&client).await?;
    let sealed = target.succeeded(&Command::script(SEAL, [part, &path]).limit(COPY_LIMIT)).await?.text();
    let mut words = sealed.split_whitespace();
    let sha256 = words.next().unwrap_or_default().to_owned();
    let bytes = words.last().and_then(|word| word.parse().ok());
    let bytes = bytes.filter(|_| sha256.len() == 64).ok_or(InstanceError::Nonsense(sealed))?;
    manifest::write_content(target, &taking.id, &keep::stood_still(before, &after)).await?;
    let backup = Backup {
        id: taking.id.clone(),
        of: taking.of.clone(),
        by: taking.by.clone(),
        way,
        flavour,
        source: format!("{}:{}", place.address, place.port),
        taken_at: taking.at,
        position,
        binlog,
        bytes,
        sha256,
        databases: client.databases().await?,
        verified_at: None,
    };
    manifest::write(target, &backup).await?;
    manifest::read(target, &taking.id).await?.ok_or(InstanceError::Gone(path))
}

/// Writes the file; gives up to where it reaches, and the binary log that was written then.
async fn written(
    client: &Client<'_>,
    target: &BackupPlace<'_>,
    part: &str,
    way: CopyBy,
) -> Result<(String, Option<String>), InstanceError> {
    let sink = Command::script(SINK, [part]).limit(COPY_LIMIT);
    let place = client.place;
    if way == CopyBy::MariadbBackup {
        let scratch = place.fresh(&place.at("tmp/backup")).await?;
        files::streamed(client, &scratch, (target.host, &sink)).await?;
        let info = place.read(&format!("{scratch}/xtrabackup_info"), 1 << 20).await?;
        let info = match info {
            Some(info) => Some(info),
            None => place.read(&format!("{scratch}/mariadb_backup_info"), 1 << 20).await?,
        };
        place.remove_tree(&scratch).await?;
        return of_info(&String::from_utf8_lossy(&info.unwrap_or_default()));
    }
    let says = Command::new(dump::says(client)).limit(COPY_LIMIT);
    files::piped((place.host, &says), (target.host, &sink)).await.map_err(|error| place.failed(error))?;
    let head = Command::script(HEAD, [part]);
    let head = target.succeeded(&head).await?.text();
    Ok(of_dump(&head))
}

/// `binlog_pos = filename 'binlog.000001', position '448', GTID of the last change '0-1-1'`; nothing follows of a server that has written nothing.
fn of_info(info: &str) -> Result<(String, Option<String>), InstanceError> {
    let nonsense = || InstanceError::Nonsense("the backup does not say up to where it reaches".to_owned());
    if !info.contains("tool_name") {
        return Err(nonsense());
    }
    let said = |before: &str| {
        let (_, rest) = info.split_once(before)?;
        rest.split_once('\'').map(|(said, _)| said.replace('\n', ""))
    };
    Ok((said("GTID of the last change '").unwrap_or_default(), said("binlog_pos = filename '")))
}

/// `SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5,⏎b:1-2';`, and the position in a comment.
fn of_dump(head: &str) -> (String, Option<String>) {
    let gtid = head.split_once("GTID_PURGED=").and_then(|(_, rest)| {
        let (said, _) = rest.split_once(';')?;
        said.rsplit('\'').nth(1).map(|gtid| gtid.replace('\n', ""))
    });
    let binlog =
        head.split_once("SOURCE_LOG_FILE='").and_then(|(_, rest)| Some(rest.split_once('\'')?.0.to_owned()));
    (gtid.unwrap_or_default(), binlog)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_says_up_to_where_it_reaches() {
        let info = "tool_name = mariadb-backup\nbinlog_pos = filename 'binlog.000001', position '448', GTID of the last change '0-1-1'\n";
        assert_eq!(of_info(info).unwrap(), ("0-1-1".to_owned(), Some("binlog.000001".to_owned())));
        assert!(of_info("").is_err());
        let dump = "--\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b:1-5,\nc-d:1-2';\n-- CHANGE REPLICATION SOURCE TO \
                    SOURCE_LOG_FILE='binlog.000002', SOURCE_LOG_POS=158;\n";
        assert_eq!(of_dump(dump), ("a-b:1-5,c-d:1-2".to_owned(), Some("binlog.000002".to_owned())));
        assert_eq!(of_dump("-- nothing"), (String::new(), None));
    }
}
