//! `/sql rules`.

use crate::stage::Stage;

#[tokio::test]
async fn a_developer_finds_a_rule_while_typing_and_reads_its_page_alone() {
    let stage = Stage::set().await;
    let choices = stage.ann().autocompletes("/sql rules", "name", "WHERE").await.unwrap();
    let choices: Vec<_> =
        choices.iter().map(|choice| (choice.name.as_str(), choice.value.as_str())).collect();
    assert_eq!(choices, [("delete-without-where · a DELETE without WHERE", "delete-without-where")]);
    let told = stage.ann().types("/sql rules name:delete-without-where group:shop").send().await.unwrap();
    let told = told.ephemeral().unwrap();
    insta::assert_snapshot!(told.to_string());
    let told = stage.sim.person("mei").types("/sql rules name:delete without where").send().await.unwrap();
    assert!(told.ephemeral().unwrap().contains("写明要删哪些行"), "in her language, and found by words");
    let told = stage.ann().types("/sql rules name:delete-without-were").send().await.unwrap();
    let told = told.ephemeral().unwrap();
    assert!(told.contains("Did you mean `delete-without-where`"), "{told}");
    let told = stage.ann().types("/sql rules name:more than").send().await.unwrap().ephemeral().unwrap();
    assert!(
        told.contains("Rules with `more than`") && told.contains("`too-many-affected-rows` · "),
        "{told}"
    );
    let told = stage.sim.person("mei").types("/sql rules name:改动超过").send().await.unwrap();
    assert!(told.ephemeral().unwrap().contains("与 `改动超过` 有关的规则"), "in her language");
    assert!(stage.tickets().messages().is_empty(), "nobody else sees it");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn all_rules_are_listed_by_level_with_a_file_that_says_a_line_of_each() {
    let stage = Stage::set().await;
    let told = stage.sim.person("mei").types("/sql rules").send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("共 2 条规则") && told.contains("`too-many-affected-rows`"), "{told}");
    let file = told.files.first().expect("a file");
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    assert!(file.name == "rules.txt" && text.contains("没有 `WHERE` 的 `DELETE`"), "{text}");
    assert!(text.contains("affected_rows = 100 (本环境的设置)"), "{text}");
    // A name of nothing but dots would be another path.
    let told = stage.ann().types("/sql rules name:..").send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("2 rules"), "{told}");
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_thread_says_once_how_to_look_a_rule_up() {
    let stage = Stage::set().await;
    stage.filed("DELETE FROM orders\nDELETE FROM orders").await;
    let card = stage.tickets().wait_for("T-1 ·").await.unwrap();
    let thread = stage.sim.thread_of(&card);
    thread.wait_for("/sql rules name:delete-without-where").await.unwrap();
    thread.wait_for("How to mend it").await.unwrap();
    let told = stage.ann().reads(&thread);
    assert_eq!(told.matches("/sql rules").count(), 1, "{told}");
    stage.ends_well(&[]);
}
