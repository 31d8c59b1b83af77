//! The processes of tasks: whether they can have units of their own, and whether somebody waits for their end.

use super::Check;
use crate::config::{Config, Isolation};
use dbdesk_commands::lang::{Said, said};
use dbdesk_executor::{
    orphan::{self, Orphan},
    unit::{Manager, Refusal, Without},
};

const UNITS: &str = "control.isolation";
const INIT: &str = "pid 1";

pub(super) async fn check(config: &Config) -> Vec<Check> {
    let (units, init) = tokio::join!(units(config.control.isolation), init());
    [units].into_iter().chain(init).collect()
}

async fn units(isolation: Isolation) -> Check {
    let found = match isolation {
        Isolation::Auto => Manager::found(true).await,
        Isolation::Unit => Manager::found(false).await,
        Isolation::Process => {
            return Check::ok(
                UNITS,
                said!("tasks run as plain processes, as configured", "任务以普通进程运行，与配置一致"),
            );
        }
    };
    match (found, isolation) {
        (Ok(manager), _) => Check::ok(UNITS, {
            let Said { en, zh } = named(&manager);
            Said {
                en: format!("each process of a task gets a systemd unit of its own, from {en}").into(),
                zh: format!("每个任务进程都有自己的 systemd 单元，由{zh}管理").into(),
            }
        }),
        (Err(Without::NoSystemd), Isolation::Auto) => Check::ok(
            UNITS,
            said!(
                "systemd does not run here: tasks run as plain processes",
                "这里没有运行 systemd：任务以普通进程运行"
            ),
        ),
        (Err(Without::NoSystemd), _) => Check::warning(
            UNITS,
            said!(
                "systemd does not run here, so tasks run as plain processes although units are configured",
                "这里没有运行 systemd，因此尽管配置了单元，任务仍以普通进程运行"
            ),
            said!(
                "write isolation = \"process\" or \"auto\" in [control], or run dbdesk where systemd runs",
                "请在 [control] 中写 isolation = \"process\" 或 \"auto\"，或在运行 systemd 的机器上运行 dbdesk"
            ),
        ),
        (Err(Without::Refused(refused)), _) => Check::warning(UNITS, without(&refused), remedy(&refused)),
    }
}

fn named(manager: &Manager) -> Said {
    match manager {
        Manager::System => said!("the system manager", "系统管理器"),
        Manager::User { uid } => said!("the user manager of uid {uid}", "uid {uid} 的用户管理器"),
    }
}

fn without(refused: &[(Manager, Refusal)]) -> Said {
    let mut told = said!(
        "no systemd unit can be had for tasks, so they run as plain processes",
        "任务得不到 systemd 单元，因此以普通进程运行"
    );
    for (manager, why) in refused {
        let why = match why {
            Refusal::Ends => said!("{why}", "该账号没有启用 linger，最后一次登录结束时单元也会结束"),
            Refusal::Silent { limit_s } => said!("{why}", "{limit_s} 秒内没有应答"),
            Refusal::Said(words) => said!("{words}", "{words}"),
        };
        let Said { en, zh } = named(manager);
        told = Said {
            en: format!("{}; {en}: {}", told.en, why.en).into(),
            zh: format!("{}；{zh}：{}", told.zh, why.zh).into(),
        };
    }
    told
}

fn remedy(refused: &[(Manager, Refusal)]) -> Said {
    if refused.iter().any(|(_, why)| *why == Refusal::Ends) {
        return said!(
            "run `loginctl enable-linger` for the account of dbdesk, and `dbdesk doctor` as that account; or write \
             isolation = \"process\" in [control]",
            "请为 dbdesk 的账号执行 `loginctl enable-linger`，并用该账号运行 `dbdesk doctor`；或在 [control] 中写 \
             isolation = \"process\""
        );
    }
    said!(
        "mend what systemd complains of, and run `dbdesk doctor` as the account of dbdesk; or write isolation = \"process\" in [control]",
        "请排除 systemd 报告的问题，并用 dbdesk 的账号运行 `dbdesk doctor`；或在 [control] 中写 isolation = \"process\""
    )
}

/// Nothing where no orphan could be made.
async fn init() -> Option<Check> {
    Some(match orphan::attempt().await.ok()? {
        Orphan::Reaped => Check::ok(
            INIT,
            said!("a process that nobody started is waited for when it ends", "无主进程结束后会被回收"),
        ),
        Orphan::Left { parent, name } => Check::warning(
            INIT,
            said!(
                "process {parent} ({name}) does not wait for orphans: each task leaves a dead process behind, until no more \
                 can be started",
                "进程 {parent}（{name}）不回收孤儿进程：每个任务都会留下一个僵尸进程，直到无法再启动新进程"
            ),
            said!(
                "in a container start an init as pid 1: `docker run --init`, or `init: true` in compose",
                "在容器里请用 init 作为 1 号进程：`docker run --init`，或在 compose 中写 `init: true`"
            ),
        ),
    })
}
