-- A delivery's turn in its system's feed: told again, it comes again behind all that was handed out.
alter table ledger_head add column turn integer not null default 0;

update ledger_head set turn = position;

alter table delivery add column turn integer not null default 0;

update delivery set turn = position;

drop index delivery_feed;

create index delivery_feed on delivery (system, turn);

-- What each system serves, as far as it was told of the choices that were in force before it did.
create table newcomer (
    system text primary key,
    serves text not null,
    reached integer not null,
    started_at integer not null,
    finished_at integer
) strict, without rowid;
