-- The task engine: queues, priorities, machines, waiting, steering, schedules, freezes, lines of tasks.

-- kind, touches: what exclusion looks at; `touches` is a JSON list of tables, NULL when they are not known (then it is all of them).
-- queue: the labels that a machine must have, sorted and joined by '+'; '' for any machine. priority: 1 high, 2 normal, 3 low.
-- protocol: the oldest program that understands this task. repeatable: every statement may run twice.
-- retry_of, attempt: a retry is a new task that begins at statement `done`. instance: host:port that it works on.
-- wish_by: 'person', or 'calendar' where a closed time asked for the pause. waits: why it does not start though it is due, JSON.
-- silent: it has not answered for longer than it should, and that is told. progress: how far the running statement is, JSON.
ALTER TABLE task
    ADD COLUMN service_group_id BIGINT UNSIGNED  NOT NULL DEFAULT 0 AFTER ticket_id,
    ADD COLUMN kind             VARCHAR(16)      NOT NULL DEFAULT 'ddl',
    ADD COLUMN touches          MEDIUMTEXT       NULL,
    ADD COLUMN queue            VARCHAR(128)     NOT NULL DEFAULT '',
    ADD COLUMN priority         TINYINT UNSIGNED NOT NULL DEFAULT 2,
    ADD COLUMN protocol         INT UNSIGNED     NOT NULL DEFAULT 1,
    ADD COLUMN repeatable       TINYINT          NOT NULL DEFAULT 0,
    ADD COLUMN retry_of         BIGINT UNSIGNED  NULL,
    ADD COLUMN attempt          INT UNSIGNED     NOT NULL DEFAULT 1,
    ADD COLUMN instance         VARCHAR(270)     NULL,
    ADD COLUMN wish_by          VARCHAR(8)       NOT NULL DEFAULT 'person',
    ADD COLUMN wish_at          DATETIME(3)      NULL,
    ADD COLUMN waits            TEXT             NULL,
    ADD COLUMN silent           TINYINT          NOT NULL DEFAULT 0,
    ADD COLUMN progress         TEXT             NULL,
    ADD COLUMN progress_at      DATETIME(3)      NULL,
    ADD KEY idx_task_ready (state, offered_at);

-- The same of a revision, as its review said; what was reviewed before is taken for the worst.
ALTER TABLE ticket_revision
    ADD COLUMN kind       VARCHAR(16) NOT NULL DEFAULT 'ddl',
    ADD COLUMN touches    MEDIUMTEXT  NULL,
    ADD COLUMN repeatable TINYINT     NOT NULL DEFAULT 0;

-- The labels that a machine must have to reach the group, as in task.queue.
ALTER TABLE service_group
    ADD COLUMN queue VARCHAR(128) NOT NULL DEFAULT '';

UPDATE task JOIN ticket ON ticket.id = task.ticket_id SET task.service_group_id = ticket.service_group_id;

-- priority: as of its next task. schedule_id: which recurring ticket filed it.
ALTER TABLE ticket
    ADD COLUMN priority    TINYINT UNSIGNED NOT NULL DEFAULT 2,
    ADD COLUMN schedule_id BIGINT UNSIGNED  NULL,
    ADD KEY idx_ticket_schedule (schedule_id, id);

-- One row for each control that works or worked lately. seen_at is by the store's clock. wish: 'go', or 'drain' when it is to take
-- nothing more and end.
CREATE TABLE control (
    name          VARCHAR(300)     NOT NULL PRIMARY KEY,
    host          VARCHAR(255)     NOT NULL,
    boot_id       CHAR(36)         NOT NULL,
    pid           INT UNSIGNED     NOT NULL,
    pid_start     BIGINT UNSIGNED  NOT NULL,
    version       VARCHAR(32)      NOT NULL,
    protocol      INT UNSIGNED     NOT NULL,
    labels        TEXT             NOT NULL,
    tasks_at_once INT UNSIGNED     NOT NULL,
    wish          VARCHAR(8)       NOT NULL DEFAULT 'go',
    started_at    DATETIME(3)      NOT NULL,
    seen_at       DATETIME(3)      NOT NULL,
    KEY idx_control_host (host)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A ticket that is filed again and again. cron: five fields in time_zone. next_at: NULL while it is paused or never comes again.
CREATE TABLE schedule (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    version          BIGINT UNSIGNED NOT NULL DEFAULT 1,
    name             VARCHAR(64)     NOT NULL,
    state            VARCHAR(16)     NOT NULL,
    service_group_id BIGINT UNSIGNED NOT NULL,
    database_name    VARCHAR(64)     NOT NULL,
    owner_id         BIGINT UNSIGNED NOT NULL,
    reason           VARCHAR(2000)   NOT NULL,
    sql_text         MEDIUMBLOB      NOT NULL,
    cron             VARCHAR(128)    NOT NULL,
    time_zone        VARCHAR(64)     NOT NULL,
    lang             VARCHAR(8)      NOT NULL,
    next_at          DATETIME(3)     NULL,
    last_at          DATETIME(3)     NULL,
    last_ticket_id   BIGINT UNSIGNED NULL,
    last_problem     TEXT            NULL,
    created_at       DATETIME(3)     NOT NULL,
    updated_at       DATETIME(3)     NOT NULL,
    UNIQUE KEY uniq_schedule_name (name),
    KEY idx_schedule_next (state, next_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Nothing starts in a frozen group. service_group_id NULL: all groups. until_at NULL: until somebody ends it.
CREATE TABLE freeze (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    service_group_id BIGINT UNSIGNED NULL,
    from_at          DATETIME(3)     NOT NULL,
    until_at         DATETIME(3)     NULL,
    reason           VARCHAR(500)    NOT NULL,
    by_id            BIGINT UNSIGNED NOT NULL,
    created_at       DATETIME(3)     NOT NULL,
    ended_at         DATETIME(3)     NULL,
    ended_by         BIGINT UNSIGNED NULL,
    KEY idx_freeze_open (ended_at, until_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What a task's process had to say, line by line; `seq` counts from 1 within a task.
CREATE TABLE task_line (
    task_id BIGINT UNSIGNED NOT NULL,
    seq     INT UNSIGNED    NOT NULL,
    at      DATETIME(3)     NOT NULL,
    text    VARCHAR(2000)   NOT NULL,
    PRIMARY KEY (task_id, seq)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
