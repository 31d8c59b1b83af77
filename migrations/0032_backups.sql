-- Backups of service groups that were taken and are kept. verified_at: when it was last restored and found whole.
CREATE TABLE cluster_backup (
    id               VARCHAR(64)     NOT NULL PRIMARY KEY,
    service_group_id BIGINT UNSIGNED NOT NULL,
    ticket_id        BIGINT UNSIGNED NOT NULL,
    host             VARCHAR(64)     NOT NULL,
    folder           VARCHAR(255)    NOT NULL,
    source           VARCHAR(255)    NOT NULL,
    taken_at         DATETIME(3)     NOT NULL,
    bytes            BIGINT UNSIGNED NOT NULL,
    verified_at      DATETIME(3)     NULL,
    KEY idx_cluster_backup_group (service_group_id, taken_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- When the next backup of a group begins, where its inventory says that there are some; whoever files it moves that first, so that several
-- controls share the work. next_at is NULL until somebody has worked it out.
CREATE TABLE group_backup (
    service_group_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    next_at          DATETIME(3)     NULL,
    ticket_id        BIGINT UNSIGNED NULL,
    KEY idx_group_backup_next (next_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
