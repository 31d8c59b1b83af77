//! A server's file of options. Pure.

use super::{InstanceError, Place, programs::Programs};
use dbdesk_cluster::step::InstanceSpec;
use dbdesk_commands::lang::said;
use std::{collections::BTreeMap, fmt::Write as _};

const BEGIN: &str = "# dbdesk: what stands from here to its end is overwritten";
const END: &str = "# dbdesk: end";
/// The binary log is kept for a week, where nothing else is asked for.
const BINLOG_KEPT_S: &str = "604800";
const MOST_PARAMETERS: usize = 200;
const MOST_VALUE_BYTES: usize = 512;

/// Options that are ours: where it lives, who may come in, and what following by GTID needs.
const OURS: [&str; 44] = [
    "address",
    "basedir",
    "bind_address",
    "character_sets_dir",
    "core_file",
    "datadir",
    "enforce_gtid_consistency",
    "general_log_file",
    "gtid_domain_id",
    "gtid_mode",
    "gtid_strict_mode",
    "init_connect",
    "init_file",
    "init_replica",
    "init_slave",
    "innodb_buffer_pool_size",
    "innodb_data_home_dir",
    "innodb_log_group_home_dir",
    "innodb_undo_directory",
    "lc_messages_dir",
    "log_bin",
    "log_bin_basename",
    "log_bin_index",
    "log_error",
    "log_replica_updates",
    "log_slave_updates",
    "lower_case_table_names",
    "pid_file",
    "plugin_dir",
    "plugin_load",
    "plugin_load_add",
    "port",
    "read_only",
    "relay_log",
    "report_host",
    "report_port",
    "secure_file_priv",
    "server_id",
    "skip_grant_tables",
    "skip_networking",
    "slow_query_log_file",
    "socket",
    "super_read_only",
    "tmpdir",
];

/// An option's name as the server's variable is called.
pub(super) fn variable(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase().replace('-', "_");
    name.strip_prefix("loose_").unwrap_or(&name).to_owned()
}

/// Whether these may stand in the file.
pub(super) fn checked(spec: &InstanceSpec) -> Result<(), InstanceError> {
    if spec.server_id == 0 || spec.buffer_pool_mb < 5 {
        return Err(InstanceError::Unusable(said!(
            "the server's id must not be 0, and its buffer pool have at least 5 MB",
            "server_id 不能为 0，缓冲池至少要有 5 MB"
        )));
    }
    if spec.parameters.len() > MOST_PARAMETERS {
        return Err(InstanceError::Unusable(said!(
            "there are more than {MOST_PARAMETERS} parameters",
            "参数超过 {MOST_PARAMETERS} 个"
        )));
    }
    spec.parameters.iter().try_for_each(|(name, value)| parameter(name, value))
}

/// Whether one may be set.
pub(super) fn parameter(name: &str, value: &str) -> Result<(), InstanceError> {
    let plain = (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    // A server takes the beginning of an option's name for the option, and `skip_` and the like before it.
    let bare = variable(name);
    let bare = ["skip_", "disable_", "enable_", "maximum_"]
        .iter()
        .find_map(|before| bare.strip_prefix(before))
        .unwrap_or(&bare);
    let is_ours = |ours: &str| {
        let bare_ours = ours.strip_prefix("skip_").unwrap_or(ours);
        bare == ours || bare == bare_ours || (bare.len() > 3 && ours.starts_with(bare))
    };
    let is_another = ["general_log", "slow_query_log"].contains(&bare);
    if !plain || (OURS.iter().any(|ours| is_ours(ours)) && !is_another) || bare == "user" {
        return Err(InstanceError::Unusable(said!(
            "the parameter “{name}” is not for tickets to set",
            "参数“{name}”不能通过工单设置"
        )));
    }
    let printable = |c: char| !c.is_control() && c != '"' && c != '\\';
    if value.len() > MOST_VALUE_BYTES || !value.chars().all(printable) {
        return Err(InstanceError::Unusable(said!(
            "the value of “{name}” is not usable: at most {MOST_VALUE_BYTES} bytes, without quotes and backslashes",
            "“{name}”的值不可用：最长 {MOST_VALUE_BYTES} 字节，不能有双引号和反斜杠"
        )));
    }
    Ok(())
}

/// Our part of the file.
pub(super) fn ours(place: &Place<'_>, spec: &InstanceSpec, programs: &Programs, login: &str) -> String {
    let mut options: Vec<(&str, String)> = vec![
        ("datadir", place.at("data")),
        ("tmpdir", place.at("tmp")),
        ("socket", place.socket()),
        ("pid-file", place.at("run/pid")),
        ("log-error", place.log()),
        ("bind-address", place.address.clone()),
        ("port", place.port.to_string()),
        ("report-host", place.address.clone()),
        ("report-port", place.port.to_string()),
        ("server-id", spec.server_id.to_string()),
        ("innodb-buffer-pool-size", format!("{}M", spec.buffer_pool_mb)),
    ];
    if login == "root" {
        options.push(("user", place.user.clone()));
    }
    options.extend(programs.options());
    let on = |name: &'static str| (name, "ON".to_owned());
    // What the desk has not made the primary takes no writes, whatever it was before it ended.
    options.extend(["read-only", "skip-name-resolve", "relay-log-recovery"].map(on));
    // The binary log tells of rows: what a trigger or a function decides is decided once.
    options.push(on("log-bin-trust-function-creators"));
    options.extend([("log-bin", "binlog".to_owned()), ("relay-log", "relay".to_owned())]);
    options.extend([("sync-binlog", "1".to_owned()), ("innodb-flush-log-at-trx-commit", "1".to_owned())]);
    options.extend([
        ("binlog-expire-logs-seconds", BINLOG_KEPT_S.to_owned()),
        ("character-set-server", "utf8mb4".to_owned()),
    ]);
    if programs.flavour.is_mariadb() {
        options.push(("binlog-format", "ROW".to_owned()));
        options.extend(["gtid-strict-mode", "log-slave-updates"].map(on));
        options.push(("secure-file-priv", place.at("tmp")));
        if !programs.flavour.at_least(10, 6) {
            options.retain(|(name, _)| *name != "binlog-expire-logs-seconds");
        }
    } else {
        options.extend(["super-read-only", "gtid-mode", "enforce-gtid-consistency"].map(on));
        options.extend([("secure-file-priv", "NULL".to_owned()), ("mysqlx", "OFF".to_owned())]);
        let plugins = ["auth_socket.so", "mysql_clone.so", "semisync_source.so", "semisync_replica.so"];
        options.extend(plugins.map(|plugin| ("plugin-load-add", plugin.to_owned())));
    }
    let mut text = format!("{BEGIN}\n[mysqld]\n");
    for (name, value) in options {
        let _ = writeln!(text, "{name} = {value}");
    }
    for (name, value) in &spec.parameters {
        let _ = writeln!(text, "{name} = \"{value}\"");
    }
    text + END + "\n"
}

/// The file with our part in it; what a DBA wrote behind it stays, and has the last word.
pub(super) fn merged(file: &str, ours: &str) -> String {
    let cut = file.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after.strip_prefix('\n').unwrap_or(after)))
    });
    let (before, after) = cut.unwrap_or(("", file));
    format!("{before}{ours}{after}")
}

/// What a spec's parameters become.
pub(super) fn changed(
    parameters: &BTreeMap<String, String>,
    becomes: &BTreeMap<String, Option<String>>,
) -> BTreeMap<String, String> {
    let mut all = parameters.clone();
    for (name, value) in becomes {
        all.retain(|there, _| variable(there) != variable(name));
        if let Some(value) = value {
            all.insert(name.clone(), value.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_part_is_overwritten_and_a_dbas_part_stays() {
        let first = merged("", &format!("{BEGIN}\n[mysqld]\nport = 1\n{END}\n"));
        let by_hand = format!("{first}[mysqld]\nmax_connections = 7\n");
        let second = format!("{BEGIN}\n[mysqld]\nport = 2\n{END}\n");
        assert_eq!(merged(&by_hand, &second), format!("{second}[mysqld]\nmax_connections = 7\n"));
        assert_eq!(merged(&first, &second), second);
    }

    #[test]
    fn what_is_ours_is_not_for_tickets_however_it_is_written() {
        let refused = [
            "datadir",
            "data-dir!",
            "loose-datadir",
            "skip-grant-tables",
            "grant_tables",
            "skip_networking",
            "read-only",
            "skip_log_bin",
            "log-bin",
            "init_file",
            "user",
            "plugin-load",
            "secure_file_pri",
            "",
            "PORT",
            "!include",
        ];
        for name in refused {
            assert!(parameter(name, "1").is_err(), "{name}");
        }
        for name in [
            "max_connections",
            "innodb-io-capacity",
            "sql_mode",
            "sync_binlog",
            "log_warnings",
            "slow_query_log",
        ] {
            assert!(parameter(name, "1").is_ok(), "{name}");
        }
        for value in ["1\ndatadir=/", "a\"", "\\n"] {
            assert!(parameter("sql_mode", value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_parameter_is_set_once_whichever_way_it_is_written() {
        let was = BTreeMap::from([("max-connections".to_owned(), "7".to_owned())]);
        let becomes = BTreeMap::from([("max_connections".to_owned(), Some("8".to_owned()))]);
        let now = changed(&was, &becomes);
        assert_eq!(now, BTreeMap::from([("max_connections".to_owned(), "8".to_owned())]));
        let gone = BTreeMap::from([("max_connections".to_owned(), None)]);
        assert!(changed(&now, &gone).is_empty());
    }
}
