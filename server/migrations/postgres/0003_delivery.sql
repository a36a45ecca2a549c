create table delivery (
    id uuid primary key,
    position bigint not null,
    system text not null,
    state text not null check (state in ('queued', 'sent', 'acknowledged', 'failed')),
    attempts bigint not null default 0,
    next_at bigint not null,
    due_at bigint not null,
    created_at bigint not null,
    sent_at bigint,
    acknowledged_at bigint,
    failure text,
    contact bytea,
    unique (position, system)
);

create index delivery_waiting on delivery (system, next_at) where state = 'queued';

create index delivery_open on delivery (due_at) where state <> 'acknowledged';

create index delivery_confirmed on delivery (system, acknowledged_at)
    where acknowledged_at is not null;

create table system_state (
    system text primary key,
    disabled_at bigint,
    secret bytea,
    previous_secret bytea,
    rotated_at bigint,
    escalated_at bigint,
    median_minutes bigint,
    slowest_minutes bigint,
    measured_at bigint
);
