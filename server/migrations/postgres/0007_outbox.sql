-- When mail to an address last came back for good; none: it arrives, as far as is known.
alter table identifier add column bounced_at bigint;

-- Letters on their way out. One that gathers is about everything that its person chooses until it
-- closes: `since` and `through` are places in the ledger, which holds what it will say.
create table letter (
    id uuid primary key,
    kind text not null check (kind in ('code', 'confirmation', 'answer', 'alert')),
    state text not null
        check (state in ('gathering', 'queued', 'taken', 'sent', 'failed', 'dropped')),
    person_id uuid references person (id),
    dedup text,
    sealed bytea,
    since bigint,
    through bigint,
    tries bigint not null default 0,
    next_at bigint not null,
    give_up_at bigint not null,
    created_at bigint not null,
    ended_at bigint,
    failure text
);

create index letter_waiting on letter (kind, next_at) where ended_at is null;

create index letter_ended on letter (ended_at) where ended_at is not null;

create index letter_person on letter (person_id) where ended_at is null;

create unique index letter_cause on letter (dedup) where dedup is not null;

-- What makes two letters of one person's choices impossible.
create unique index letter_gathering on letter (person_id) where state = 'gathering';
