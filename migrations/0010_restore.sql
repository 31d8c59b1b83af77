-- What somebody has looked at in a binary log: a ticket is filed from it, once, by whoever looked.
CREATE TABLE restore (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    person_id        BIGINT UNSIGNED NOT NULL,
    service_group_id BIGINT UNSIGNED NOT NULL,
    database_name    VARCHAR(64)     NOT NULL,
    table_name       VARCHAR(64)     NOT NULL,
    from_at          DATETIME(3)     NOT NULL,
    until_at         DATETIME(3)     NOT NULL,
    reason           VARCHAR(2000)   NOT NULL,
    ticket_id        BIGINT UNSIGNED NULL,
    created_at       DATETIME(3)     NOT NULL,
    KEY idx_restore_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
