//! Reads a JSON body, and says in plain words what is wrong with one and where.

use dbdesk_commands::{
    lang::{Said, said},
    wire::problem::{Code, Refusal},
};
use serde::de::DeserializeOwned;

/// Reads the body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| not_utf8(body, error.valid_up_to()))?;
    // A verb without anything to say may send nothing at all.
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        wrong(&path, error.inner())
    })?;
    json.end().map_err(|error| wrong(".", &error))?;
    Ok(value)
}

fn not_utf8(body: &[u8], at: usize) -> Refusal {
    let line = body.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    Refusal::new(
        Code::BadRequest,
        said!(
            "Byte {at} of the body (line {line}) is not valid UTF-8. Save the text as UTF-8 and send it again; \
             `iconv -f GBK -t UTF-8` converts a file.",
            "请求内容的第 {at} 个字节（第 {line} 行）不是合法的 UTF-8。请把文本保存为 UTF-8 后重新发送，\
             例如用 `iconv -f GBK -t UTF-8` 转换文件。"
        ),
    )
}

fn wrong(path: &str, error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    let sentence = error.to_string();
    let plain = sentence.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&sentence);
    let Said { en, zh } = self::said(plain);
    let said = if path == "." || error.is_syntax() || error.is_eof() {
        said!(
            "The body can not be read (line {line}, column {column}): {en}.",
            "请求内容无法读懂（第 {line} 行第 {column} 列）：{zh}。"
        )
    } else {
        said!(
            "`{path}` can not be read (line {line}, column {column}): {en}.",
            "`{path}` 无法读懂（第 {line} 行第 {column} 列）：{zh}。"
        )
    };
    Refusal::new(Code::BadRequest, said)
}

/// What serde says, in both languages.
pub(super) fn said(sentence: &str) -> Said {
    let sentence: String = sentence.chars().take(300).collect();
    let after = |head: &str| sentence.strip_prefix(head);
    if let Some(field) = after("missing field ") {
        return said!("the field {field} is missing", "缺少字段 {field}");
    }
    if let Some((field, known)) = after("unknown field ").and_then(|rest| rest.split_once(", ")) {
        let known = known.trim_start_matches("expected one of ").trim_start_matches("expected ");
        return said!(
            "there is no field {field}; there are {known}",
            "没有字段 {field}；可用的字段有 {known}"
        );
    }
    if let Some((word, known)) = after("unknown variant ").and_then(|rest| rest.split_once(", ")) {
        let known = known.trim_start_matches("expected one of ").trim_start_matches("expected ");
        return said!("{word} is none of {known}", "{word} 不在可选值 {known} 之中");
    }
    let found = after("invalid type: ").or_else(|| after("invalid value: "));
    if let Some((found, wanted)) = found.and_then(|rest| rest.split_once(", expected ")) {
        let (Said { en: found_en, zh: found_zh }, Said { en, zh }) = (kind(found), kind(wanted));
        return said!("it is {found_en}, but must be {en}", "这里是{found_zh}，应当是{zh}");
    }
    if sentence.starts_with("invalid digit") || sentence.starts_with("number too large") {
        return said!("it is not a whole number that can be used here", "不是这里可用的整数");
    }
    if sentence.starts_with("EOF") {
        return said!("it ends in the middle ({sentence})", "内容不完整（{sentence}）");
    }
    if sentence.contains("hex escape") {
        return said!(
            "a `\\u` escape in it is only half of a character (a surrogate without its other half); write the character itself, as \
             UTF-8",
            "其中有一个 `\\u` 转义只是半个字符（代理项不成对）；请直接写这个字符，用 UTF-8 编码"
        );
    }
    if sentence.starts_with("control character") {
        return said!(
            "a control character stands in a text as it is; write `\\n` for a line end, `\\t` for a tab",
            "文本里直接出现了控制字符；换行请写成 `\\n`，制表符请写成 `\\t`"
        );
    }
    said!("it is not valid JSON ({sentence})", "不是合法的 JSON（{sentence}）")
}

/// What serde calls a kind of value, as people call it.
fn kind(words: &str) -> Said {
    let (name, value) = match words.split_once([' ', '`']) {
        Some((name, value)) if !matches!(name, "a" | "an") => (name, value),
        _ => (words, ""),
    };
    let known = match name {
        "integer" | "floating" => Some(("the number", "数字")),
        "string" => Some(("the text", "文本")),
        "boolean" => Some(("the boolean", "布尔值")),
        "sequence" => Some(("a list", "列表")),
        "map" | "struct" => Some(("a JSON object", "JSON 对象")),
        "null" => Some(("null", "null")),
        "a string" => Some(("text in quotes", "带引号的文本")),
        "a whole number" => Some(("a whole number", "整数")),
        "a boolean" => Some(("true or false", "true 或 false")),
        "u8" | "u16" | "u32" | "u64" => Some(("a whole number from 0 on", "不小于 0 的整数")),
        _ => None,
    };
    match known {
        Some((en, zh)) if matches!(name, "integer" | "string" | "boolean") => {
            let value = value.trim_start_matches("point ");
            said!("{en} {value}", "{zh} {value}")
        }
        Some((en, zh)) => said!("{en}", "{zh}"),
        None => said!("{words}", "{words}"),
    }
}
