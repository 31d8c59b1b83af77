use super::Rule;
use super::stored::{self, Sort};
use crate::judge::{See, Tell};
use crate::shape::ObjectKind;
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-event", Level::NeedsDba, include_str!("create_event.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let why = Said::fixed(
        "It runs by itself on the primary, at an hour that nobody watches: no approval, no pause, no thread that tells of it. After a failover it may run twice or not at all, since replicas hold it disabled.",
        "它会在没人注意的时候自己在主库上执行：没有审批，不能暂停，也没有讨论串通知。主从切换之后可能执行两次，也可能不再执行，因为从库上的事件是停用状态。",
    );
    let fix = Said::fixed(
        "Let a scheduler outside the database do it, in small steps; or ask a DBA for a recurring task.",
        "请用数据库之外的调度任务小批量执行；或请 DBA 建立周期任务。",
    );
    stored::made(see, tell, &Sort { kinds: &[ObjectKind::Event], en: "event", zh: "事件" }, why, fix);
}
