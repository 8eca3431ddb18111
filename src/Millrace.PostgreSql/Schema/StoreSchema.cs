namespace Millrace.PostgreSql.Schema;

/// <summary>
/// The tables, and the migration from each version to the next. <c>{log}</c> is replaced by the schema's name.
/// </summary>
/// <remarks>
/// No row is updated by every commit. The last position is the position of the last event. The version of a stream is
/// the version of its last event, which is never removed. <c>header.turn</c> is the generation: it counts changes that
/// an append must notice if it was decided on older facts.
/// </remarks>
internal static class StoreSchema
{
    /// <summary>The schema version that this program writes.</summary>
    public static int Version => Migrations.Length;

    /// <summary>The scripts, each from one version to the next.</summary>
    public static string[] Migrations { get; } =
        [FirstTables + FirstSideTables + FirstDocuments + FirstFunctions + FirstView, Second, Third, Fourth, Fifth];

    /// <summary>The indexes that a log may lack after an upgrade. Reads are correct without them, but slower.</summary>
    public static LogIndex[] BackgroundIndexes { get; } =
        [new("events_by_source", "ON {log}.events (source, position) WHERE source IS NOT NULL")];

    private const string FirstTables = """
        CREATE TABLE {log}.header (
            id integer PRIMARY KEY CHECK (id = 1),
            schema_version integer NOT NULL,
            store_id uuid NOT NULL,
            epoch bigint NOT NULL,
            turn bigint NOT NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL);
        COMMENT ON TABLE {log}.header IS 'One row: what this store is. turn grows with each removal, epoch and settled doubt.';
        INSERT INTO {log}.header VALUES (1, 0, gen_random_uuid(), 1, 1, clock_timestamp(), 'Millrace');

        CREATE TABLE {log}.events (
            position bigint PRIMARY KEY,
            version bigint NOT NULL,
            recorded_at timestamptz NOT NULL,
            id uuid NOT NULL,
            correlation_id uuid,
            causation_id uuid,
            schema_version integer NOT NULL,
            checksum integer NOT NULL,
            stream text COLLATE "C" NOT NULL,
            type text COLLATE "C" NOT NULL,
            content_type text COLLATE "C",
            source text COLLATE "C",
            encryption_key_id text COLLATE "C",
            tags text[],
            metadata bytea,
            payload bytea NOT NULL,
            CONSTRAINT events_by_stream UNIQUE (stream, version));
        CREATE INDEX events_by_type ON {log}.events (type, position);
        CREATE INDEX events_by_id ON {log}.events (id);
        CREATE INDEX events_by_correlation ON {log}.events (correlation_id) WHERE correlation_id IS NOT NULL;
        CREATE INDEX events_by_tag ON {log}.events USING gin (tags) WITH (fastupdate = off) WHERE tags IS NOT NULL;
        COMMENT ON TABLE {log}.events IS
            'The log. Positions and the versions of a stream count 1, 2, 3 without gaps; see also events_readable.';
        COMMENT ON COLUMN {log}.events.content_type IS 'Null: application/json.';
        COMMENT ON COLUMN {log}.events.checksum IS 'CRC-32C of stream, version, position, id, payload and metadata.';

        CREATE TABLE {log}.stream_bounds (
            stream text COLLATE "C" PRIMARY KEY,
            first_version bigint NOT NULL,
            state smallint NOT NULL);
        COMMENT ON TABLE {log}.stream_bounds IS
            'Streams that were truncated, deleted or closed: where they begin and their state (0 open, 1 deleted, 2 closed).';

        CREATE TABLE {log}.removals (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            stream text COLLATE "C" NOT NULL,
            kind smallint NOT NULL,
            from_version bigint NOT NULL,
            to_version bigint NOT NULL,
            events bigint NOT NULL,
            reason text NOT NULL,
            removed_by text,
            removed_at timestamptz NOT NULL);
        CREATE INDEX removals_by_stream ON {log}.removals (stream);
        COMMENT ON TABLE {log}.removals IS 'What was removed by whom and why (0 deleted, 1 truncated, 2 closed): tells removed from lost.';

        """;

    private const string FirstSideTables = """
        CREATE TABLE {log}.claims (
            scope text COLLATE "C",
            value text COLLATE "C",
            owner text COLLATE "C" NOT NULL,
            PRIMARY KEY (scope, value));
        COMMENT ON TABLE {log}.claims IS 'Unique values and who holds them.';

        CREATE TABLE {log}.handled (
            scope text COLLATE "C",
            id text COLLATE "C",
            answer bytea NOT NULL,
            position bigint NOT NULL,
            until timestamptz NOT NULL,
            PRIMARY KEY (scope, id));
        CREATE INDEX handled_by_until ON {log}.handled (until);
        COMMENT ON TABLE {log}.handled IS 'Ids of commands and messages that were handled, with their answers, until they are forgotten.';

        CREATE TABLE {log}.consumers (
            consumer text COLLATE "C",
            partition integer,
            holder text COLLATE "C",
            lease_epoch bigint NOT NULL DEFAULT 0,
            lease_until timestamptz NOT NULL DEFAULT 'epoch',
            checkpoint bigint,
            state text,
            error text,
            reported_at timestamptz,
            PRIMARY KEY (consumer, partition)) WITH (fillfactor = 50);
        COMMENT ON TABLE {log}.consumers IS 'Consumers by partition: who works, and up to which position each has finished.';

        CREATE TABLE {log}.paused_consumers (consumer text COLLATE "C" PRIMARY KEY);
        COMMENT ON TABLE {log}.paused_consumers IS 'Consumers that an operator paused.';

        CREATE TABLE {log}.dead_letters (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            revision bigint NOT NULL,
            consumer text COLLATE "C" NOT NULL,
            partition integer NOT NULL,
            position bigint NOT NULL,
            key text COLLATE "C" NOT NULL,
            stream text COLLATE "C" NOT NULL,
            version bigint NOT NULL,
            event_type text COLLATE "C" NOT NULL,
            event_id uuid NOT NULL,
            state smallint NOT NULL,
            attempts integer NOT NULL,
            retry_at timestamptz,
            class smallint,
            cause text COLLATE "C",
            error_type text,
            message text,
            stack text,
            first_failed_at timestamptz,
            last_failed_at timestamptz,
            edited_payload bytea,
            decision smallint,
            decided_by text,
            reason text,
            decided_at timestamptz,
            UNIQUE (consumer, partition, position, key));
        CREATE INDEX dead_letters_open ON {log}.dead_letters (consumer, state) WHERE state <= 3;
        CREATE INDEX dead_letters_by_cause ON {log}.dead_letters (consumer, cause) WHERE cause IS NOT NULL;
        COMMENT ON TABLE {log}.dead_letters IS
            'Events that a consumer could not handle, and those that wait behind them; open below state 4.';

        """;

    private const string FirstDocuments = """
        CREATE TABLE {log}.collections (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name text COLLATE "C" NOT NULL UNIQUE,
            fields text NOT NULL);
        COMMENT ON TABLE {log}.collections IS
            'Collections of documents: number 7 is table doc_7 of the documents'' schema, its n-th field column f<n>.';

        CREATE TABLE {log}.read_models (
            name text COLLATE "C" PRIMARY KEY,
            revision bigint NOT NULL,
            live text COLLATE "C" NOT NULL,
            building text COLLATE "C",
            kept text COLLATE "C",
            switches_itself boolean NOT NULL,
            builds bigint NOT NULL);
        COMMENT ON TABLE {log}.read_models IS 'Which collection of each read model is read, and which stand beside it.';

        CREATE SEQUENCE {log}.document_versions;
        COMMENT ON SEQUENCE {log}.document_versions IS 'Batches that wrote documents; each gives a million versions.';

        """;

    private const string FirstFunctions = """
        CREATE FUNCTION {log}.take_turn(
            lock_class integer, lock_key integer, known_turn bigint, given timestamptz, OUT moment timestamptz, OUT last_position bigint)
        LANGUAGE plpgsql VOLATILE AS $body$
        DECLARE
            turn_now bigint;
            last_time timestamptz;
        BEGIN
            PERFORM pg_advisory_xact_lock(lock_class, lock_key);
            SELECT h.turn INTO turn_now FROM {log}.header h;
            IF turn_now <> known_turn THEN
                RETURN;
            END IF;
            SELECT e.position, e.recorded_at INTO last_position, last_time FROM {log}.events e ORDER BY e.position DESC LIMIT 1;
            last_position := coalesce(last_position, 0);
            moment := greatest(coalesce(given, clock_timestamp()), last_time);
        END
        $body$;
        COMMENT ON FUNCTION {log}.take_turn IS
            'Takes the log''s lock, then sees what is committed by now: where an append goes, and its time; null when the turn moved on.';

        CREATE FUNCTION {log}.position_at(moment timestamptz) RETURNS bigint
        LANGUAGE plpgsql STABLE AS $body$
        DECLARE
            low bigint := 1;
            high bigint;
            middle bigint;
            found_position bigint;
            found_time timestamptz;
        BEGIN
            SELECT coalesce(max(e.position), 0) + 1 INTO high FROM {log}.events e;
            WHILE low < high LOOP
                middle := low + (high - low) / 2;
                SELECT e.position, e.recorded_at INTO found_position, found_time FROM {log}.events e
                    WHERE e.position >= middle ORDER BY e.position LIMIT 1;
                IF found_position IS NULL OR found_position >= high OR found_time >= moment THEN
                    high := middle;
                ELSE
                    low := found_position + 1;
                END IF;
            END LOOP;
            RETURN low;
        END
        $body$;
        COMMENT ON FUNCTION {log}.position_at IS
            'The first position that was recorded at a time or later; times never run backwards in the log.';

        """;

    private const string FirstView = """
        CREATE FUNCTION {log}.as_json(content bytea) RETURNS jsonb LANGUAGE plpgsql STABLE AS $body$
        BEGIN
            RETURN convert_from(content, 'UTF8')::jsonb;
        EXCEPTION WHEN OTHERS THEN
            RETURN NULL;
        END
        $body$;
        COMMENT ON FUNCTION {log}.as_json IS 'Bytes as JSON, or null where they are none.';

        CREATE VIEW {log}.events_readable AS
            SELECT position, stream, version, type, schema_version, recorded_at, {log}.as_json(payload) AS payload,
                {log}.as_json(metadata) AS metadata, tags, source, correlation_id, causation_id, id,
                coalesce(content_type, 'application/json') AS content_type, encryption_key_id
            FROM {log}.events;
        COMMENT ON VIEW {log}.events_readable IS 'The log for people: payload and metadata as JSON, null where they are none.';

        """;

    private const string Second = """
        ALTER TABLE {log}.consumers ADD COLUMN held_since timestamptz, ADD COLUMN state_since timestamptz;

        CREATE TABLE {log}.nodes (
            node text COLLATE "C" PRIMARY KEY,
            since timestamptz NOT NULL,
            until timestamptz NOT NULL,
            consumers text[] NOT NULL) WITH (fillfactor = 50);
        COMMENT ON TABLE {log}.nodes IS 'Nodes that run consumers, and which they can run; after until they count as gone.';

        """;

    // If events have a source, the index finds a rare one without a scan of the log; otherwise it is empty. An existing
    // log gets it later from separate statements, because all sessions would wait for it here.
    private const string Third = """
        IF NOT EXISTS (SELECT FROM {log}.events) THEN
            CREATE INDEX events_by_source ON {log}.events (source, position) WHERE source IS NOT NULL;
        END IF;

        """;

    private const string Fourth = """
        CREATE TABLE {log}.retired_collections (
            collection text COLLATE "C" PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            until timestamptz NOT NULL);
        COMMENT ON TABLE {log}.retired_collections IS
            'Collections of other versions of a read model, for nodes of those alone; removed when none has put until off in time.';

        """;

    private const string Fifth = """
        ALTER TABLE {log}.header ADD COLUMN server text;
        COMMENT ON COLUMN {log}.header.server IS
            'The server that last wrote here, and its timeline: on another one a new epoch begins. Null: none has told it yet.';

        """;
}
