create table notice (
    number bigint primary key,
    hash bytea not null unique,
    source text not null,
    published_at bigint not null
);

create table person (
    id uuid primary key,
    name bytea,
    language text,
    region text,
    birth_year bigint,
    link_epoch bigint not null default 0,
    created_at bigint not null
);

create table identifier (
    digest bytea not null,
    person_id uuid not null references person (id),
    kind text not null,
    key_id bigint not null,
    cipher bytea,
    created_at bigint not null,
    primary key (digest, person_id)
);

create index identifier_person on identifier (person_id);

create table link (
    digest bytea primary key,
    person_id uuid not null references person (id),
    epoch bigint not null,
    retired_at bigint
);

create index link_person on link (person_id);

create table choice (
    position bigint primary key,
    person_id uuid not null references person (id),
    target text not null,
    act text not null,
    number bigint not null,
    source text not null,
    actor text not null,
    notice bigint not null references notice (number),
    language text not null,
    at bigint not null,
    reference text not null,
    hash bytea not null
);

create index choice_person on choice (person_id, position);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only';
end
$$;

create trigger choice_is_never_changed before update or delete on choice
    for each row execute function refuse_change();

create trigger choice_is_never_truncated before truncate on choice
    for each statement execute function refuse_change();

create table ledger_head (
    id bigint primary key check (id = 1),
    position bigint not null,
    hash bytea not null
);

insert into ledger_head (id, position, hash) values (1, 0, decode(repeat('00', 32), 'hex'));

create table session (
    digest bytea primary key,
    data bytea not null,
    expires_at bigint not null
);

create index session_expiry on session (expires_at);

create table code (
    id uuid primary key,
    person_id uuid references person (id),
    contact_digest bytea not null,
    digest bytea not null,
    tries bigint not null default 0,
    created_at bigint not null,
    used_at bigint
);

create index code_contact on code (contact_digest, created_at);

create table import_progress (
    file_hash bytea primary key,
    rows_done bigint not null,
    finished_at bigint
);
