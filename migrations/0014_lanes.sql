-- Numbered tables that lie on several service groups, as the inventory says: JSON. A ticket on such a table is dealt out to lanes.
CREATE TABLE sharded_table (
    name       VARCHAR(64)     NOT NULL PRIMARY KEY,
    spec       MEDIUMTEXT      NOT NULL,
    version    BIGINT UNSIGNED NOT NULL DEFAULT 1,
    updated_at DATETIME(3)     NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Where its statements run, where that is not all in one place: JSON.
ALTER TABLE ticket_revision
    ADD COLUMN spread MEDIUMTEXT NULL;

-- Of several tasks that do one ticket's work beside each other: the one that the ticket names (itself, in that one's row), and the
-- database of this one's sessions.
ALTER TABLE task
    ADD COLUMN lane_of       BIGINT UNSIGNED NULL,
    ADD COLUMN database_name VARCHAR(64)     NULL,
    ADD KEY idx_task_lane (lane_of);
