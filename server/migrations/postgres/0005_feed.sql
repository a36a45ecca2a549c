create index delivery_feed on delivery (system, position);
