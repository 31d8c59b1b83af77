-- The desk's own tables. MariaDB 10.11 and MySQL 8 alike: no JSON type (MariaDB has none), times are DATETIME(3) in UTC,
-- names compare byte by byte.

CREATE TABLE person (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(64)     NOT NULL,
    discord_id  VARCHAR(20)     NULL,
    team        VARCHAR(64)     NULL,
    created_at  DATETIME(3)     NOT NULL,
    UNIQUE KEY uniq_person_name (name),
    UNIQUE KEY uniq_person_discord (discord_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE person_role (
    person_id   BIGINT UNSIGNED NOT NULL,
    role        VARCHAR(16)     NOT NULL,
    PRIMARY KEY (person_id, role)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A token is stored as its SHA-256 only. kind: 'person' acts as person_id; 'bot' acts only as a mapped Discord user.
CREATE TABLE api_token (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name         VARCHAR(64)     NOT NULL,
    hash         BINARY(32)      NOT NULL,
    kind         VARCHAR(16)     NOT NULL,
    person_id    BIGINT UNSIGNED NULL,
    created_at   DATETIME(3)     NOT NULL,
    last_used_at DATETIME(3)     NULL,
    revoked_at   DATETIME(3)     NULL,
    UNIQUE KEY uniq_api_token_hash (hash),
    UNIQUE KEY uniq_api_token_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- spec: the group as the inventory wrote it (quiet windows, limits), JSON.
CREATE TABLE service_group (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(32)     NOT NULL,
    environment VARCHAR(16)     NOT NULL,
    team        VARCHAR(64)     NULL,
    flavour     VARCHAR(32)     NOT NULL,
    time_zone   VARCHAR(64)     NOT NULL,
    spec        MEDIUMTEXT      NOT NULL,
    version     BIGINT UNSIGNED NOT NULL DEFAULT 1,
    updated_at  DATETIME(3)     NOT NULL,
    UNIQUE KEY uniq_service_group_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE instance (
    id               BIGINT UNSIGNED   NOT NULL AUTO_INCREMENT PRIMARY KEY,
    service_group_id BIGINT UNSIGNED   NOT NULL,
    host             VARCHAR(255)      NOT NULL,
    port             SMALLINT UNSIGNED NOT NULL,
    role             VARCHAR(16)       NOT NULL,
    UNIQUE KEY uniq_instance_address (host, port),
    KEY idx_instance_group (service_group_id, role)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE group_database (
    service_group_id BIGINT UNSIGNED NOT NULL,
    name             VARCHAR(64)     NOT NULL,
    PRIMARY KEY (service_group_id, name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One row a ticket; every change is guarded by `version`. The row is locked before its log is written to, so that the ids in
-- one ticket's log grow in the order of commits and serve as cursors.
CREATE TABLE ticket (
    id                  BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    version             BIGINT UNSIGNED NOT NULL DEFAULT 1,
    state               VARCHAR(24)     NOT NULL,
    revision            INT UNSIGNED    NOT NULL DEFAULT 1,
    service_group_id    BIGINT UNSIGNED NOT NULL,
    database_name       VARCHAR(64)     NOT NULL,
    requester_id        BIGINT UNSIGNED NOT NULL,
    reason              VARCHAR(2000)   NOT NULL,
    when_asked          VARCHAR(64)     NOT NULL,
    due_at              DATETIME(3)     NULL,
    risk                VARCHAR(8)      NOT NULL,
    lang                VARCHAR(8)      NOT NULL,
    decided_by          BIGINT UNSIGNED NULL,
    approved_by_policy  TINYINT         NOT NULL DEFAULT 0,
    decision_reason     VARCHAR(2000)   NULL,
    approved_hash       CHAR(64)        NULL,
    approval_expires_at DATETIME(3)     NULL,
    task_id             BIGINT UNSIGNED NULL,
    last_entry          BIGINT UNSIGNED NOT NULL DEFAULT 0,
    card_channel        VARCHAR(20)     NULL,
    card_message        VARCHAR(20)     NULL,
    card_thread         VARCHAR(20)     NULL,
    told_entry          BIGINT UNSIGNED NOT NULL DEFAULT 0,
    behind              TINYINT         GENERATED ALWAYS AS (told_entry < last_entry) STORED,
    created_at          DATETIME(3)     NOT NULL,
    updated_at          DATETIME(3)     NOT NULL,
    KEY idx_ticket_requester (requester_id, id),
    KEY idx_ticket_state (state, id),
    KEY idx_ticket_group (service_group_id, id),
    KEY idx_ticket_behind (behind, last_entry),
    KEY idx_ticket_expiry (state, approval_expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The SQL of each revision, byte for byte, with what the review said of it (both languages, JSON).
CREATE TABLE ticket_revision (
    ticket_id   BIGINT UNSIGNED NOT NULL,
    revision    INT UNSIGNED    NOT NULL,
    sql_text    MEDIUMBLOB      NOT NULL,
    sql_hash    CHAR(64)        NOT NULL,
    statements  INT UNSIGNED    NOT NULL,
    review      LONGTEXT        NOT NULL,
    created_by  BIGINT UNSIGNED NOT NULL,
    created_at  DATETIME(3)     NOT NULL,
    PRIMARY KEY (ticket_id, revision)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A ticket's log: its story and, where it moved, its history (from_state, to_state, the version it made). Append only.
CREATE TABLE entry (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ticket_id   BIGINT UNSIGNED NOT NULL,
    task_id     BIGINT UNSIGNED NULL,
    actor_id    BIGINT UNSIGNED NULL,
    at          DATETIME(3)     NOT NULL,
    event       TEXT            NOT NULL,
    from_state  VARCHAR(24)     NULL,
    to_state    VARCHAR(24)     NULL,
    version     BIGINT UNSIGNED NOT NULL,
    KEY idx_entry_ticket (ticket_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The task row is the outbox: what is 'ready' is offered through Redis until a process claims it here.
-- in_flight: the statement that was sent and has not answered; written before it is sent.
CREATE TABLE task (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ticket_id   BIGINT UNSIGNED NOT NULL,
    revision    INT UNSIGNED    NOT NULL,
    state       VARCHAR(16)     NOT NULL,
    due_at      DATETIME(3)     NOT NULL,
    epoch       BIGINT UNSIGNED NOT NULL DEFAULT 0,
    wish        VARCHAR(8)      NOT NULL DEFAULT 'go',
    host        VARCHAR(255)    NULL,
    boot_id     CHAR(36)        NULL,
    pid         INT UNSIGNED    NULL,
    pid_start   BIGINT UNSIGNED NULL,
    lease_until DATETIME(3)     NULL,
    offered_at  DATETIME(3)     NULL,
    done        INT UNSIGNED    NOT NULL DEFAULT 0,
    total       INT UNSIGNED    NOT NULL,
    in_flight   INT UNSIGNED    NULL,
    connection_id BIGINT UNSIGNED NULL,
    created_at  DATETIME(3)     NOT NULL,
    started_at  DATETIME(3)     NULL,
    ended_at    DATETIME(3)     NULL,
    KEY idx_task_due (state, due_at),
    KEY idx_task_lease (state, lease_until),
    KEY idx_task_ticket (ticket_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One button for each verb of each revision of a ticket: an old card's button still says what it was for.
CREATE TABLE button (
    id          CHAR(22)        NOT NULL PRIMARY KEY,
    ticket_id   BIGINT UNSIGNED NOT NULL,
    revision    INT UNSIGNED    NOT NULL,
    verb        VARCHAR(16)     NOT NULL,
    form        VARCHAR(8)      NOT NULL,
    UNIQUE KEY uniq_button_verb (ticket_id, revision, verb)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- status NULL: the first request with this key still runs.
CREATE TABLE idempotency (
    token_id     BIGINT UNSIGNED NOT NULL,
    person_id    BIGINT UNSIGNED NOT NULL,
    idem_key     VARCHAR(128)    NOT NULL,
    request_hash BINARY(32)      NOT NULL,
    status       SMALLINT UNSIGNED NULL,
    body         LONGBLOB        NULL,
    created_at   DATETIME(3)     NOT NULL,
    PRIMARY KEY (token_id, person_id, idem_key),
    KEY idx_idempotency_age (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
