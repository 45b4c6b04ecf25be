CREATE TABLE {{kind}} (
	name TEXT NOT NULL,
	generation INTEGER NOT NULL,
	definition TEXT NOT NULL,
	filled INTEGER NOT NULL,
	PRIMARY KEY (name, generation)
);

CREATE TABLE {{number}} (
	tenant TEXT NOT NULL,
	series TEXT NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (tenant, series)
);

-- AUTOINCREMENT: a number never comes back. There is one writer, so numbers rise in the order of commits.
CREATE TABLE {{event}} (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	lane TEXT NOT NULL,
	shard INTEGER NOT NULL,
	id BLOB NOT NULL,
	tenant TEXT NOT NULL,
	kind TEXT NOT NULL,
	ticket BLOB NOT NULL,
	type TEXT NOT NULL,
	at INTEGER NOT NULL,
	body BLOB NOT NULL
);

CREATE INDEX {{event_lane}} ON {{event}} (lane, shard, seq);
