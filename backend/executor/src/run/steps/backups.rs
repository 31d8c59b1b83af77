//! Backups of servers: taken, believed once they were restored, and a table of one beside the one that is there. And replicas beside their
//! primary.

use super::{Around, Trouble, Undone, instances::there};
use crate::run::Work;
use dbdesk_cluster::step::{At, Step};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::instance::{
    self, Login, Place, Restore,
    backup::{self, BackupPlace, Taking},
};
use dbdesk_store::cluster_backup::{self, BackupRow};
use std::fmt::Write as _;

/// Differences that are told; the others are only counted.
const TOLD: usize = 10;

impl Work<'_> {
    pub(super) async fn backup_done(&mut self, step: &Step, around: &Around) -> Result<(), Undone> {
        match step {
            Step::BackUp { at, on, folder, keep_last, keep_days } => {
                self.backed_up((at, on, folder), (*keep_last, *keep_days), around).await
            }
            Step::VerifyBackup { on, folder, scratch_port } => {
                self.verified((on, folder, *scratch_port), around).await
            }
            Step::RestoreTable { .. } => self.table_restored(step, around).await,
            Step::Compare { primary, replicas, databases } => {
                self.compared((primary, replicas), databases, around).await
            }
            _ => Err(Trouble::stays(Said::fixed("this is no step of a backup", "这不是备份的步骤")).into()),
        }
    }

    /// The name of the backup that this ticket takes: the same, however often it is tried.
    fn backup_name(&self, around: &Around) -> String {
        format!("{}-{}", around.group.name, self.ledger.lease.ticket.0)
    }

    async fn backed_up(
        &mut self,
        (at, on, folder): (&At, &str, &str),
        (keep_last, keep_days): (u16, u16),
        around: &Around,
    ) -> Result<(), Undone> {
        let source = there(at, around)?;
        let (host, _) = around.hosts().host(on)?;
        let target = BackupPlace { host: &*host, folder: folder.to_owned() };
        let (id, ticket, now) = (self.backup_name(around), self.ledger.lease.ticket, self.ledger.clock.now());
        let (of, by) = (around.group.name.clone(), format!("t{}", ticket.0));
        let taking = Taking { id: id.clone(), of: of.clone(), by, at: now };
        let taken = backup::take(&source.place(), &target, &taking).await.map_err(Trouble::from)?;
        self.live.line(&format!("{id}: {} bytes, up to {}", taken.bytes, taken.position));
        let row = BackupRow {
            id,
            group: self.group,
            ticket,
            host: on.to_owned(),
            folder: folder.to_owned(),
            source: taken.source,
            taken_at: taken.taken_at,
            bytes: taken.bytes,
            verified_at: None,
        };
        let pool = self.ledger.pen.pool().clone();
        self.ledger.patiently(|| cluster_backup::put(&pool, &row)).await?;
        let keep = (usize::from(keep_last), keep_days);
        for gone in backup::prune(&target, &of, keep, now).await.map_err(Trouble::from)? {
            self.live.line(&format!("{gone} is not kept any more."));
            self.ledger.patiently(|| cluster_backup::remove(&pool, &gone)).await?;
        }
        Ok(())
    }

    async fn verified(
        &mut self,
        (on, folder, port): (&str, &str, u16),
        around: &Around,
    ) -> Result<(), Undone> {
        let hosts = around.hosts();
        let (host, row) = hosts.host(on)?;
        let target = BackupPlace { host: &*host, folder: folder.to_owned() };
        let (id, now) = (self.backup_name(around), self.ledger.clock.now());
        let scratch = Place::on(&*host, row, port);
        let found = backup::verify(&target, &id, &scratch, now).await.map_err(Trouble::from)?;
        self.live.line(&format!(
            "{id}: {} tables are whole, {} of them compared with what they were.",
            found.tables, found.compared
        ));
        let pool = self.ledger.pen.pool().clone();
        Ok(self.ledger.patiently(|| cluster_backup::verified(&pool, &id, now)).await?)
    }

    async fn table_restored(&mut self, step: &Step, around: &Around) -> Result<(), Undone> {
        let Step::RestoreTable { backup, on, folder, scratch_port, at, database, table, becomes, until } =
            step
        else {
            return Ok(());
        };
        let hosts = around.hosts();
        let (host, row) = hosts.host(on)?;
        let target = BackupPlace { host: &*host, folder: folder.clone() };
        let (live, scratch) = (there(at, around)?, Place::on(&*host, row, *scratch_port));
        let restore = Restore {
            database: database.clone(),
            table: table.clone(),
            becomes: becomes.clone(),
            until: *until,
            by: format!("t{}", self.ledger.lease.ticket.0),
        };
        let rows = instance::restore_table(&target, backup, &live.place(), &scratch, &restore)
            .await
            .map_err(Trouble::from)?;
        self.live.line(&format!("{database}.{becomes} has {rows} rows."));
        Ok(())
    }

    async fn compared(
        &mut self,
        (primary, replicas): (&At, &[At]),
        databases: &[String],
        around: &Around,
    ) -> Result<(), Undone> {
        let login = around.machines.looks.as_ref().map(|looks| looks(&around.group.name));
        let login: Login = login.ok_or_else(|| {
            Trouble::stays(Said::fixed(
                "this machine has no account that may look at replicas; `[target] review_user` names it",
                "这台机器没有可以查看从库的账号；请在 `[target] review_user` 中配置",
            ))
        })?;
        let first = there(primary, around)?;
        let others = replicas.iter().map(|at| there(at, around)).collect::<Result<Vec<_>, _>>()?;
        let places: Vec<Place<'_>> = others.iter().map(super::instances::There::place).collect();
        let found =
            instance::checksum(&first.place(), &places, databases, &login).await.map_err(Trouble::from)?;
        self.live.line(&format!("{} tables with {} rows were compared.", found.tables, found.rows));
        let trouble = |en: String, zh: String| Undone::from(Trouble::stays(said!("{en}", "{zh}")));
        if let Some(error) = found.errors.first() {
            return Err(trouble(format!("the tool says: {error}"), format!("工具报告：{error}")));
        }
        if found.differences.is_empty() {
            return Ok(());
        }
        let mut told = String::new();
        for one in found.differences.iter().take(TOLD) {
            let _ = write!(told, "; {} {}.{} #{}", one.replica, one.database, one.table, one.chunk);
        }
        let count = found.differences.len();
        Err(trouble(format!("{count} chunks differ{told}"), format!("{count} 个数据块不一致{told}")))
    }
}
