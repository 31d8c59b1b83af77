#!/usr/bin/python3
from desk import literal, lines, log, parameters, result, rows, size, table

asked = parameters()
log(f"Looking at the tables of {asked['database']}")
found = rows(
    "table_name, COALESCE(table_rows, 0), COALESCE(data_length, 0), COALESCE(index_length, 0), COALESCE(data_free, 0)",
    "FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
    f"AND table_schema = {literal(asked['database'])} ORDER BY data_length + index_length DESC, table_name LIMIT {asked['most']}",
)
table("table-sizes.csv", ["table", "rows", "data_bytes", "index_bytes", "free_bytes"], found)
whole = sum(row[2] + row[3] for row in found)
shown = [(name, f"{count} rows", size(data + index)) for name, count, data, index, _ in found]
result(f"{len(found)} tables, {size(whole)} together\n{lines(shown)}", tables=len(found), bytes=whole)
