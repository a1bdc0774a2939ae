-- Money is whole micro-dollars, times are whole microseconds of UTC.

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
    manager_role INTEGER
) STRICT;

CREATE TABLE limit_rule (
    scope TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
    rule TEXT NOT NULL CHECK (rule IN ('amount', 'unlimited', 'blocked')),
    amount INTEGER CHECK (amount >= 0),
    PRIMARY KEY (scope, period),
    CHECK ((rule = 'amount') = (amount IS NOT NULL))
) STRICT, WITHOUT ROWID;

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

-- What limits are compared with; it can be computed from calls and entries at any time.
CREATE TABLE balance (
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    held INTEGER NOT NULL CHECK (held >= 0),
    used INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (scope, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    person_id TEXT NOT NULL REFERENCES person (id),
    server_id INTEGER,                        -- NULL outside servers
    channel_id INTEGER NOT NULL,
    order_json TEXT NOT NULL,
    frames TEXT NOT NULL,                     -- JSON [[scope, period], ...]: see below
    unit_price INTEGER NOT NULL CHECK (unit_price > 0),
    created_at INTEGER NOT NULL,
    application_id INTEGER,
    token TEXT,                               -- NULL once it died
    token_expires_at INTEGER,
    CHECK ((token IS NULL) = (token_expires_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX job_person ON job (person_id, created_at);
CREATE INDEX job_token ON job (token_expires_at) WHERE token_expires_at IS NOT NULL;

-- The balances a job counts in stay those of its admission, whatever day it is settled.
CREATE TRIGGER job_frames_are_frozen BEFORE UPDATE OF frames ON job
BEGIN SELECT RAISE(ABORT, 'the periods of a job are frozen'); END;

CREATE TABLE call (
    id TEXT PRIMARY KEY,
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
) STRICT, WITHOUT ROWID;

CREATE INDEX call_open ON call (person_id, state, job_id) WHERE resolved_at IS NULL;
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
) STRICT, WITHOUT ROWID;

CREATE INDEX picture_call ON picture (call_id);
CREATE INDEX picture_spooled ON picture (job_id) WHERE state = 'spooled';

-- Orders parked behind a button.
CREATE TABLE offer (
    id TEXT PRIMARY KEY,
    order_json TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The most the gateway took for one picture; `size` is empty for models without sizes.
CREATE TABLE learned_price (
    model TEXT NOT NULL,
    size TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    at INTEGER NOT NULL,
    PRIMARY KEY (model, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
