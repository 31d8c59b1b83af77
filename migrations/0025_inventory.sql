-- What each server of a group is used for, and every version that a group had.

ALTER TABLE instance
    ADD COLUMN weight TINYINT UNSIGNED NULL,
    ADD COLUMN state  VARCHAR(16)      NOT NULL DEFAULT 'in_service';

-- One row a version of a service group, whole. person_id: who changed it, where a person did; actor: what to call him else.
CREATE TABLE group_history (
    service_group_id BIGINT UNSIGNED NOT NULL,
    version          BIGINT UNSIGNED NOT NULL,
    spec             MEDIUMTEXT      NOT NULL,
    at               DATETIME(3)     NOT NULL,
    person_id        BIGINT UNSIGNED NULL,
    actor            VARCHAR(128)    NOT NULL,
    ticket_id        BIGINT UNSIGNED NULL,
    why              VARCHAR(255)    NOT NULL,
    PRIMARY KEY (service_group_id, version),
    KEY idx_group_history_at (service_group_id, at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT INTO group_history (service_group_id, version, spec, at, actor, why)
SELECT id, version, spec, updated_at, 'desk', 'as it was when its history began' FROM service_group;

-- In what a group's servers differ from the inventory (differences, JSON), and when that was found (looked_at). They are looked at again at
-- next_look_at; whoever looks moves that first, so that several controls share the work.
CREATE TABLE group_look (
    service_group_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    next_look_at     DATETIME(3)     NOT NULL,
    looked_at        DATETIME(3)     NULL,
    differences      MEDIUMTEXT      NULL,
    differs          TINYINT         NOT NULL DEFAULT 0,
    notice_id        BIGINT UNSIGNED NULL,
    ticket_id        BIGINT UNSIGNED NULL,
    KEY idx_group_look_next (next_look_at),
    KEY idx_group_look_differs (differs, service_group_id),
    KEY idx_group_look_notice (notice_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT INTO group_look (service_group_id, next_look_at) SELECT id, updated_at FROM service_group;

-- Every end of a group's name, so that what is typed is found within names by a range of an index.
CREATE TABLE group_suffix (
    suffix           VARCHAR(32)     NOT NULL,
    service_group_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (suffix, service_group_id),
    KEY idx_group_suffix_group (service_group_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT IGNORE INTO group_suffix (suffix, service_group_id)
SELECT SUBSTRING(g.name, 1 + a.n + 8 * b.n), g.id
FROM service_group g
JOIN (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7) a
JOIN (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3) b
WHERE 1 + a.n + 8 * b.n <= CHAR_LENGTH(g.name);
