-- Cases that somebody must answer (11 CCR 7101(b)). A closed one lacks nothing.
create table request (
    id blob primary key,
    reference text not null unique,
    received_at integer not null,
    manner text not null,
    nature text not null,
    language text not null,
    state text not null check (state in ('open', 'closed')),
    due_at integer not null,
    person_id blob references person (id),
    sealed blob,
    responded_at integer,
    response text,
    denial_basis text,
    check (state = 'open' or (responded_at is not null and response is not null)),
    check (response is null or response not in ('denied', 'partly') or denial_basis is not null)
) strict, without rowid;

create index request_waiting on request (due_at) where state = 'open';

create index request_ended on request (responded_at) where state = 'closed';

-- What came in by mail and text, so that what comes twice counts once.
create table arrival (
    digest blob primary key,
    door text not null,
    outcome text not null,
    arrived_at integer not null
) strict, without rowid;

create index arrival_age on arrival (arrived_at);
