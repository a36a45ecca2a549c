create table api_key (
    id text primary key,
    name text not null,
    digest bytea not null,
    scopes text not null,
    targets text not null,
    system text,
    created_at bigint not null,
    revoked_at bigint,
    used_at bigint
);

-- Where a system heard of a choice, beside the ledger's entry of that position. No foreign key: it
-- would refuse a truncation of the ledger before the trigger does, in other words.
create table origin (
    position bigint primary key,
    api_key text not null references api_key (id),
    detail text,
    evidence text,
    told_at bigint not null
);

-- What a client was answered, so that a request sent twice is answered once.
create table idempotency (
    api_key text not null references api_key (id),
    name text not null,
    request bytea not null,
    status bigint,
    answer bytea,
    created_at bigint not null,
    primary key (api_key, name)
);

create index idempotency_age on idempotency (created_at);

-- Into whom a person was merged: who is still here as the one, chooses for the other.
alter table person add column merged_into uuid references person (id);
-- When a person was erased; hashes stay, so that nobody comes back unprotected.
alter table person add column erased_at bigint;

-- A system's own list of its audience, checked against what people chose.
create table reconciliation (
    id uuid primary key,
    system text not null,
    target text,
    api_key text,
    lines bigint not null default 0,
    unreadable bigint not null default 0,
    strangers bigint not null default 0,
    broken bigint not null default 0,
    started_at bigint not null,
    finished_at bigint
);

-- Somebody on such a list who had said no: a broken promise, with its evidence.
create table incident (
    reconciliation_id uuid not null references reconciliation (id),
    line bigint not null,
    person_id uuid not null references person (id),
    target text not null,
    reason text not null,
    position bigint not null,
    since bigint not null,
    delivery text,
    sent_at bigint,
    acknowledged_at bigint,
    primary key (reconciliation_id, line)
);

create index incident_person on incident (person_id);
