create table api_key (
    id text primary key,
    name text not null,
    digest bytea not null,
    scopes text not null,
    targets text not null,
    system text,
    created_at bigint not null,
    revoked_at bigint,
    used_at bigint
);
