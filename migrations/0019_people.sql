-- People in chat: what the desk says there that is no ticket, links of Discord users, and what was decided in an emergency.

-- The Discord user whom an admin unlinked from him: the configuration does not link that one again.
ALTER TABLE person
    ADD COLUMN unlinked_discord_id VARCHAR(20) NULL;

-- channel: 'admins' or 'alerts'. content: JSON. It is behind in chat while told_version is less than version. settled_at: its buttons
-- are gone, and one that is pressed late is told so.
CREATE TABLE notice (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    channel      VARCHAR(16)     NOT NULL,
    lang         VARCHAR(8)      NOT NULL,
    content      MEDIUMTEXT      NOT NULL,
    version      BIGINT UNSIGNED NOT NULL DEFAULT 1,
    told_version BIGINT UNSIGNED NOT NULL DEFAULT 0,
    behind       TINYINT         AS (told_version < version) STORED,
    channel_id   VARCHAR(20)     NULL,
    message_id   VARCHAR(20)     NULL,
    created_at   DATETIME(3)     NOT NULL,
    updated_at   DATETIME(3)     NOT NULL,
    settled_at   DATETIME(3)     NULL,
    KEY idx_notice_behind (behind, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- button: 16 random bytes in base64url, the opaque name of one thing that may be done to one notice.
CREATE TABLE notice_button (
    button    VARCHAR(32)     NOT NULL PRIMARY KEY,
    notice_id BIGINT UNSIGNED NOT NULL,
    verb      VARCHAR(16)     NOT NULL,
    KEY idx_notice_button_notice (notice_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A Discord user says which person of the desk he is; an admin confirms it or does not. open_discord_id: the same while nobody has
-- decided, so that each has one open request. outcome: 'confirmed', 'refused', 'replaced', 'lapsed'.
CREATE TABLE link_request (
    id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    discord_id      VARCHAR(20)     NOT NULL,
    name            VARCHAR(64)     NOT NULL,
    notice_id       BIGINT UNSIGNED NOT NULL,
    asked_at        DATETIME(3)     NOT NULL,
    lapses_at       DATETIME(3)     NOT NULL,
    open_discord_id VARCHAR(20)     NULL,
    outcome         VARCHAR(16)     NULL,
    settled_by      BIGINT UNSIGNED NULL,
    settled_at      DATETIME(3)     NULL,
    UNIQUE KEY uniq_link_request_open (open_discord_id),
    UNIQUE KEY uniq_link_request_notice (notice_id),
    KEY idx_link_request_lapses (settled_at, lapses_at),
    KEY idx_link_request_discord (discord_id, asked_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- end_told_at: the alert says that it has ended. remind_at: when somebody is asked again to look at it.
ALTER TABLE emergency
    ADD COLUMN notice_id   BIGINT UNSIGNED NULL,
    ADD COLUMN end_told_at DATETIME(3)     NULL,
    ADD COLUMN remind_at   DATETIME(3)     NULL,
    ADD KEY idx_emergency_told (end_told_at, until_at),
    ADD KEY idx_emergency_remind (reviewed_at, remind_at);

-- What was decided on in an emergency, by whichever verb.
CREATE TABLE emergency_ticket (
    emergency_id BIGINT UNSIGNED NOT NULL,
    ticket_id    BIGINT UNSIGNED NOT NULL,
    at           DATETIME(3)     NOT NULL,
    PRIMARY KEY (emergency_id, ticket_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT INTO emergency_ticket (emergency_id, ticket_id, at)
SELECT emergency_id, ticket_id, MIN(at) FROM approval WHERE emergency_id IS NOT NULL GROUP BY emergency_id, ticket_id;
