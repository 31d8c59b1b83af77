use super::{Rule, names::new_names, words};
use crate::{
    judge::{See, Tell},
    reserved::reserved_by,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("reserved-word-as-name", Level::Warning, include_str!("reserved_word_as_name.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_names(&see.statement.shape) {
        let Some(by) = reserved_by(&new.name.text) else { continue };
        if tell.is_full() {
            return;
        }
        let shown = words::quoted(&new.name.text);
        let (en, zh) = new.what;
        tell.at(
            new.name.span,
            said!("The new {en} {shown} has a reserved word for its name ({by}).", "新的{zh} {shown} 用了保留字作名称（{by}）。"),
            said!(
                "Every statement that forgets the backquotes around {shown} fails, now or after the next upgrade of the server.",
                "凡是忘记给 {shown} 加反引号的语句都会报错，有的现在就错，有的要等服务器升级之后才错。",
            ),
            said!(
                "Choose a name that says more, such as {better}.",
                "请换一个含义更具体的名称，例如 {better}。",
                better = words::quoted(&better(new.what.0, &new.name.text)),
            ),
        );
    }
}

/// A name beside the reserved word, for the sentence.
fn better(what: &str, name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match (what, name.as_str()) {
        ("table", _) if !name.ends_with('s') => format!("{name}s"),
        ("table", _) => format!("{name}_list"),
        ("index", _) => format!("idx_{name}"),
        (_, "desc" | "describe") => "description".to_owned(),
        (_, "order" | "rank" | "row_number") => format!("{name}_no"),
        (_, "key" | "option" | "condition") => format!("{name}_name"),
        _ => format!("{name}_value"),
    }
}
