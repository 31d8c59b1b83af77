-- Who approves, and who sees: the steps that policy asked for, the approvals that were given, people who stand in for others.

-- team: of the requester when it was filed. Its people see the ticket.
ALTER TABLE ticket
    ADD COLUMN team VARCHAR(64) NULL AFTER requester_id,
    ADD KEY idx_ticket_team (team, id);

UPDATE ticket JOIN person ON person.id = ticket.requester_id SET ticket.team = person.team;

-- The group of approvers who are the DBAs of a service group; NULL: every DBA.
ALTER TABLE service_group
    ADD COLUMN dbas VARCHAR(64) NULL AFTER team;

-- One row for each step of a revision, from 0: so many people of a group of approvers, by this rule of policy. A revision without steps
-- was filed before there were any: one of the DBAs.
CREATE TABLE ticket_step (
    ticket_id BIGINT UNSIGNED  NOT NULL,
    revision  INT UNSIGNED     NOT NULL,
    step      TINYINT UNSIGNED NOT NULL,
    approvers VARCHAR(64)      NOT NULL,
    needs     TINYINT UNSIGNED NOT NULL,
    rule      VARCHAR(64)      NULL,
    PRIMARY KEY (ticket_id, revision, step),
    KEY idx_ticket_step_approvers (approvers, ticket_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Approvals that count: one for a person, on the bytes with this hash. Those that lapsed or were not used are removed; entry and audit
-- keep that they were given. emergency_id: given without the others, in an emergency.
CREATE TABLE approval (
    ticket_id    BIGINT UNSIGNED  NOT NULL,
    revision     INT UNSIGNED     NOT NULL,
    person_id    BIGINT UNSIGNED  NOT NULL,
    stood_in_for BIGINT UNSIGNED  NULL,
    step         TINYINT UNSIGNED NOT NULL,
    sql_hash     CHAR(64)         NOT NULL,
    emergency_id BIGINT UNSIGNED  NULL,
    at           DATETIME(3)      NOT NULL,
    PRIMARY KEY (ticket_id, revision, person_id),
    KEY idx_approval_age (at),
    KEY idx_approval_emergency (emergency_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Somebody stands in for somebody who is away.
CREATE TABLE delegation (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    person_id  BIGINT UNSIGNED NOT NULL,
    to_id      BIGINT UNSIGNED NOT NULL,
    from_at    DATETIME(3)     NOT NULL,
    until_at   DATETIME(3)     NOT NULL,
    reason     VARCHAR(500)    NOT NULL,
    created_by BIGINT UNSIGNED NOT NULL,
    created_at DATETIME(3)     NOT NULL,
    ended_at   DATETIME(3)     NULL,
    KEY idx_delegation_to (to_id, until_at),
    KEY idx_delegation_person (person_id, until_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A DBA acts without approval on one service group for a while, loudly; somebody else looks at it afterwards.
CREATE TABLE emergency (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    service_group_id BIGINT UNSIGNED NOT NULL,
    person_id        BIGINT UNSIGNED NOT NULL,
    reason           VARCHAR(1000)   NOT NULL,
    from_at          DATETIME(3)     NOT NULL,
    until_at         DATETIME(3)     NOT NULL,
    ended_at         DATETIME(3)     NULL,
    reviewed_by      BIGINT UNSIGNED NULL,
    reviewed_at      DATETIME(3)     NULL,
    review           VARCHAR(1000)   NULL,
    KEY idx_emergency_person (person_id, service_group_id, until_at),
    KEY idx_emergency_open (reviewed_at, until_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- When those who can act are reminded of a ticket that waits for them, and how often they were. NULL: nobody has seen to it since it
-- moved.
ALTER TABLE ticket
    ADD COLUMN remind_at DATETIME(3)      NULL,
    ADD COLUMN reminders TINYINT UNSIGNED NOT NULL DEFAULT 0,
    ADD KEY idx_ticket_remind (state, remind_at);
