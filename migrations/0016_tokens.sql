-- What a token may, on which service groups, until when, and from where it was used last. may: words, separated by commas.
-- service_groups: their numbers, separated by commas; NULL: all. made_by: the token that made it over the API; it goes with that one.
-- What was made before may what it could until now; those of persons last as long as new ones.
ALTER TABLE api_token
    ADD COLUMN may            VARCHAR(100)    NOT NULL DEFAULT 'read,file,decide,steer,account,admin',
    ADD COLUMN service_groups VARCHAR(2000)   NULL,
    ADD COLUMN expires_at     DATETIME(3)     NULL,
    ADD COLUMN last_used_from VARCHAR(45)     NULL,
    ADD COLUMN made_by        BIGINT UNSIGNED NULL,
    ADD KEY idx_api_token_person (person_id),
    ADD KEY idx_api_token_made_by (made_by);
ALTER TABLE api_token ALTER COLUMN may DROP DEFAULT;
UPDATE api_token SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 90 DAY WHERE kind = 'person';
