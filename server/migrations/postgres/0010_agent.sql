create table agent_token (
    digest bytea primary key,
    agent text not null,
    message bytea not null unique,
    created_at bigint not null
);

create table agent_request (
    id uuid primary key,
    agent text not null,
    agent_request_id text,
    message bytea not null,
    exercise text not null,
    regime text,
    status text not null check (
        status in ('open', 'in_progress', 'fulfilled', 'revoked', 'denied', 'expired')),
    reason text,
    details text,
    choices text not null,
    received_at bigint not null,
    expected_by bigint,
    callback text,
    callback_at bigint,
    callback_tries bigint not null default 0,
    unique (agent, message)
);

create index agent_request_open on agent_request (id)
    where status in ('open', 'in_progress');

create index agent_request_callback on agent_request (callback_at) where callback_at is not null;
