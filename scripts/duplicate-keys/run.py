#!/usr/bin/python3
from itertools import groupby

from desk import lines, literal, log, parameters, result, rows, table


def needless(one, other):
    """Whether `other` does all that `one` does."""
    if one["type"] != other["type"] or other["columns"][: len(one["columns"])] != one["columns"]:
        return False
    same = len(one["columns"]) == len(other["columns"])
    if one["unique"]:
        # A unique key is a promise: only the same promise replaces it, and of two alike the primary key stays, else the first by name.
        return same and other["unique"] and (other["name"] == "PRIMARY" or (one["name"] != "PRIMARY" and other["name"] < one["name"]))
    if same and not other["unique"]:
        return other["name"] < one["name"]
    return True


asked = parameters()
log(f"Looking at the indexes of {asked['database']}")
parts = rows(
    "table_name, index_name, index_type, non_unique, COALESCE(column_name, ''), COALESCE(sub_part, 0)",
    f"FROM information_schema.statistics WHERE table_schema = {literal(asked['database'])} ORDER BY table_name, index_name, seq_in_index",
)
indexes = []
for (of, name), group in groupby(parts, key=lambda part: (part[0], part[1])):
    group = list(group)
    columns = [(part[4].lower(), part[5]) for part in group]
    # An expression has no column: nobody knows here whether two are alike.
    if all(column for column, _ in columns):
        indexes.append({"table": of, "name": name, "type": group[0][2], "unique": int(group[0][3]) == 0, "columns": columns})
found = []
for of, group in groupby(indexes, key=lambda index: index["table"]):
    group = list(group)
    for one in group:
        better = next((other for other in group if other is not one and needless(one, other)), None)
        if better and one["name"] != "PRIMARY":
            found.append([of, one["name"], ", ".join(column for column, _ in one["columns"]), better["name"], f"ALTER TABLE `{of}` DROP INDEX `{one['name']}`"])
if found:
    table("duplicate-keys.csv", ["table", "index", "columns", "served_by", "statement"], found)
shown = [(f"{of}.{name} ({columns})", f"{better} does it all") for of, name, columns, better, _ in found]
result(f"{len(found)} of {len(indexes)} indexes are needless\n{lines(shown)}".strip(), needless=len(found), indexes=len(indexes))
