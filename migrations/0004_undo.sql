-- Rows as they were before a statement and as it left them, packed and sealed: what takes it back. Written before the statement is
-- committed on its target; whether it was is said by the task's `done`.
CREATE TABLE backup (
    task_id    BIGINT UNSIGNED NOT NULL,
    statement  INT UNSIGNED    NOT NULL,
    part       INT UNSIGNED    NOT NULL,
    ticket_id  BIGINT UNSIGNED NOT NULL,
    table_name VARCHAR(193)    NOT NULL,
    row_count  INT UNSIGNED    NOT NULL,
    key_name   VARCHAR(16)     NOT NULL,
    sealed     LONGBLOB        NOT NULL,
    created_at DATETIME(3)     NOT NULL,
    PRIMARY KEY (task_id, statement, part),
    KEY idx_backup_ticket (ticket_id),
    KEY idx_backup_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
