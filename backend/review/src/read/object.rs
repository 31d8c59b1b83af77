//! Views, triggers, routines, events, sequences: name and head are read, and of views the query too. Other bodies are
//! kept as they are.

use super::{
    condition,
    reader::{Read, Reader},
};
use crate::{
    feature::Feature,
    flavour::Family,
    shape::{Deed, ObjectKind, Shape, StoredObject},
};
use sqlparser::{
    ast::{Query, SelectItem, SetExpr, SetOperator},
    parser::Parser,
    tokenizer::{Token, TokenWithSpan},
};

/// What has a body that may hold what no other statement does: `;`, `:` behind labels and JSON keys.
const WITH_BODY: [&str; 6] = ["procedure", "function", "trigger", "event", "package", "duality"];

/// How far from the start the word that names the kind may be.
const HEAD_TOKENS: usize = 24;

/// Whether these are the tokens of a statement whose body is kept unread.
pub fn has_body(tokens: &[TokenWithSpan]) -> bool {
    let word = |token: &TokenWithSpan, words: &[&str]| {
        matches!(&token.token, Token::Word(found) if found.quote_style.is_none()
            && words.iter().any(|word| found.value.eq_ignore_ascii_case(word)))
    };
    let Some((first, rest)) = tokens.split_first() else { return false };
    // `DEFINER = trigger@host` is no trigger: the word after the account is looked for, not the account.
    word(first, &["create", "alter"])
        && rest
            .iter()
            .zip(tokens)
            .take(HEAD_TOKENS)
            .take_while(|(token, _)| {
                !word(token, &["table", "view", "database", "schema", "user", "index", "on", "as"])
            })
            .any(|(token, before)| word(token, &WITH_BODY) && before.token != Token::Eq)
}

/// `CREATE`, `ALTER` or `DROP` of a stored object; `None`, with nothing read, where it is none.
pub fn object(reader: &mut Reader<'_>) -> Read<Option<(&'static str, Shape)>> {
    let deed = if reader.is("create") {
        Deed::Create
    } else if reader.is("alter") {
        Deed::Alter
    } else if reader.is("drop") {
        Deed::Drop
    } else {
        return Ok(None);
    };
    let place = reader.place();
    let start = reader.here().start;
    reader.step();
    let mut object = StoredObject {
        kind: ObjectKind::View,
        deed,
        names: Vec::new(),
        if_exists: false,
        or_replace: reader.take_all(&["or", "replace"]),
        definer: None,
        table: None,
        body: None,
        reads: Vec::new(),
        star: None,
        renamed: None,
    };
    let Some(kind) = head(reader, &mut object)? else {
        reader.back_to(place);
        return Ok(None);
    };
    object.kind = kind;
    match kind {
        ObjectKind::Package | ObjectKind::PackageBody => reader.only_in(Family::MariaDb, start),
        ObjectKind::Sequence => reader.uses(Feature::Sequence, start),
        ObjectKind::View => {}
        _ if object.or_replace => reader.uses(Feature::OrReplaceRoutine, start),
        _ => {}
    }
    object.if_exists = match (deed, kind) {
        (Deed::Create, ObjectKind::View) => reader.if_not_exists_by(Feature::ViewIfNotExists),
        (Deed::Create, ObjectKind::Procedure | ObjectKind::Function | ObjectKind::Trigger) => {
            reader.if_not_exists_by(Feature::RoutineIfNotExists)
        }
        (Deed::Create, _) => reader.if_not_exists(),
        (Deed::Alter | Deed::Drop, _) => reader.if_exists(),
    };
    match deed {
        Deed::Drop => dropped(reader, &mut object)?,
        Deed::Create | Deed::Alter => made(reader, &mut object)?,
    }
    Ok(Some((name_of(kind, deed), Shape::StoredObject(Box::new(object)))))
}

/// Everything before the name.
fn head(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<Option<ObjectKind>> {
    let mut aggregate = false;
    loop {
        if reader.take("algorithm") {
            reader.take_sign(&Token::Eq);
            reader.name()?;
        } else if reader.take("definer") {
            reader.need_sign(&Token::Eq)?;
            object.definer = Some(reader.account()?);
        } else if reader.take_all(&["sql", "security"]) {
            reader.name()?;
        } else if reader.take("aggregate") {
            aggregate = true;
        } else {
            break;
        }
    }
    let start = reader.here().start;
    if reader.take_all(&["json", "duality"]) || reader.take_all(&["json", "relational", "duality"]) {
        reader.only_in(Family::MySql, start);
        if !reader.is("view") {
            return reader.unread();
        }
    }
    Ok(if reader.take("view") {
        Some(ObjectKind::View)
    } else if reader.take("trigger") {
        Some(ObjectKind::Trigger)
    } else if reader.take("procedure") {
        Some(ObjectKind::Procedure)
    } else if reader.take("function") {
        Some(ObjectKind::Function)
    } else if reader.take("event") {
        Some(ObjectKind::Event)
    } else if reader.take_all(&["package", "body"]) {
        Some(ObjectKind::PackageBody)
    } else if reader.take("package") {
        Some(ObjectKind::Package)
    } else if reader.take_all(&["temporary", "sequence"]) || reader.take("sequence") {
        Some(ObjectKind::Sequence)
    } else if aggregate || object.definer.is_some() {
        return reader.unread();
    } else {
        None
    })
}

fn dropped(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<()> {
    object.names = reader.tables()?;
    if object.names.len() > 1 && !matches!(object.kind, ObjectKind::View | ObjectKind::Sequence) {
        return reader.unread();
    }
    if object.kind == ObjectKind::View {
        reader.take_one(&["restrict", "cascade"]);
    }
    reader.end()
}

fn made(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<()> {
    object.names = vec![reader.table()?];
    match object.kind {
        ObjectKind::View => view(reader, object),
        ObjectKind::Trigger => trigger(reader, object),
        ObjectKind::Event if object.deed == Deed::Alter => altered_event(reader, object),
        ObjectKind::Sequence => {
            // Its options are the server's to judge; no rule looks at them.
            reader.rest();
            Ok(())
        }
        _ => {
            let start = reader.here().start;
            if object.deed == Deed::Create && reader.is_end() {
                return reader.unread();
            }
            let loadable = object.kind == ObjectKind::Function && reader.is("returns") && {
                let by = (1..4).find(|by| reader.ahead_is(*by, "soname"));
                by.is_some()
            };
            if loadable {
                object.kind = ObjectKind::LoadableFunction;
            }
            reader.rest();
            object.body = Some(reader.since(start));
            Ok(())
        }
    }
}

fn view(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<()> {
    if reader.is_sign(&Token::LParen) && !matches!(reader.ahead(1), Token::LParen) {
        reader.bracketed_names()?;
    }
    reader.need("as")?;
    let start = reader.here().start;
    if reader.rest_has("json_duality_object") {
        // What it makes of its tables, the server alone knows.
        reader.rest();
        object.body = Some(reader.since(start));
        return Ok(());
    }
    let query = reader.sqlparser(Parser::parse_query)?;
    object.body = Some(reader.since(start));
    object.reads = condition::look(&query)?.reads;
    super::query::uses(&mut reader.queries, &query);
    object.star = star(&query).map(super::tokens::place);
    // The tokens have a `;` for the `WITH` of `WITH CHECK OPTION`.
    if reader.take_sign(&Token::SemiColon) {
        reader.take_one(&["cascaded", "local"]);
        reader.need("check")?;
        reader.need("option")?;
    }
    reader.end()
}

/// The `*` or `t.*` among the outermost columns.
fn star(query: &Query) -> Option<sqlparser::tokenizer::Span> {
    let mut body = &*query.body;
    loop {
        match body {
            SetExpr::SetOperation {
                left,
                op: SetOperator::Union | SetOperator::Except | SetOperator::Intersect,
                ..
            } => {
                body = left;
            }
            SetExpr::Query(query) => body = &query.body,
            SetExpr::Select(select) => {
                return select.projection.iter().find_map(|item| match item {
                    SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => {
                        Some(options.wildcard_token.0.span)
                    }
                    _ => None,
                });
            }
            _ => return None,
        }
    }
}

fn trigger(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<()> {
    if !reader.take_one(&["before", "after"]) {
        return reader.unread();
    }
    loop {
        if !reader.take_one(&["insert", "update", "delete"]) {
            return reader.unread();
        }
        if reader.take("of") {
            reader.list(Reader::name)?;
        }
        if !reader.take("or") {
            break;
        }
    }
    reader.need("on")?;
    object.table = Some(reader.table()?);
    if !reader.take_all(&["for", "each", "row"]) {
        return reader.unread();
    }
    if reader.take_one(&["follows", "precedes"]) {
        reader.table()?;
    }
    body(reader, object)
}

fn altered_event(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<()> {
    while !reader.is_end() {
        if reader.take_all(&["rename", "to"]) {
            object.renamed = Some(reader.table()?);
        } else if reader.take("do") {
            return body(reader, object);
        } else {
            reader.step();
        }
    }
    Ok(())
}

fn body(reader: &mut Reader<'_>, object: &mut StoredObject) -> Read<()> {
    if reader.is_end() {
        return reader.unread();
    }
    let start = reader.here().start;
    reader.rest();
    object.body = Some(reader.since(start));
    Ok(())
}

/// The statement's kind, as the desk shows it.
fn name_of(kind: ObjectKind, deed: Deed) -> &'static str {
    match (deed, kind) {
        (Deed::Create, ObjectKind::View) => "create_view",
        (Deed::Create, ObjectKind::Trigger) => "create_trigger",
        (Deed::Create, ObjectKind::Procedure) => "create_procedure",
        (Deed::Create, ObjectKind::Function | ObjectKind::LoadableFunction) => "create_function",
        (Deed::Create, ObjectKind::Event) => "create_event",
        (Deed::Create, ObjectKind::Package | ObjectKind::PackageBody) => "create_package",
        (Deed::Create, ObjectKind::Sequence) => "create_sequence",
        (Deed::Alter, ObjectKind::View) => "alter_view",
        (Deed::Alter, ObjectKind::Trigger) => "alter_trigger",
        (Deed::Alter, ObjectKind::Procedure) => "alter_procedure",
        (Deed::Alter, ObjectKind::Function | ObjectKind::LoadableFunction) => "alter_function",
        (Deed::Alter, ObjectKind::Event) => "alter_event",
        (Deed::Alter, ObjectKind::Package | ObjectKind::PackageBody) => "alter_package",
        (Deed::Alter, ObjectKind::Sequence) => "alter_sequence",
        (Deed::Drop, ObjectKind::View) => "drop_view",
        (Deed::Drop, ObjectKind::Trigger) => "drop_trigger",
        (Deed::Drop, ObjectKind::Procedure) => "drop_procedure",
        (Deed::Drop, ObjectKind::Function | ObjectKind::LoadableFunction) => "drop_function",
        (Deed::Drop, ObjectKind::Event) => "drop_event",
        (Deed::Drop, ObjectKind::Package | ObjectKind::PackageBody) => "drop_package",
        (Deed::Drop, ObjectKind::Sequence) => "drop_sequence",
    }
}
