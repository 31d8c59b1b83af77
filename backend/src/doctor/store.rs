//! Our own database.

use super::{Check, LIMIT, rights};
use crate::config::Config;
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Clock,
    lang::{Said, said},
};
use dbdesk_components::mysql::{OpenError, probe};
use dbdesk_review::Flavour;
use dbdesk_store::{Pool, connect::CLOCKS_APART, migrate};
use sqlx::mysql::MySqlConnectOptions;

const PART: &str = "store";
/// What serve, control and run need; `migrate` needs more for the moment that it runs.
const RIGHTS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

pub(super) async fn check(config: &Config, pool: &Pool, clock: &Clock) -> Vec<Check> {
    let store = &config.store;
    let server = MySqlConnectOptions::new()
        .host(&store.host)
        .port(store.port)
        .username(&store.user)
        .password(store.password.expose());
    let at = format!("{}:{}", store.host, store.port);
    let live = match probe::instance(&server, LIMIT).await {
        Ok(live) => live,
        Err(error) => {
            return vec![Check::failed(
                PART,
                unanswered(&at, &error),
                said!(
                    "is it running, and are [store] host, port, user and password_file right?",
                    "请确认它在运行，并检查 [store] 的 host、port、user 和 password_file"
                ),
            )];
        }
    };
    let mut checks = vec![version(&at, &live.version)];
    let database = &store.database;
    if let Ok(grants) = probe::grants(&server, LIMIT).await {
        let tables = migrate::written(pool).await.unwrap_or_default();
        let mut missing = rights::missing(&grants, database, &RIGHTS);
        // Rights table by table are how the audit log is kept from being changed.
        missing.retain(|right| !rights::on_each(&grants, database, &tables, right));
        if !missing.is_empty() {
            let (user, missing) = (&store.user, missing.join(", "));
            checks.push(Check::failed(
                PART,
                said!("{user} lacks {missing} on {database}", "{user} 在 {database} 上缺少权限 {missing}"),
                said!(
                    "GRANT {missing} ON `{database}`.* TO that account",
                    "请对该账号执行 GRANT {missing} ON `{database}`.*"
                ),
            ));
        }
    }
    checks.push(tables(pool).await);
    checks.extend(time(pool, clock).await);
    checks
}

/// Nothing if it does not tell its time: that it does not answer is told elsewhere.
async fn time(pool: &Pool, clock: &Clock) -> Option<Check> {
    let told = tokio::time::timeout(LIMIT, dbdesk_store::time(pool)).await.ok()?.ok()?;
    let ahead = clock.now() - told.time;
    if ahead.abs() <= CLOCKS_APART {
        return Some(Check::ok(PART, said!("this machine's clock is right", "本机时钟准确")));
    }
    let (off, slow) = ((ahead.num_milliseconds().abs() + 500) / 1_000, ahead < TimeDelta::zero());
    let found = if slow {
        said!("this machine's clock is {off} s behind that of the database", "本机时钟比数据库慢 {off} 秒")
    } else {
        said!("this machine's clock is {off} s ahead of that of the database", "本机时钟比数据库快 {off} 秒")
    };
    Some(Check::warning(
        PART,
        found,
        said!(
            "dbdesk goes by the database's; let NTP set both, so that logs can be read side by side",
            "dbdesk 以数据库的时间为准；请用 NTP 校准两边，便于对照日志"
        ),
    ))
}

/// Why there is no session; the error's own words are those of a target.
fn unanswered(at: &str, error: &OpenError) -> Said {
    match error {
        OpenError::Unreachable(why) => said!("{at} can not be reached: {why}", "连不上 {at}：{why}"),
        OpenError::Refused { message, .. } => {
            said!("{at} refused the connection: {message}", "{at} 拒绝连接：{message}")
        }
        OpenError::ReadOnly => said!("{at} is read-only", "{at} 是只读的"),
    }
}

fn version(at: &str, version: &str) -> Check {
    let known = Flavour::of_version(version);
    let new_enough = known.is_some_and(|flavour| {
        if flavour.is_mariadb() { flavour.at_least(10, 11) } else { flavour.at_least(8, 0) }
    });
    let found = said!("{at} is {version}", "{at} 的版本是 {version}");
    if new_enough {
        Check::ok(PART, found)
    } else {
        let mend = said!(
            "dbdesk needs MariaDB 10.11 or MySQL 8.0 or later",
            "dbdesk 需要 MariaDB 10.11 或 MySQL 8.0 以上"
        );
        Check::failed(PART, found, mend)
    }
}

async fn tables(pool: &Pool) -> Check {
    let run_migrate = || said!("run `dbdesk migrate`", "请执行 `dbdesk migrate`");
    match migrate::fit(pool).await {
        Ok(migrate::Fit::Fits) => {
            let newest = migrate::wanted();
            Check::ok(
                PART,
                said!("its tables are those of this version ({newest})", "表结构与本版本一致（{newest}）"),
            )
        }
        Ok(migrate::Fit::Empty) => {
            Check::failed(PART, said!("it has no tables yet", "还没有建表"), run_migrate())
        }
        Ok(migrate::Fit::Older { found, wanted }) => Check::failed(
            PART,
            said!(
                "its tables are of version {found}, this program wants {wanted}",
                "表结构版本是 {found}，本程序需要 {wanted}"
            ),
            run_migrate(),
        ),
        Ok(migrate::Fit::Newer { found, wanted }) => Check::failed(
            PART,
            said!(
                "its tables are of version {found}, this program knows {wanted}",
                "表结构版本是 {found}，本程序只认识 {wanted}"
            ),
            said!("run the newer dbdesk that made them", "请使用建表时的较新版 dbdesk"),
        ),
        Ok(migrate::Fit::Dirty { found }) => Check::failed(
            PART,
            said!("migration {found} stopped half way", "迁移 {found} 只做了一半"),
            said!(
                "look at what it changed, mend that by hand, delete its row in _sqlx_migrations, then run `dbdesk migrate`",
                "请查看它改了什么并手工修好，删除 _sqlx_migrations 里对应的行，再执行 `dbdesk migrate`"
            ),
        ),
        Err(error) => Check::failed(
            PART,
            said!("its tables can not be read: {error}", "读不到表结构：{error}"),
            said!(
                "does the database of [store] exist, and may the account read it?",
                "请确认 [store] 的数据库存在，且账号可以读取"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desks_own_database_is_not_called_a_target() {
        let down = unanswered("127.0.0.1:3306", &OpenError::Unreachable("no answer".into()));
        assert_eq!(down.en, "127.0.0.1:3306 can not be reached: no answer");
        let refused = OpenError::Refused { code: 1045, message: "Access denied".into() };
        assert_eq!(unanswered("db:1", &refused).en, "db:1 refused the connection: Access denied");
    }
}
