-- The machines on which instances and proxies live; spec: as the inventory wrote it.
CREATE TABLE host (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name       VARCHAR(64)     NOT NULL,
    address    VARCHAR(253)    NOT NULL,
    version    BIGINT UNSIGNED NOT NULL DEFAULT 1,
    spec       TEXT            NOT NULL,
    updated_at DATETIME(3)     NOT NULL,
    UNIQUE KEY uniq_host_name (name),
    KEY idx_host_address (address)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One row a version of a host, whole. person_id: who changed it, where a person did; actor: what to call him else.
CREATE TABLE host_history (
    host_id   BIGINT UNSIGNED NOT NULL,
    version   BIGINT UNSIGNED NOT NULL,
    spec      TEXT            NOT NULL,
    at        DATETIME(3)     NOT NULL,
    person_id BIGINT UNSIGNED NULL,
    actor     VARCHAR(128)    NOT NULL,
    ticket_id BIGINT UNSIGNED NULL,
    why       VARCHAR(255)    NOT NULL,
    PRIMARY KEY (host_id, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
