-- A request for a cluster while somebody fills it in. id: drawn, and known to him alone.
CREATE TABLE cluster_draft (
    id         CHAR(22)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    person_id  BIGINT UNSIGNED NOT NULL,
    version    BIGINT UNSIGNED NOT NULL DEFAULT 1,
    draft      MEDIUMTEXT      NOT NULL,
    expires_at DATETIME(3)     NOT NULL,
    KEY idx_cluster_draft_person (person_id),
    KEY idx_cluster_draft_expires (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
