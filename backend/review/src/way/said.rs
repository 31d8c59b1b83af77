//! The reasons, in both languages.

use super::{WayJudged, grant::Grant};
use crate::{
    flavour::Flavour,
    rules::words::{self, number},
    shape::TableRef,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Way,
};

/// What a reason speaks of.
pub struct About<'a> {
    /// The table as written.
    pub table: &'a TableRef,
    /// What the statement does, as the beginning of a sentence.
    pub cause: &'a Said,
    /// The table's size, where it is known.
    pub bytes: Option<u64>,
    /// Its rows, likewise.
    pub rows: Option<u64>,
    /// The server.
    pub flavour: Flavour,
}

impl About<'_> {
    /// As the server does it by itself.
    pub fn server(&self, grant: Grant) -> WayJudged {
        let (table, size) = (words::table(self.table), self.size());
        let (en, zh) = (&self.cause.en, &self.cause.zh);
        let (size_en, size_zh, flavour) = (&size.en, &size.zh, self.flavour);
        let reason = match grant {
            Grant::Instant | Grant::Metadata => said!(
                "{en} changes only the definition of {table}; no row is touched.",
                "{zh}只改 {table} 的定义，不动任何一行。",
            ),
            Grant::Scan => said!(
                "{en} makes {flavour} read all of {table}{size_en}, but copies nothing; reads and writes go on.",
                "{zh}要让 {flavour} 读一遍 {table}{size_zh}，不复制数据，期间可以照常读写。",
            ),
            Grant::Rebuild => said!(
                "{en} makes {flavour} build {table}{size_en} anew; reads and writes go on, and replicas fall behind by as long as it takes.",
                "{zh}要让 {flavour} 重建整张 {table}{size_zh}，期间可以照常读写；从库会延迟同样长的时间。",
            ),
            Grant::ScanBlocked | Grant::RebuildBlocked => said!(
                "{en} makes {flavour} work through all of {table}{size_en}, and writes wait until it is done.",
                "{zh}要让 {flavour} 处理整张 {table}{size_zh}，完成之前不能写入。",
            ),
            Grant::Copy => said!(
                "{en} makes {flavour} copy all of {table}{size_en} row by row, and writes wait until it is done.",
                "{zh}要让 {flavour} 逐行复制整张 {table}{size_zh}，完成之前不能写入。",
            ),
        };
        WayJudged { way: grant.way(), reason, heavy: false, busy: false }
    }

    /// With pt-online-schema-change, since the table is too big for what the server would do.
    pub fn tool(&self, grant: Grant) -> WayJudged {
        let (table, size) = (words::table(self.table), self.size());
        let (en, zh) = (&self.cause.en, &self.cause.zh);
        let (size_en, size_zh, flavour) = (&size.en, &size.zh, self.flavour);
        let reason = if matches!(grant, Grant::Scan | Grant::Rebuild) {
            said!(
                "{en} would keep {flavour} busy with all of {table}{size_en}, and replicas would fall behind; pt-online-schema-change does it in small pieces.",
                "{zh}会让 {flavour} 长时间处理整张 {table}{size_zh}，从库延迟很大；用 pt-online-schema-change 可以分小块完成。",
            )
        } else {
            said!(
                "{en} would make {flavour} copy all of {table}{size_en}, and writes would wait that long; pt-online-schema-change copies it in small pieces while writes go on.",
                "{zh}会让 {flavour} 复制整张 {table}{size_zh}，期间一直不能写入；用 pt-online-schema-change 可以分小块复制，不影响写入。",
            )
        };
        WayJudged { way: Way::OnlineTool, reason, heavy: true, busy: false }
    }

    /// " (1.2 GB, about 3,000,000 rows)", as far as it is known.
    fn size(&self) -> Said {
        match (self.bytes.map(bytes), self.rows.map(number)) {
            (Some(size), Some(rows)) => said!(" ({size}, about {rows} rows)", "（{size}，约 {rows} 行）"),
            (Some(size), None) => said!(" ({size})", "（{size}）"),
            _ => Said::fixed("", ""),
        }
    }
}

/// Bytes in the unit that fits, with one decimal.
fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let (mut tenths, mut unit) = (n.saturating_mul(10) / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1024, unit + 1);
    }
    format!("{}.{} {}", number(tenths / 10), tenths % 10, UNITS.get(unit).unwrap_or(&"TB"))
}

/// A table that the script itself makes.
pub fn new_table(table: &TableRef) -> WayJudged {
    let table = words::table(table);
    let reason = said!("{table} is new: nobody waits for it.", "{table} 是新表，没有人在用。");
    WayJudged { way: Way::Direct, reason, heavy: false, busy: false }
}

/// A new name.
pub fn only_name(table: &TableRef) -> WayJudged {
    let table = words::table(table);
    let reason =
        said!("Only the name of {table} changes; no row is touched.", "只改 {table} 的名称，不动任何一行。");
    WayJudged { way: Way::MetadataOnly, reason, heavy: false, busy: false }
}

/// Few rows.
pub fn direct(table: &TableRef, rows: u64) -> WayJudged {
    let (table, plural, rows) = (words::table(table), if rows == 1 { "" } else { "s" }, number(rows));
    let reason = said!(
        "It changes {rows} row{plural} of {table}: few enough for one transaction.",
        "会改动 {table} 的 {rows} 行，一个事务可以完成。"
    );
    WayJudged { way: Way::Direct, reason, heavy: false, busy: false }
}

/// Many rows.
pub fn batch(table: &TableRef, most: u64) -> WayJudged {
    let (table, most) = (words::table(table), number(most));
    let reason = said!(
        "It changes more than {most} rows of {table}: in batches, locks would stay short and replicas would keep up.",
        "会改动 {table} 的 {most} 行以上；如果分批执行，锁持有时间短，从库也跟得上。",
    );
    WayJudged { way: Way::Batch, reason, heavy: true, busy: false }
}
