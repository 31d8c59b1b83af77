use super::{Rule, names::new_names, words};
use crate::{
    judge::{See, Tell},
    shape::Name,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("name-with-capitals", Level::Warning, include_str!("name_with_capitals.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let new = new_names(&see.statement.shape);
    let capital = |wanted: &[&str]| -> Vec<&Name> {
        new.iter()
            .filter(|new| wanted.contains(&new.what.0) && new.name.text.bytes().any(|byte| byte.is_ascii_uppercase()))
            .map(|new| new.name)
            .collect()
    };
    for name in capital(&["table", "database", "view"]) {
        let (shown, lower) = (words::quoted(&name.text), words::quoted(&name.text.to_ascii_lowercase()));
        tell.at(
            name.span,
            said!("{shown} has capital letters in its name.", "{shown} 的名称里有大写字母。"),
            said!(
                "Whether {shown} and {lower} are one table depends on the server's system and settings (lower_case_table_names): what works on one server is an unknown table on the next.",
                "{shown} 和 {lower} 是不是同一张表，取决于服务器的系统和设置（lower_case_table_names）：在这台服务器上正常，到另一台就可能找不到表。",
            ),
            said!("Write {lower}, with `_` between the words.", "请写成 {lower}，单词之间用下划线。"),
        );
    }
    let others = capital(&["column", "index"]);
    let Some(first) = others.first() else { return };
    let names = words::list(others.iter().map(|name| name.text.as_str()));
    tell.leveled(
        Level::Notice,
        first.span,
        said!("Capital letters in new names: {names}.", "新名称里有大写字母：{names}。"),
        Said::fixed(
            "The server does not mind their case, programs and exports do: the same column gets several spellings.",
            "服务器不区分列名的大小写，但程序和导出工具区分：同一列会出现几种写法。",
        ),
        Said::fixed("Write lower case with `_` between the words: `user_id`.", "请用小写字母，单词之间用下划线：`user_id`。"),
    );
}
