-- Money is whole micro-dollars, times are whole microseconds of UTC. Tables that grow with every
-- order keep their rows in the order of arrival: a random key would touch a page a row.

CREATE TABLE person (
    id TEXT PRIMARY KEY,
    discord_id INTEGER UNIQUE,                -- NULL once erased
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE server (
    id INTEGER PRIMARY KEY,
    time_zone TEXT,
    default_model TEXT,
    person_generation TEXT,
    add_watermark INTEGER CHECK (add_watermark IN (0, 1)),
    show_price INTEGER NOT NULL DEFAULT 1 CHECK (show_price IN (0, 1)),
    manager_role INTEGER,
    budget_channel INTEGER                    -- where alerts and requests for more go
) STRICT;

CREATE TABLE limit_rule (
    server TEXT NOT NULL,                     -- the scope's; empty for the operator's
    scope TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
    rule TEXT NOT NULL CHECK (rule IN ('amount', 'unlimited', 'blocked')),
    amount INTEGER CHECK (amount >= 0),
    PRIMARY KEY (scope, period),
    CHECK ((rule = 'amount') = (amount IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX limit_rule_server ON limit_rule (server);

-- A team, whose members share its limits, or (with a channel and an end) an event.
CREATE TABLE pool (
    id TEXT PRIMARY KEY,
    server_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    channel_id INTEGER,
    ends_at INTEGER,
    closed_at INTEGER,
    CHECK ((channel_id IS NULL) = (ends_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX pool_name ON pool (server_id, name) WHERE closed_at IS NULL;

-- In at most one team a server, by the key.
CREATE TABLE pool_member (
    server_id INTEGER NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    pool_id TEXT NOT NULL REFERENCES pool (id),
    PRIMARY KEY (server_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX pool_member_pool ON pool_member (pool_id);

-- What raises a person's own limit, in every kind of period, until it expires.
CREATE TABLE allowance_grant (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    server_id INTEGER NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX allowance_grant_person ON allowance_grant (server_id, person_id, expires_at);

-- A number that never comes twice marks one state of the rules, so that they can be kept in memory.
CREATE TABLE rule_version (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO rule_version VALUES (1, random());

CREATE TRIGGER limit_rule_insert_is_a_new_version AFTER INSERT ON limit_rule
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER limit_rule_update_is_a_new_version AFTER UPDATE ON limit_rule
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER limit_rule_delete_is_a_new_version AFTER DELETE ON limit_rule
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER pool_insert_is_a_new_version AFTER INSERT ON pool
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER pool_update_is_a_new_version AFTER UPDATE ON pool
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER pool_delete_is_a_new_version AFTER DELETE ON pool
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER server_insert_is_a_new_version AFTER INSERT ON server
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER server_update_is_a_new_version AFTER UPDATE ON server
BEGIN UPDATE rule_version SET version = random(); END;
CREATE TRIGGER server_delete_is_a_new_version AFTER DELETE ON server
BEGIN UPDATE rule_version SET version = random(); END;

-- Who changed which limit or setting.
CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL REFERENCES person (id),
    what TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- What limits are compared with, by local day; weeks, months and totals are sums over days. It can be
-- computed from calls and entries at any time.
CREATE TABLE balance (
    scope TEXT NOT NULL,
    day TEXT NOT NULL,
    held INTEGER NOT NULL CHECK (held >= 0),
    used INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (scope, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    person_id TEXT NOT NULL REFERENCES person (id),
    server_id INTEGER,                        -- NULL outside servers
    channel_id INTEGER NOT NULL,
    order_json TEXT NOT NULL,
    frames TEXT NOT NULL,                     -- JSON [[scope, day], ...]: see below
    unit_price INTEGER NOT NULL CHECK (unit_price > 0),
    created_at INTEGER NOT NULL,
    application_id INTEGER,
    token TEXT,                               -- NULL once it died
    token_expires_at INTEGER,
    told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),  -- whether its person knows how it ended
    CHECK ((token IS NULL) = (token_expires_at IS NULL))
) STRICT;

CREATE INDEX job_person ON job (person_id, created_at);
CREATE INDEX job_untold ON job (created_at) WHERE told = 0;
CREATE INDEX job_token ON job (token_expires_at) WHERE token_expires_at IS NOT NULL;

-- The balances a job counts in stay those of its admission, whatever day it is settled.
CREATE TRIGGER job_frames_are_frozen BEFORE UPDATE OF frames ON job
BEGIN SELECT RAISE(ABORT, 'the days of a job are frozen'); END;

CREATE TABLE call (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES job (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    images INTEGER NOT NULL CHECK (images >= 1),
    hold INTEGER NOT NULL CHECK (hold > 0),
    state TEXT NOT NULL CHECK (state IN ('held', 'sent', 'unknown', 'settled', 'released')),
    charged INTEGER NOT NULL DEFAULT 0,
    refunded INTEGER NOT NULL DEFAULT 0,
    billed INTEGER CHECK (billed >= 0),       -- NULL until a bill was known or assumed
    estimated INTEGER NOT NULL DEFAULT 0 CHECK (estimated IN (0, 1)),
    failure TEXT,
    detail TEXT NOT NULL DEFAULT '',
    sent_at INTEGER,
    doubted_at INTEGER,
    resolved_at INTEGER,
    UNIQUE (job_id, number),
    CHECK (0 <= refunded AND refunded <= charged AND charged <= hold),
    CHECK (charged = 0 OR state = 'settled'),
    CHECK ((state IN ('settled', 'released')) = (resolved_at IS NOT NULL)),
    CHECK (state <> 'settled' OR (sent_at IS NOT NULL AND billed IS NOT NULL)),
    CHECK (state NOT IN ('sent', 'unknown') OR sent_at IS NOT NULL),
    CHECK (state <> 'unknown' OR doubted_at IS NOT NULL),
    CHECK (state NOT IN ('unknown', 'released') OR failure IS NOT NULL)
) STRICT;

CREATE INDEX call_open ON call (person_id, job_id, state) WHERE resolved_at IS NULL;
CREATE INDEX call_unknown ON call (doubted_at, hold) WHERE state = 'unknown';

CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    call_id TEXT NOT NULL REFERENCES call (id),
    kind TEXT NOT NULL CHECK (kind IN ('settled', 'released', 'billed late', 'refunded')),
    person_id TEXT NOT NULL REFERENCES person (id),
    person_micros INTEGER NOT NULL,
    operator_micros INTEGER NOT NULL,
    gateway_micros INTEGER NOT NULL,
    exposure_micros INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    CHECK (person_micros + operator_micros = gateway_micros)
) STRICT;

CREATE INDEX entry_call ON entry (call_id);
CREATE INDEX entry_exposed ON entry (at) WHERE exposure_micros > 0;
CREATE UNIQUE INDEX entry_resolves_once ON entry (call_id) WHERE kind IN ('settled', 'released');

CREATE TRIGGER entry_is_not_updated BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER change_is_not_updated BEFORE UPDATE ON change
BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END;
CREATE TRIGGER change_is_not_deleted BEFORE DELETE ON change
BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END;

CREATE TABLE picture (
    job_id TEXT NOT NULL REFERENCES job (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    call_id TEXT NOT NULL REFERENCES call (id),
    share INTEGER NOT NULL CHECK (share >= 0), -- its part of the charge; what a refund gives back
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('spooled', 'delivered', 'refunded')),
    channel_id INTEGER,
    message_id INTEGER,
    PRIMARY KEY (job_id, number),
    CHECK ((channel_id IS NULL) = (message_id IS NULL)),
    CHECK (state <> 'delivered' OR message_id IS NOT NULL)
) STRICT;

CREATE INDEX picture_call ON picture (call_id);
CREATE INDEX picture_spooled ON picture (job_id) WHERE state = 'spooled';

-- Orders parked behind a button.
CREATE TABLE offer (
    id TEXT PRIMARY KEY,
    order_json TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A person's wish for more than a limit allows, and the order that waits for it.
CREATE TABLE ask (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    parent_id INTEGER,
    person_id TEXT NOT NULL REFERENCES person (id),
    roles TEXT NOT NULL,                      -- JSON [id, ...]
    order_json TEXT NOT NULL,
    scope TEXT NOT NULL,                      -- the limit in the way
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
    needed INTEGER NOT NULL CHECK (needed > 0),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'raised', 'declined')),
    message_id INTEGER,                       -- NULL until managers can read it
    decided_by TEXT REFERENCES person (id),
    decided_at INTEGER,
    raised_to INTEGER,
    answer TEXT,                              -- what the manager said
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'raised') = (raised_to IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX ask_open ON ask (person_id, server_id) WHERE state = 'open';

-- A shared limit that was used up to a mark: told once, unless the limit changes.
CREATE TABLE alert (
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    first TEXT NOT NULL,
    amount INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (scope, period, first, amount, percent)
) STRICT, WITHOUT ROWID;

-- Orders that were not admitted; a person who never had an order here has no reference yet.
CREATE TABLE refusal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    server_id INTEGER,
    person_id TEXT REFERENCES person (id),
    problem TEXT NOT NULL,
    scope TEXT,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX refusal_scope ON refusal (scope, at) WHERE scope IS NOT NULL;

-- What the gateway took for one picture, above a quote or since; `size` is empty for models without.
CREATE TABLE learned_price (
    model TEXT NOT NULL,
    size TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    at INTEGER NOT NULL,
    PRIMARY KEY (model, size, price)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
