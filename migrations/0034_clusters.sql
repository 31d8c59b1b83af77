-- Groups that are built: what they take, which ticket builds them, and drafts of requests.

-- Where a group stands in its life, beside its spec. 'gone': it was asked for and not built; its name is free again, and its row stays for its tickets.
ALTER TABLE service_group
    ADD COLUMN stage VARCHAR(16) NOT NULL DEFAULT 'in_service',
    ADD KEY idx_service_group_stage (stage);

-- What one group alone can have, as text: 'port HOST:PORT', 'address IP', 'name DNS-NAME', 'group NAME'.
CREATE TABLE group_place (
    place            VARCHAR(340)    NOT NULL,
    service_group_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (place, service_group_id),
    KEY idx_group_place_group (service_group_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT IGNORE INTO group_place (place, service_group_id)
SELECT CONCAT('group ', name), id FROM service_group;

INSERT IGNORE INTO group_place (place, service_group_id)
SELECT CONCAT('port ', host, ':', port), service_group_id FROM instance;

INSERT IGNORE INTO group_place (place, service_group_id)
SELECT CONCAT('port ', one.host, ':', one.write_port), g.id
FROM service_group g,
     JSON_TABLE(g.spec, '$.proxy[*]' COLUMNS (host VARCHAR(255) PATH '$.host', write_port INT PATH '$.write_port')) one
WHERE one.host IS NOT NULL AND one.write_port IS NOT NULL;

INSERT IGNORE INTO group_place (place, service_group_id)
SELECT CONCAT('port ', one.host, ':', one.read_port), g.id
FROM service_group g,
     JSON_TABLE(g.spec, '$.proxy[*]' COLUMNS (host VARCHAR(255) PATH '$.host', read_port INT PATH '$.read_port')) one
WHERE one.host IS NOT NULL AND one.read_port IS NOT NULL;

INSERT IGNORE INTO group_place (place, service_group_id)
SELECT CONCAT('address ', one.address), g.id
FROM service_group g, JSON_TABLE(g.spec, '$.vip[*]' COLUMNS (address VARCHAR(64) PATH '$.address')) one
WHERE one.address IS NOT NULL;

INSERT IGNORE INTO group_place (place, service_group_id)
SELECT CONCAT('name ', one.name), g.id
FROM service_group g, JSON_TABLE(g.spec, '$.name_in_dns[*]' COLUMNS (name VARCHAR(253) PATH '$.name')) one
WHERE one.name IS NOT NULL;

-- Its one row is locked by whoever files a cluster, from the look at what is taken until that is taken.
CREATE TABLE cluster_filing (
    id TINYINT UNSIGNED NOT NULL PRIMARY KEY
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT INTO cluster_filing (id) VALUES (1);

-- Which ticket builds a group, and the account (JSON) that is asked for once it has; wants_account: not yet.
CREATE TABLE cluster_build (
    service_group_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    ticket_id        BIGINT UNSIGNED NOT NULL,
    account          TEXT            NULL,
    wants_account    TINYINT         NOT NULL DEFAULT 0,
    KEY idx_cluster_build_ticket (ticket_id),
    KEY idx_cluster_build_wants (wants_account)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
