-- Every decision, in the order of commits: id is one more than in the row before, prev_hash that row's hash, hash over all fields
-- (backend/store/src/audit/encoded.rs). Rows are added only. detail: JSON, never SQL; content_hash: SHA-256 of the bytes that were
-- decided on, hex.
CREATE TABLE audit (
    id           BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    at           DATETIME(3)     NOT NULL,
    what         VARCHAR(32)     NOT NULL,
    detail       TEXT            NOT NULL,
    actor_id     BIGINT UNSIGNED NULL,
    actor        VARCHAR(128)    NOT NULL,
    as_whom_id   BIGINT UNSIGNED NULL,
    as_whom      VARCHAR(64)     NULL,
    via          VARCHAR(16)     NOT NULL,
    token        VARCHAR(64)     NULL,
    source       VARCHAR(255)    NULL,
    subject_kind VARCHAR(16)     NOT NULL,
    subject      VARCHAR(128)    NOT NULL,
    revision     INT UNSIGNED    NULL,
    content_hash CHAR(64)        NULL,
    prev_hash    BINARY(32)      NOT NULL,
    hash         BINARY(32)      NOT NULL,
    KEY idx_audit_subject (subject_kind, subject, id),
    KEY idx_audit_actor (actor_id, id),
    KEY idx_audit_as_whom (as_whom_id, id),
    KEY idx_audit_at (at, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One row. Who appends locks it last in his transaction.
CREATE TABLE audit_head (
    id        TINYINT UNSIGNED NOT NULL PRIMARY KEY,
    last_id   BIGINT UNSIGNED  NOT NULL,
    last_hash BINARY(32)       NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
INSERT INTO audit_head (id, last_id, last_hash) VALUES (1, 0, REPEAT(CHAR(0), 32));
