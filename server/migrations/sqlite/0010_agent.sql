create table agent_token (
    digest blob primary key,
    agent text not null,
    message blob not null unique,
    created_at integer not null
) strict, without rowid;

create table agent_request (
    id blob primary key,
    agent text not null,
    agent_request_id text,
    message blob not null,
    exercise text not null,
    regime text,
    status text not null check (
        status in ('open', 'in_progress', 'fulfilled', 'revoked', 'denied', 'expired')),
    reason text,
    details text,
    choices text not null,
    received_at integer not null,
    expected_by integer,
    callback text,
    callback_at integer,
    callback_tries integer not null default 0,
    unique (agent, message)
) strict, without rowid;

create index agent_request_open on agent_request (id)
    where status in ('open', 'in_progress');

create index agent_request_callback on agent_request (callback_at) where callback_at is not null;
