-- Cases that somebody must answer (11 CCR 7101(b)). A closed one lacks nothing.
create table request (
    id uuid primary key,
    reference text not null unique,
    received_at bigint not null,
    manner text not null,
    nature text not null,
    language text not null,
    state text not null check (state in ('open', 'closed')),
    due_at bigint not null,
    person_id uuid references person (id),
    sealed bytea,
    responded_at bigint,
    response text,
    denial_basis text,
    check (state = 'open' or (responded_at is not null and response is not null)),
    check (response is null or response not in ('denied', 'partly') or denial_basis is not null)
);

create index request_waiting on request (due_at) where state = 'open';

create index request_ended on request (responded_at) where state = 'closed';

-- What came in by mail and text, so that what comes twice counts once.
create table arrival (
    digest bytea primary key,
    door text not null,
    outcome text not null,
    arrived_at bigint not null
);

create index arrival_age on arrival (arrived_at);
