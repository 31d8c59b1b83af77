//! What is known of the servers' options: which family has them from which version on, whether one is taken while the server runs, and what
//! it may be. Written from the servers' own manuals (MySQL 8.0 to 9.x "Server System Variables" and "InnoDB Startup Options", MariaDB
//! 10.6 to 11.8 "Server System Variables" and "InnoDB System Variables").

use dbdesk_commands::lang::{Said, said};
use std::collections::BTreeMap;

/// Options that are changed at once, at most.
pub const AT_ONCE: usize = 20;
const K: u64 = 1 << 10;
const M: u64 = 1 << 20;
const G: u64 = 1 << 30;
const T: u64 = 1 << 40;

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A whole number.
    Number(u64, u64),
    /// Bytes; `K`, `M`, `G` may stand behind.
    Bytes(u64, u64),
    /// Seconds, with a fraction.
    Seconds(u64, u64),
    /// `ON` or `OFF`.
    Switch,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// Which servers have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    All,
    MySql,
    MariaDb,
}

/// An option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    has: Has,
    /// From this version on, and below that one.
    versions: ((u32, u32), (u32, u32)),
    /// It is taken while the server runs.
    pub is_dynamic: bool,
    /// What it may be.
    pub takes: Takes,
}

const ANY: ((u32, u32), (u32, u32)) = ((0, 0), (u32::MAX, 0));

const fn live(name: &'static str, has: Has, takes: Takes) -> Known {
    Known { name, has, versions: ANY, is_dynamic: true, takes }
}

const fn at_start(name: &'static str, has: Has, takes: Takes) -> Known {
    Known { name, has, versions: ANY, is_dynamic: false, takes }
}

impl Known {
    const fn since(mut self, major: u32, minor: u32) -> Self {
        self.versions.0 = (major, minor);
        self
    }

    const fn before(mut self, major: u32, minor: u32) -> Self {
        self.versions.1 = (major, minor);
        self
    }
}

use Has::{All, MariaDb, MySql};
use Takes::{Bytes, Number, OneOf, Seconds, Switch};

/// Every option that is known.
pub const ALL: &[Known] = &[
    at_start("back_log", All, Number(1, 65_535)),
    live("binlog_cache_size", All, Bytes(4 * K, G)),
    live("binlog_expire_logs_seconds", MySql, Number(0, 4_294_967_295)).since(8, 0),
    live("binlog_expire_logs_seconds", MariaDb, Number(0, 4_294_967_295)).since(10, 6),
    live("binlog_row_image", All, OneOf(&["FULL", "MINIMAL", "NOBLOB"])),
    live("binlog_stmt_cache_size", All, Bytes(4 * K, G)),
    live("connect_timeout", All, Number(2, 3_600)),
    live("event_scheduler", All, Switch),
    live("general_log", All, Switch),
    live("group_concat_max_len", All, Bytes(4, G)),
    live("innodb_adaptive_hash_index", All, Switch),
    at_start("innodb_autoinc_lock_mode", All, Number(0, 2)),
    at_start("innodb_buffer_pool_instances", MySql, Number(1, 64)),
    live("innodb_buffer_pool_size", All, Bytes(64 * M, 4 * T)),
    live("innodb_change_buffer_max_size", MySql, Number(0, 50)),
    live("innodb_deadlock_detect", All, Switch),
    at_start("innodb_doublewrite", MySql, OneOf(&["ON", "OFF", "DETECT_ONLY", "DETECT_AND_RECOVER"])),
    at_start("innodb_doublewrite", MariaDb, Switch).before(11, 0),
    live("innodb_flush_log_at_trx_commit", All, Number(0, 2)),
    at_start("innodb_flush_method", All, OneOf(&["fsync", "O_DSYNC", "O_DIRECT", "O_DIRECT_NO_FSYNC"]))
        .before(11, 0),
    live("innodb_flush_neighbors", All, Number(0, 2)),
    live("innodb_io_capacity", All, Number(100, 1_000_000)),
    live("innodb_io_capacity_max", All, Number(100, 2_000_000)),
    live("innodb_lock_wait_timeout", All, Number(1, 3_600)),
    at_start("innodb_log_buffer_size", MySql, Bytes(M, 4 * G)).before(8, 0),
    live("innodb_log_buffer_size", MySql, Bytes(M, 4 * G)).since(8, 0),
    at_start("innodb_log_buffer_size", MariaDb, Bytes(2 * M, 4 * G)),
    at_start("innodb_log_file_size", MySql, Bytes(4 * M, 512 * G)).before(8, 4),
    at_start("innodb_log_file_size", MariaDb, Bytes(4 * M, 512 * G)).before(10, 9),
    live("innodb_log_file_size", MariaDb, Bytes(4 * M, 512 * G)).since(10, 9),
    live("innodb_max_dirty_pages_pct", All, Seconds(0, 99)),
    live("innodb_online_alter_log_max_size", All, Bytes(64 * K, T)),
    live("innodb_open_files", MySql, Number(10, 4_294_967_295)).since(8, 0),
    at_start("innodb_page_cleaners", MySql, Number(1, 64)),
    live("innodb_print_all_deadlocks", All, Switch),
    at_start("innodb_purge_threads", MySql, Number(1, 32)),
    at_start("innodb_read_io_threads", MySql, Number(1, 64)),
    live("innodb_read_io_threads", MariaDb, Number(1, 64)).since(10, 11),
    live("innodb_redo_log_capacity", MySql, Bytes(8 * M, 512 * G)).since(8, 1),
    live("innodb_stats_persistent_sample_pages", All, Number(1, 100_000)),
    live("innodb_thread_concurrency", MySql, Number(0, 1_000)),
    at_start("innodb_write_io_threads", MySql, Number(1, 64)),
    live("innodb_write_io_threads", MariaDb, Number(1, 64)).since(10, 11),
    live("interactive_timeout", All, Number(1, 31_536_000)),
    live("join_buffer_size", All, Bytes(128, 4 * G)),
    live("lock_wait_timeout", All, Number(1, 31_536_000)),
    live("log_queries_not_using_indexes", All, Switch),
    live("long_query_time", All, Seconds(0, 31_536_000)),
    live("max_allowed_packet", All, Bytes(K, G)),
    live("max_connect_errors", All, Number(1, 4_294_967_295)),
    live("max_connections", All, Number(10, 100_000)),
    live("max_execution_time", MySql, Number(0, 4_294_967_295)),
    live("max_heap_table_size", All, Bytes(16 * K, 64 * G)),
    live("max_prepared_stmt_count", All, Number(0, 1_048_576)),
    live("max_statement_time", MariaDb, Seconds(0, 31_536_000)),
    live("max_user_connections", All, Number(0, 100_000)),
    live("net_read_timeout", All, Number(1, 31_536_000)),
    live("net_write_timeout", All, Number(1, 31_536_000)),
    at_start("open_files_limit", All, Number(1_024, 1_048_576)),
    at_start("performance_schema", All, Switch),
    live("query_cache_size", MariaDb, Bytes(0, G)),
    live("read_buffer_size", All, Bytes(8 * K, 2 * G)),
    live("read_rnd_buffer_size", All, Bytes(4 * K, 2 * G)),
    live("replica_parallel_workers", MySql, Number(0, 1_024)).since(8, 1),
    at_start("skip_name_resolve", All, Switch),
    live("slow_query_log", All, Switch),
    live("sort_buffer_size", All, Bytes(32 * K, 4 * G)),
    live("sync_binlog", All, Number(0, 4_294_967_295)),
    live("table_definition_cache", All, Number(400, 524_288)),
    live("table_open_cache", All, Number(10, 524_288)),
    at_start("table_open_cache_instances", All, Number(1, 64)),
    live("thread_cache_size", All, Number(0, 16_384)),
    at_start("thread_handling", MariaDb, OneOf(&["one-thread-per-connection", "pool-of-threads"])),
    live("thread_pool_size", MariaDb, Number(1, 100_000)),
    live("tmp_table_size", All, Bytes(K, 64 * G)),
    live(
        "transaction_isolation",
        MySql,
        OneOf(&["READ-UNCOMMITTED", "READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE"]),
    ),
    live(
        "tx_isolation",
        MariaDb,
        OneOf(&["READ-UNCOMMITTED", "READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE"]),
    )
    .before(11, 1),
    live("wait_timeout", All, Number(1, 31_536_000)),
];

/// Options that are the desk's: who a server is, where its data is, whether it takes writes, whom it follows.
const KEPT: &[&str] = &[
    "basedir",
    "bind_address",
    "binlog_format",
    "datadir",
    "enforce_gtid_consistency",
    "gtid_mode",
    "gtid_domain_id",
    "gtid_strict_mode",
    "innodb_data_home_dir",
    "innodb_log_group_home_dir",
    "log_bin",
    "log_replica_updates",
    "log_slave_updates",
    "offline_mode",
    "pid_file",
    "port",
    "read_only",
    "relay_log",
    "report_host",
    "report_port",
    "server_id",
    "server_uuid",
    "skip_grant_tables",
    "skip_networking",
    "skip_replica_start",
    "skip_slave_start",
    "socket",
    "super_read_only",
    "tmpdir",
    "user",
];

impl Known {
    /// What it may be, as a clause.
    #[must_use]
    pub fn may_be(&self) -> Said {
        may_be(self.takes)
    }

    /// The words that it may be, where it is one of few.
    #[must_use]
    pub fn choices(&self) -> &'static [&'static str] {
        match self.takes {
            Takes::Switch => &["ON", "OFF"],
            Takes::OneOf(words) => words,
            _ => &[],
        }
    }
}

/// Every option that a flavour has, by name.
pub fn all_of(flavour: &str) -> impl Iterator<Item = &'static Known> {
    ALL.iter().filter(move |known| of(flavour, known.name) == Some(*known))
}

/// The option of this name that a flavour has.
#[must_use]
pub fn of(flavour: &str, name: &str) -> Option<&'static Known> {
    let flavour = flavour.to_ascii_lowercase();
    let is_mariadb = flavour.starts_with("mariadb");
    let version = version(&flavour);
    ALL.iter().find(|known| {
        let (since, before) = known.versions;
        known.name == name
            && known.has != if is_mariadb { MySql } else { MariaDb }
            && since <= version
            && version < before
    })
}

fn version(flavour: &str) -> (u32, u32) {
    let numbers = flavour.split_once('-').map_or("", |(_, numbers)| numbers);
    let mut parts = numbers.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Everything that is wrong with these values on a flavour.
///
/// # Errors
/// A sentence for each.
pub fn check(flavour: &str, values: &BTreeMap<String, String>) -> Result<(), Vec<Said>> {
    let mut faults: Vec<Said> =
        values.iter().filter_map(|(name, value)| fault(flavour, name, value)).collect();
    if values.len() > AT_ONCE {
        faults.push(said!(
            "{count} parameters at once are too many; {AT_ONCE} is the most.",
            "一次最多修改 {AT_ONCE} 个参数，现在有 {count} 个。",
            count = values.len()
        ));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn fault(flavour: &str, name: &str, value: &str) -> Option<Said> {
    let name_shown: String = name.chars().take(64).collect();
    if KEPT.contains(&name) || name.starts_with("rpl_semi_sync") || name.starts_with("replicate") {
        return Some(said!(
            "`{name_shown}` is the desk's: it goes by the inventory.",
            "`{name_shown}` 由平台按清单管理，不能作为参数修改。"
        ));
    }
    let Some(known) = of(flavour, name) else {
        let near = near(flavour, name);
        let (en, zh) = near.map_or((String::new(), String::new()), |near| {
            (format!(" Did you mean `{near}`?"), format!("是不是 `{near}`？"))
        });
        return Some(said!(
            "`{name_shown}` is not known of {flavour}: whether it needs a restart, and what it may be, is not known either.{en}",
            "不认识 {flavour} 的参数 `{name_shown}`：无法确定它是否需要重启以及取值范围。{zh}"
        ));
    };
    if takes(known.takes, value) {
        return None;
    }
    let value: String = value.chars().take(64).collect();
    let Said { en, zh } = may_be(known.takes);
    Some(said!("`{name_shown}` can not be “{value}”: {en}.", "`{name_shown}` 不能是“{value}”：{zh}。"))
}

fn takes(what: Takes, value: &str) -> bool {
    let plain = |text: &str| {
        (!text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u64>().ok())
            .flatten()
    };
    match what {
        Takes::Number(least, most) => plain(value).is_some_and(|value| (least..=most).contains(&value)),
        Takes::Bytes(least, most) => bytes(value).is_some_and(|value| (least..=most).contains(&value)),
        Takes::Seconds(least, most) => {
            let (whole, rest) = value.split_once('.').unwrap_or((value, "0"));
            plain(rest).is_some()
                && rest.len() <= 6
                && plain(whole).is_some_and(|whole| {
                    whole >= least && (whole < most || (whole == most && rest.bytes().all(|b| b == b'0')))
                })
        }
        Takes::Switch => ["ON", "OFF"].contains(&value),
        Takes::OneOf(words) => words.contains(&value),
    }
}

/// Bytes as servers write them.
fn bytes(value: &str) -> Option<u64> {
    let (digits, unit) = match value.char_indices().next_back()? {
        (at, 'k' | 'K') => (value.get(..at)?, K),
        (at, 'm' | 'M') => (value.get(..at)?, M),
        (at, 'g' | 'G') => (value.get(..at)?, G),
        _ => (value, 1),
    };
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| digits.parse::<u64>().ok()?.checked_mul(unit)).flatten()
}

fn may_be(what: Takes) -> Said {
    match what {
        Takes::Number(least, most) => {
            said!("a whole number, {least} to {most}", "应为 {least} 到 {most} 的整数")
        }
        Takes::Bytes(least, most) => said!(
            "bytes, {least} to {most}, where `K`, `M` or `G` may stand behind",
            "应为 {least} 到 {most} 字节，可以带 `K`、`M`、`G`",
            least = shown(least),
            most = shown(most)
        ),
        Takes::Seconds(least, most) => said!("a number, {least} to {most}", "应为 {least} 到 {most} 的数"),
        Takes::Switch => Said::fixed("`ON` or `OFF`", "应为 `ON` 或 `OFF`"),
        Takes::OneOf(words) => {
            let words = words.join("`, `");
            said!("one of `{words}`", "应为 `{words}` 之一")
        }
    }
}

fn shown(bytes: u64) -> String {
    [(T, "T"), (G, "G"), (M, "M"), (K, "K")]
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| bytes.to_string(), |(unit, word)| format!("{}{word}", bytes / unit))
}

/// The known name that is nearest to one that is not known.
fn near(flavour: &str, name: &str) -> Option<&'static str> {
    let lower = name.trim().to_ascii_lowercase().replace('-', "_");
    if of(flavour, &lower).is_some() {
        return ALL.iter().find(|known| known.name == lower).map(|known| known.name);
    }
    let tail = |text: &str| text.rsplit_once('_').map(|(head, _)| head.to_owned());
    let begins = |known: &&Known| {
        of(flavour, known.name).is_some()
            && (known.name.starts_with(&lower)
                || tail(&lower).is_some_and(|head| known.name.starts_with(&head)))
    };
    (lower.len() >= 6).then(|| ALL.iter().find(begins).map(|known| known.name)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flavour_has_an_option_once() {
        for flavour in [
            "mariadb-10.6",
            "mariadb-10.11",
            "mariadb-11.8",
            "mysql-5.7",
            "mysql-8.0",
            "mysql-8.4",
            "mysql-9.7",
        ] {
            let (is_mariadb, version) = (flavour.starts_with("mariadb"), version(flavour));
            for known in ALL {
                let same = ALL.iter().filter(|other| {
                    let (since, before) = other.versions;
                    other.name == known.name
                        && other.has != if is_mariadb { MySql } else { MariaDb }
                        && since <= version
                        && version < before
                });
                assert!(same.count() <= 1, "{flavour} {}", known.name);
            }
        }
        assert!(ALL.is_sorted_by_key(|known| known.name));
    }

    #[test]
    fn what_a_version_takes_while_it_runs_another_reads_at_its_start() {
        let dynamic = |flavour, name| of(flavour, name).map(|known| known.is_dynamic);
        assert_eq!(dynamic("mariadb-10.6", "innodb_log_file_size"), Some(false));
        assert_eq!(dynamic("mariadb-10.11", "innodb_log_file_size"), Some(true));
        assert_eq!(dynamic("mysql-8.4", "innodb_log_file_size"), None);
        assert_eq!(dynamic("mysql-8.4", "innodb_redo_log_capacity"), Some(true));
        assert_eq!(dynamic("mysql-8.4", "innodb_buffer_pool_instances"), Some(false));
        assert_eq!(dynamic("mariadb-10.11", "innodb_buffer_pool_instances"), None);
    }

    #[test]
    fn values_have_bounds_and_faults_say_which() {
        let flavour = "mariadb-10.11";
        let values = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let fine = [
            ("max_connections", "500"),
            ("innodb_buffer_pool_size", "2G"),
            ("long_query_time", "0.25"),
            ("innodb_flush_method", "O_DIRECT"),
            ("slow_query_log", "ON"),
        ];
        assert_eq!(check(flavour, &values(&fine)), Ok(()));
        let wrong = [
            ("max_connections", "5e3"),
            ("innodb_buffer_pool_size", "99T"),
            ("innodb-buffer-pool-size", "1G"),
            ("long_query_time", "-1"),
            ("slow_query_log", "1; DROP TABLE x"),
            ("binlog_row_image", "full"),
            ("server_id", "7"),
            ("no_such_option", "1"),
            ("innodb_buffer_pool_instances", "8"),
        ];
        let faults = check(flavour, &values(&wrong)).unwrap_err();
        let told: Vec<String> = faults.iter().map(|fault| format!("{}\n{}", fault.en, fault.zh)).collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
