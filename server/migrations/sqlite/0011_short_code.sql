create table short_code (
    digest blob primary key,
    person_id blob not null references person (id),
    mailing text not null,
    created_at integer not null
) strict, without rowid;

create index short_code_person on short_code (person_id);
create index short_code_age on short_code (created_at);
