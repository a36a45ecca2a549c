-- The ledger's head as it was published, a row a day. Whoever keeps one notices a rewritten past.
create table published_head (
    day_at bigint primary key,
    position bigint not null,
    hash bytea not null,
    previous text,
    signed_at bigint not null,
    signer text not null,
    signature text not null
);

create function refuse_change_of_head() returns trigger language plpgsql as $$
begin
    raise exception 'published heads are append-only';
end
$$;

create trigger published_head_is_never_changed before update or delete on published_head
    for each row execute function refuse_change_of_head();

create trigger published_head_is_never_truncated before truncate on published_head
    for each statement execute function refuse_change_of_head();
