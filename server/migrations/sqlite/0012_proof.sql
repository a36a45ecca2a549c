-- The ledger's head as it was published, a row a day. Whoever keeps one notices a rewritten past.
create table published_head (
    day_at integer primary key,
    position integer not null,
    hash blob not null,
    previous text,
    signed_at integer not null,
    signer text not null,
    signature text not null
) strict;

create trigger published_head_is_never_updated before update on published_head
begin
    select raise(abort, 'published heads are append-only');
end;

create trigger published_head_is_never_deleted before delete on published_head
begin
    select raise(abort, 'published heads are append-only');
end;

create trigger published_head_is_never_replaced before insert on published_head
when new.day_at <= (select max(day_at) from published_head)
begin
    select raise(abort, 'published heads are append-only');
end;
