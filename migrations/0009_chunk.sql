-- How far a change of more rows than are kept at once has come: a row for each task that works on it. What is committed is told by
-- `parts` (parts of its backup) and `upto` (the key of the last row that was looked at, as a JSON list); `next_parts` and `next_upto` are
-- those of the chunk that is under way, written before it is committed. `moment` is what NOW() says in all of it, `end_key` where it ends,
-- `key_columns` what the values of keys are of.
CREATE TABLE chunk (
    task_id     BIGINT UNSIGNED NOT NULL,
    statement   INT UNSIGNED    NOT NULL,
    ticket_id   BIGINT UNSIGNED NOT NULL,
    moment      VARCHAR(24)     NOT NULL,
    key_columns TEXT            NOT NULL,
    end_key     MEDIUMTEXT      NOT NULL,
    upto        MEDIUMTEXT      NULL,
    parts       INT UNSIGNED    NOT NULL DEFAULT 0,
    chunks      INT UNSIGNED    NOT NULL DEFAULT 0,
    row_count   BIGINT UNSIGNED NOT NULL DEFAULT 0,
    looked_at   BIGINT UNSIGNED NOT NULL DEFAULT 0,
    next_upto   MEDIUMTEXT      NULL,
    next_parts  INT UNSIGNED    NULL,
    next_rows   BIGINT UNSIGNED NULL,
    PRIMARY KEY (task_id, statement),
    KEY idx_chunk_ticket (ticket_id, statement)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The statements of a revision that may be made in chunks, from 0: a JSON list, NULL for none. Whoever approves the revision has seen
-- which.
ALTER TABLE ticket_revision
    ADD COLUMN in_chunks MEDIUMTEXT NULL;
