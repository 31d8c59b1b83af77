#!/usr/bin/python3
from desk import lines, log, parameters, result, rows, table

asked = parameters()
log(f"Looking for transactions that are open for more than {asked['longer_than']} s")
found = rows(
    "t.trx_mysql_thread_id, COALESCE(p.user, ''), COALESCE(p.host, ''), COALESCE(p.db, ''), "
    "TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), t.trx_rows_locked, t.trx_rows_modified, COALESCE(p.command, ''), "
    "LEFT(COALESCE(t.trx_query, ''), 200)",
    "FROM information_schema.innodb_trx t LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id "
    f"WHERE TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) >= {asked['longer_than']} AND t.trx_mysql_thread_id <> CONNECTION_ID() "
    "ORDER BY t.trx_started LIMIT 500",
)
if found:
    columns = ["connection", "user", "host", "database", "open_s", "rows_locked", "rows_modified", "command", "statement"]
    table("long-transactions.csv", columns, found)
shown = [
    (f"connection {it[0]}", f"{it[1]}@{it[2]}", f"open {it[4]} s", f"{it[5]} rows locked, {it[6]} changed", it[8] or it[7])
    for it in found
]
result(f"{len(found)} transactions\n{lines(shown)}".strip(), transactions=len(found))
