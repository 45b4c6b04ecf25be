CREATE TABLE {{kind}} (
	name text COLLATE "C" NOT NULL,
	generation bigint NOT NULL,
	definition text NOT NULL,
	filled bigint NOT NULL,
	PRIMARY KEY (name, generation)
);

CREATE TABLE {{number}} (
	tenant text COLLATE "C" NOT NULL,
	series text COLLATE "C" NOT NULL,
	last bigint NOT NULL,
	PRIMARY KEY (tenant, series)
) WITH (fillfactor = 10);

-- CACHE 1: a session that had numbers in store would stage events out of order.
CREATE SEQUENCE {{event_seq}} CACHE 1;

-- xid stands before seq: the transaction has its id before the number is drawn.
CREATE TABLE {{event}} (
	xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
	lane text COLLATE "C" NOT NULL,
	shard smallint NOT NULL,
	seq bigint NOT NULL DEFAULT nextval('{{event_seq}}'),
	id uuid NOT NULL,
	tenant text COLLATE "C" NOT NULL,
	kind text COLLATE "C" NOT NULL,
	ticket uuid NOT NULL,
	type text COLLATE "C" NOT NULL,
	at bigint NOT NULL,
	body bytea{{compression}} NOT NULL,
	PRIMARY KEY (lane, shard, seq)
);

-- Of the transaction alone: a commit always appends at the index's right end, which is the cheapest that an index can be.
CREATE INDEX {{event_xid}} ON {{event}} (xid);
