//! The review's rules as people name them.

use dbdesk_cmdb::near::nearest;
use dbdesk_commands::{
    lang::said,
    wire::problem::{Code, Refusal},
};
use dbdesk_review::rules::{self, Rule};

/// The most rules that are offered for one that is not known.
const OFFERED: usize = 3;
/// So much of what was asked is quoted back.
const QUOTED: usize = 64;

/// Rules whose id or title has these words, else those whose id is spelt nearly so.
#[must_use]
pub fn near(asked: &str) -> Vec<&'static str> {
    let mut near: Vec<&str> = rules::find(asked).into_iter().map(|rule| rule.id).collect();
    if near.is_empty() || asked.trim().is_empty() {
        near = nearest(asked, rules::ALL.iter().map(|rule| rule.id));
    }
    near.truncate(OFFERED);
    near
}

/// The rule of this name.
///
/// # Errors
/// There is none: which are near.
pub fn named(asked: &str) -> Result<&'static Rule, Refusal> {
    let id = asked.trim().to_lowercase();
    if let Some(rule) = rules::by_id(&id) {
        return Ok(rule);
    }
    let near = near(asked).join("`, `");
    let asked: String = asked.trim().chars().filter(|c| *c != '`' && !c.is_control()).take(QUOTED).collect();
    Err(Refusal::new(
        Code::UnknownRule,
        said!(
            "There is no rule “{asked}”. Did you mean `{near}`? `/sql rules` (and `dbdesk review --rules`) lists all of them.",
            "没有规则“{asked}”。你要找的是不是：`{near}`？`/sql rules`（或 `dbdesk review --rules`）可以列出全部规则。"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_misspelt_or_described_is_offered() {
        assert_eq!(near("delete-without-were").first(), Some(&"delete-without-where"));
        assert!(near("primary key").iter().all(|id| id.contains("primary-key")), "{:?}", near("primary key"));
        assert!(
            near("delete 没有 WHERE").iter().any(|id| id.contains("without-where")),
            "{:?}",
            near("delete 没有 WHERE")
        );
        assert_eq!(named(" Delete-Without-Where ").map(|rule| rule.id), Ok("delete-without-where"));
        let refusal = named("`x`\u{7}").map(|rule| rule.id).expect_err("no such rule");
        assert!(refusal.said.en.starts_with("There is no rule “x”. Did you mean `"), "{refusal}");
    }
}
