//! Which backups there are, and which are kept.

use super::{Backup, BackupPlace, manifest::ending};
use crate::{host::Command, instance::InstanceError};
use chrono::{DateTime, TimeDelta, Utc};
use dbdesk_cluster::step::CopyBy;

const MOST_BYTES: usize = 32 << 20;

/// Their manifests, one behind the other. What is half is no backup: its manifest comes last.
const ALL: &str = r#"[ -d "$1" ] || exit 0
exec find "$1" -maxdepth 1 -type f -name '*.json' -exec cat -- {} +"#;

/// Files of attempts that are longer ago than any may take.
const HALF: &str = r#"[ -d "$1" ] || exit 0
exec find "$1" -maxdepth 1 -type f -name '*.part.*' -mmin +2880 -delete"#;

/// All of a folder, the newest first.
pub async fn list(target: &BackupPlace<'_>) -> Result<Vec<Backup>, InstanceError> {
    let all = Command::script(ALL, [target.folder.clone()]).most_output_bytes(MOST_BYTES);
    let done = target.succeeded(&all).await?;
    if done.cut {
        return Err(InstanceError::Nonsense(format!("the manifests have more than {MOST_BYTES} bytes")));
    }
    let all = serde_json::Deserializer::from_slice(&done.stdout).into_iter::<Backup>();
    let mut all =
        all.collect::<Result<Vec<_>, _>>().map_err(|error| InstanceError::Nonsense(error.to_string()))?;
    all.sort_by(|a, b| b.taken_at.cmp(&a.taken_at).then_with(|| b.id.cmp(&a.id)));
    Ok(all)
}

/// Removes what need not be kept of a service group; gives the names. The newest `keep_last`, all that are younger than `keep_days`, and the
/// newest that was verified are kept.
pub async fn prune(
    target: &BackupPlace<'_>,
    of: &str,
    (keep_last, keep_days): (usize, u16),
    now: DateTime<Utc>,
) -> Result<Vec<String>, InstanceError> {
    let all = list(target).await?;
    let since = now - TimeDelta::days(keep_days.into());
    let old = old(&all, of, keep_last, since);
    target.succeeded(&Command::script(HALF, [target.folder.clone()])).await?;
    for id in &old {
        let mut words = vec!["rm".to_owned(), "-f".to_owned(), "--".to_owned()];
        for way in [CopyBy::MariadbBackup, CopyBy::Dump] {
            words.push(target.at(id, ending(way))?);
        }
        words.push(target.at(id, ".content")?);
        target.succeeded(&Command::new(words)).await?;
        // Last: what has one is asked for again.
        target.succeeded(&Command::new(["rm", "-f", "--", &target.at(id, ".json")?])).await?;
    }
    Ok(old)
}

/// The newest come first.
fn old(all: &[Backup], of: &str, keep_last: usize, since: DateTime<Utc>) -> Vec<String> {
    let of_group: Vec<&Backup> = all.iter().filter(|backup| backup.of == of).collect();
    let believed = of_group.iter().find(|backup| backup.verified_at.is_some()).map(|backup| &backup.id);
    let is_old = |backup: &&&Backup| backup.taken_at < since && Some(&backup.id) != believed;
    of_group.iter().skip(keep_last.max(1)).filter(is_old).map(|backup| backup.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_and_the_young_and_the_newest_that_is_verified_are_kept() {
        let at = |days: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(1_000 - days);
        let backup = |id: &str, of: &str, days, verified: bool| Backup {
            id: id.into(),
            of: of.into(),
            by: "T-1".into(),
            way: CopyBy::Dump,
            flavour: "mysql-9.7".into(),
            source: "db1:3306".into(),
            taken_at: at(days),
            position: String::new(),
            binlog: None,
            bytes: 1,
            sha256: String::new(),
            databases: Vec::new(),
            verified_at: verified.then(|| at(days)),
        };
        let all = [
            backup("a", "shop", 1, false),
            backup("b", "shop", 2, false),
            backup("x", "other", 20, false),
            backup("c", "shop", 8, false),
            backup("d", "shop", 9, true),
            backup("e", "shop", 10, true),
        ];
        assert_eq!(old(&all, "shop", 1, at(7)), ["c", "e"]);
        assert_eq!(old(&all, "shop", 3, at(7)), ["e"]);
        assert_eq!(old(&all, "shop", 0, at(0)), ["b", "c", "e"]);
        assert!(old(&all, "other", 0, at(0)).is_empty(), "the last one is never removed");
    }
}
