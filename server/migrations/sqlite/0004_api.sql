create table api_key (
    id text primary key,
    name text not null,
    digest blob not null,
    scopes text not null,
    targets text not null,
    system text,
    created_at integer not null,
    revoked_at integer,
    used_at integer
) strict, without rowid;
