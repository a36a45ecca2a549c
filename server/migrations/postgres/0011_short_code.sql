create table short_code (
    digest bytea primary key,
    person_id uuid not null references person (id),
    mailing text not null,
    created_at bigint not null
);

create index short_code_person on short_code (person_id);
create index short_code_age on short_code (created_at);
