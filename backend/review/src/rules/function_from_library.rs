use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Deed, ObjectKind, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("function-from-library", Level::Error, include_str!("function_from_library.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::StoredObject(object) = &see.statement.shape else { return };
    let (ObjectKind::LoadableFunction, Some(name)) = (object.kind, object.names.first()) else { return };
    if object.deed == Deed::Drop {
        return;
    }
    let shown = words::table(name);
    tell.at(
        name.span(),
        said!("{shown} would be loaded into the server from a library file.", "{shown} 将从动态库文件加载到服务器里。"),
        Said::fixed(
            "Its code runs inside the server process with all its rights: a fault there stops the server, and this is how attackers get to the machine's shell.",
            "它的代码在服务器进程里以全部权限运行：一出错整个服务器就会停，攻击者也正是这样拿到机器的命令行。",
        ),
        Said::fixed("Leave it out; DBAs install such files, after looking at them.", "请去掉它；这类文件只能由 DBA 审查后安装。"),
    );
}
