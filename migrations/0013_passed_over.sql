-- What becomes of the other numbered tables when one of them fails: the ticket stops there, or goes on with the next.
ALTER TABLE ticket
    ADD COLUMN goes_on TINYINT NOT NULL DEFAULT 0;

-- Statements that failed and were passed over; the next task of the ticket runs them again.
CREATE TABLE passed_over (
    task_id   BIGINT UNSIGNED NOT NULL,
    statement INT UNSIGNED    NOT NULL,
    PRIMARY KEY (task_id, statement)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What a task runs, where that is not all from its first statement on: a JSON list, ascending.
ALTER TABLE task
    ADD COLUMN todo MEDIUMTEXT NULL;
