-- The DBAs' own scripts: which one a revision and its tasks run, and what scripts hand over.

-- script: JSON of the name and of how many of it run at once; NULL where none is run.
ALTER TABLE ticket_revision
    ADD COLUMN script VARCHAR(255) NULL;

ALTER TABLE task
    ADD COLUMN script VARCHAR(255) NULL;

-- A file that a script has handed over; seq counts from 1 within a task. It is removed after a while.
CREATE TABLE script_artifact (
    task_id    BIGINT UNSIGNED  NOT NULL,
    seq        TINYINT UNSIGNED NOT NULL,
    ticket_id  BIGINT UNSIGNED  NOT NULL,
    name       VARCHAR(100)     NOT NULL,
    media_type VARCHAR(32)      NOT NULL,
    content    LONGBLOB         NOT NULL,
    created_at DATETIME(3)      NOT NULL,
    PRIMARY KEY (task_id, seq),
    KEY idx_script_artifact_ticket (ticket_id, task_id, seq),
    KEY idx_script_artifact_age (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
