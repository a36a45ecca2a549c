-- Counts what changed about people, as positions count choices: whoever keeps a copy asks for
-- what is newer than it has seen.
alter table person add column revision bigint not null default 0;

create index person_revision on person (revision);

alter table ledger_head add column revision bigint not null default 0;
