create table delivery (
    id blob primary key,
    position integer not null,
    system text not null,
    state text not null check (state in ('queued', 'sent', 'acknowledged', 'failed')),
    attempts integer not null default 0,
    next_at integer not null,
    due_at integer not null,
    created_at integer not null,
    sent_at integer,
    acknowledged_at integer,
    failure text,
    contact blob,
    unique (position, system)
) strict, without rowid;

create index delivery_waiting on delivery (system, next_at) where state = 'queued';

create index delivery_open on delivery (due_at) where state <> 'acknowledged';

create index delivery_confirmed on delivery (system, acknowledged_at)
    where acknowledged_at is not null;

create table system_state (
    system text primary key,
    disabled_at integer,
    secret blob,
    previous_secret blob,
    rotated_at integer,
    escalated_at integer,
    median_minutes integer,
    slowest_minutes integer,
    measured_at integer
) strict, without rowid;
