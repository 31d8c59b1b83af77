#!/usr/bin/python3
import sys

from desk import lines, literal, log, parameters, progress, result, rows, sql

asked = parameters()
is_mariadb = "mariadb" in sql("SELECT VERSION();")[0].lower()
# MariaDB numbers each query, so that one which begins meanwhile in the same session is not meant; MySQL has the session's number alone.
number, word = ("query_id", "KILL QUERY ID") if is_mariadb else ("id", "KILL QUERY")
where = [
    # A prepared statement runs as Execute.
    "command IN ('Query', 'Execute')",
    "id <> CONNECTION_ID()",
    "user NOT IN ('system user', 'event_scheduler')",
    "user <> SUBSTRING_INDEX(CURRENT_USER(), '@', 1)",
    f"time >= {asked['longer_than']}",
    f"info LIKE {literal('%' + asked['text'] + '%')}",
]
if "user" in asked:
    where.append(f"user = {literal(asked['user'])}")
found = rows(
    f"{number}, id, user, COALESCE(db, ''), time, LEFT(info, 200)",
    f"FROM information_schema.processlist WHERE {' AND '.join(where)} ORDER BY time DESC, id LIMIT {asked['most'] + 1}",
)
shown = [(f"connection {it[1]}", f"{it[2]} in {it[3]}", f"{it[4]} s", it[5]) for it in found]
if asked["dry"]:
    result(f"{len(found)} queries would be ended\n{lines(shown)}".strip(), found=len(found), ended=0)
elif len(found) > asked["most"]:
    log(lines(shown))
    sys.exit(f"more than {asked['most']} queries fit: nothing was ended. Say more exactly which, or set most higher")
else:
    for done, it in enumerate(found, 1):
        # One that has ended by itself meanwhile is no failure.
        sql(f"{word} {it[0]};", may_fail=True)
        log(f"Ended: {lines([shown[done - 1]])}")
        progress(done, len(found), "queries")
    result(f"{len(found)} queries ended", found=len(found), ended=len(found))
