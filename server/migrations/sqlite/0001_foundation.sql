create table notice (
    number integer primary key,
    hash blob not null unique,
    source text not null,
    published_at integer not null
) strict;

create table person (
    id blob primary key,
    name blob,
    language text,
    region text,
    birth_year integer,
    link_epoch integer not null default 0,
    created_at integer not null
) strict, without rowid;

create table identifier (
    digest blob not null,
    person_id blob not null references person (id),
    kind text not null,
    key_id integer not null,
    cipher blob,
    created_at integer not null,
    primary key (digest, person_id)
) strict, without rowid;

create index identifier_person on identifier (person_id);

create table link (
    digest blob primary key,
    person_id blob not null references person (id),
    epoch integer not null,
    retired_at integer
) strict, without rowid;

create index link_person on link (person_id);

create table choice (
    position integer primary key,
    person_id blob not null references person (id),
    target text not null,
    act text not null,
    number integer not null,
    source text not null,
    actor text not null,
    notice integer not null references notice (number),
    language text not null,
    at integer not null,
    reference text not null,
    hash blob not null
) strict;

create index choice_person on choice (person_id, position);

create trigger choice_is_never_updated before update on choice
begin
    select raise(abort, 'the ledger is append-only');
end;

create trigger choice_is_never_deleted before delete on choice
begin
    select raise(abort, 'the ledger is append-only');
end;

-- "insert or replace" would take an entry away without asking the trigger above.
create trigger choice_is_never_replaced before insert on choice
when new.position <= (select max(position) from choice)
begin
    select raise(abort, 'the ledger is append-only');
end;

create table ledger_head (
    id integer primary key check (id = 1),
    position integer not null,
    hash blob not null
) strict;

insert into ledger_head (id, position, hash) values (1, 0, zeroblob(32));

create table session (
    digest blob primary key,
    data blob not null,
    expires_at integer not null
) strict, without rowid;

create index session_expiry on session (expires_at);

create table code (
    id blob primary key,
    person_id blob references person (id),
    contact_digest blob not null,
    digest blob not null,
    tries integer not null default 0,
    created_at integer not null,
    used_at integer
) strict, without rowid;

create index code_contact on code (contact_digest, created_at);

create table import_progress (
    file_hash blob primary key,
    rows_done integer not null,
    finished_at integer
) strict, without rowid;
