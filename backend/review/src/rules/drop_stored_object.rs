use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Deed, ObjectKind, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-stored-object", Level::NeedsDba, include_str!("drop_stored_object.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::StoredObject(object) = &see.statement.shape else { return };
    if object.deed != Deed::Drop {
        return;
    }
    let (en, zh) = match object.kind {
        ObjectKind::View => ("view", "视图"),
        ObjectKind::Trigger => ("trigger", "触发器"),
        ObjectKind::Procedure => ("procedure", "存储过程"),
        ObjectKind::Function | ObjectKind::LoadableFunction => ("function", "函数"),
        ObjectKind::Event => ("event", "事件"),
        ObjectKind::Package | ObjectKind::PackageBody => ("package", "包"),
        ObjectKind::Sequence => ("sequence", "序列"),
    };
    for name in &object.names {
        let shown = words::table(name);
        tell.at(
            name.span(),
            said!("This drops the {en} {shown} for good.", "这会永久删除{zh} {shown}。"),
            said!(
                "Whatever uses {shown} fails or is left undone from that moment, and its text is kept nowhere but here: undo does not bring it back.",
                "从那一刻起，用到 {shown} 的地方会报错或不再执行；它的定义只存在数据库里，回滚也找不回来。",
            ),
            said!(
                "Keep the output of SHOW CREATE for {shown} in the ticket's reason, make sure that nothing uses it, and send it to a DBA.",
                "请把 {shown} 的 SHOW CREATE 结果写进工单理由，确认没有地方使用，再转交 DBA。",
            ),
        );
    }
}
