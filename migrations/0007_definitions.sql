-- What a table's definition was before a statement and after it, as SHOW CREATE TABLE says it: what leads back. NULL: there was none.
-- `done` says that after_sql is known.
CREATE TABLE definition (
    task_id       BIGINT UNSIGNED NOT NULL,
    statement     INT UNSIGNED    NOT NULL,
    part          INT UNSIGNED    NOT NULL,
    ticket_id     BIGINT UNSIGNED NOT NULL,
    database_name VARCHAR(64)     NOT NULL,
    table_name    VARCHAR(64)     NOT NULL,
    before_sql    MEDIUMTEXT      NULL,
    after_sql     MEDIUMTEXT      NULL,
    done          TINYINT         NOT NULL DEFAULT 0,
    created_at    DATETIME(3)     NOT NULL,
    PRIMARY KEY (task_id, statement, part),
    KEY idx_definition_ticket (ticket_id),
    KEY idx_definition_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Tables that were set aside instead of being dropped, and what brings them back. Written before they are; `gone_at`: when they were
-- dropped in the end.
CREATE TABLE set_aside (
    task_id          BIGINT UNSIGNED NOT NULL,
    statement        INT UNSIGNED    NOT NULL,
    kept_as          VARCHAR(64)     NOT NULL,
    ticket_id        BIGINT UNSIGNED NOT NULL,
    service_group_id BIGINT UNSIGNED NOT NULL,
    kept_in          VARCHAR(64)     NOT NULL,
    database_name    VARCHAR(64)     NOT NULL,
    table_name       VARCHAR(64)     NOT NULL,
    back             MEDIUMTEXT      NOT NULL,
    created_at       DATETIME(3)     NOT NULL,
    gone_at          DATETIME(3)     NULL,
    PRIMARY KEY (task_id, statement, kept_as),
    KEY idx_set_aside_ticket (ticket_id),
    KEY idx_set_aside_due (gone_at, created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
