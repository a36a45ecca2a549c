-- With millions of deliveries, a look at each row is minutes of random reads. What runs again and
-- again finds what it needs in an index.

-- Counting reads this alone, and a feed's cursor confirms without passing over what was confirmed.
drop index delivery_open;
create index delivery_open on delivery (system, turn, state, due_at, created_at)
    where state <> 'acknowledged';

-- Thousands are due in the same millisecond after a replay.
drop index delivery_waiting;
create index delivery_waiting on delivery (system, next_at, position) where state = 'queued';

-- How long systems take to confirm.
drop index delivery_confirmed;
create index delivery_confirmed on delivery (system, acknowledged_at, created_at)
    where acknowledged_at is not null;

-- A system's deliveries, page by page.
create index delivery_system on delivery (system, position);

-- Few hold a sealed contact.
create index delivery_contact on delivery (due_at)
    where state <> 'acknowledged' and contact is not null;
