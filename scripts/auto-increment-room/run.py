#!/usr/bin/python3
from desk import lines, literal, log, parameters, result, rows, table

BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}

asked = parameters()
log("Looking at AUTO_INCREMENT columns")
only = f"AND c.table_schema = {literal(asked['database'])} " if "database" in asked else ""
columns = rows(
    "c.table_schema, c.table_name, c.column_name, c.column_type, COALESCE(t.auto_increment, 1)",
    "FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
    "WHERE c.extra LIKE '%auto_increment%' AND t.table_type = 'BASE TABLE' "
    f"AND c.table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') {only}"
    "ORDER BY c.table_schema, c.table_name",
)
found = []
for database, name, column, kind, coming in columns:
    word = kind.lower().split("(")[0].split()[0]
    if word in BITS:
        end = 2 ** (BITS[word] - (0 if "unsigned" in kind.lower() else 1)) - 1
        used = 100 * (int(coming) - 1) / end
        if used >= asked["used"]:
            found.append([f"{database}.{name}", column, kind, int(coming), end, round(used, 1)])
found.sort(key=lambda row: -row[5])
if found:
    table("auto-increment-room.csv", ["table", "column", "type", "next", "end", "used_percent"], found)
shown = [(f"{of}.{column}", kind, f"{used} % used") for of, column, kind, _, _, used in found]
result(f"{len(found)} of {len(columns)} columns have used {asked['used']} % or more\n{lines(shown)}".strip(), near=len(found), columns=len(columns))
