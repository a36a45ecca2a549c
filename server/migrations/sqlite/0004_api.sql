create table api_key (
    id text primary key,
    name text not null,
    digest blob not null,
    scopes text not null,
    targets text not null,
    system text,
    created_at integer not null,
    revoked_at integer,
    used_at integer
) strict, without rowid;

-- Where a system heard of a choice, beside the ledger's entry of that position. No foreign key: it
-- would refuse a truncation of the ledger before the trigger does, in other words.
create table origin (
    position integer primary key,
    api_key text not null references api_key (id),
    detail text,
    evidence text,
    told_at integer not null
) strict;

-- What a client was answered, so that a request sent twice is answered once.
create table idempotency (
    api_key text not null references api_key (id),
    name text not null,
    request blob not null,
    status integer,
    answer blob,
    created_at integer not null,
    primary key (api_key, name)
) strict;

create index idempotency_age on idempotency (created_at);

-- Into whom a person was merged: who is still here as the one, chooses for the other.
alter table person add column merged_into blob references person (id);
-- When a person was erased; hashes stay, so that nobody comes back unprotected.
alter table person add column erased_at integer;

-- A system's own list of its audience, checked against what people chose.
create table reconciliation (
    id blob primary key,
    system text not null,
    target text,
    api_key text,
    lines integer not null default 0,
    unreadable integer not null default 0,
    strangers integer not null default 0,
    broken integer not null default 0,
    started_at integer not null,
    finished_at integer
) strict;

-- Somebody on such a list who had said no: a broken promise, with its evidence.
create table incident (
    reconciliation_id blob not null references reconciliation (id),
    line integer not null,
    person_id blob not null references person (id),
    target text not null,
    reason text not null,
    position integer not null,
    since integer not null,
    delivery text,
    sent_at integer,
    acknowledged_at integer,
    primary key (reconciliation_id, line)
) strict;

create index incident_person on incident (person_id);
