namespace Millrace.Sql.Tests;

/// <summary>Tests which statements run, and what the errors of others name.</summary>
public sealed class StatementTests
{
    [Theory]
    [InlineData("SELECT 1 AS a, 1 AS a", "1|1")]
    [InlineData("SELECT 1;", "1")]
    [InlineData("SELECT 1 -- one", "1")]
    [InlineData("SELECT 1; -- one\n", "1")]
    [InlineData("/* one */ VALUES (1)", "1")]
    [InlineData("WITH one AS (SELECT version FROM event_a_done) SELECT * FROM one", "1")]
    [InlineData("FROM main.event_a_done SELECT version", "1")]
    [InlineData("SELECT version FROM \"EVENT_A_DONE\" e WHERE EXISTS (SELECT 1 FROM events WHERE id = e.id)", "1")]
    [InlineData("SELECT max(x) FROM range(5) t(x)", "4")]
    [InlineData("SELECT [1, 2], {'a': 1.5, 'b': NULL}", "[1,2]|{\"a\":1.5,\"b\":null}")]
    [InlineData("SELECT 'it''s', NULL, 1 = 1, DATE '2026-01-31', INTERVAL 1 DAY", "it's|NULL|true|2026-01-31|1 day")]
    [InlineData("SELECT column_name FROM (DESCRIBE event_a_done) WHERE column_name = 'v'", "v")]
    [InlineData("SELECT count FROM (SUMMARIZE event_a_done) WHERE column_name = 'v'", "1")]
    [InlineData("SELECT version FROM event_a_done, LATERAL (SELECT 1)", "1")]
    public async Task Statements_that_read_run(string statement, string row)
    {
        await using var store = await Create();

        Assert.Equal([row], await store.Rows(statement));
    }

    [Fact]
    public async Task Statements_are_described_and_explained()
    {
        await using var store = await Create();

        Assert.Contains("v|BIGINT|YES|NULL|NULL|NULL", await store.Rows("DESCRIBE event_a_done"));
        Assert.Contains("SEQ_SCAN", Assert.Single(await store.Rows("EXPLAIN SELECT v FROM event_a_done")));
        Assert.Contains(
            "Total Time", Assert.Single(await store.Rows("-- plan\nexplain ANALYZE\nSELECT v FROM event_a_done")));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" -- nothing")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("INSERT INTO events VALUES (1)")]
    [InlineData("CREATE TABLE t AS SELECT 1")]
    [InlineData("DROP VIEW events")]
    [InlineData("COPY (SELECT 1) TO '/tmp/millrace-copy.csv'")]
    [InlineData("COPY events TO '/tmp/millrace-copy.csv'")]
    [InlineData("ATTACH '/tmp/millrace-other.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SET memory_limit = '100GB'")]
    [InlineData("RESET memory_limit")]
    [InlineData("PRAGMA database_list")]
    [InlineData("CALL pragma_version()")]
    [InlineData("EXPORT DATABASE '/tmp/millrace-export'")]
    [InlineData("BEGIN")]
    [InlineData("EXPLAIN DELETE FROM events")]
    [InlineData("EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1")]
    [InlineData("PREPARE p AS SELECT 1")]
    [InlineData("VACUUM")]
    [InlineData("FROM read_csv('/etc/passwd')")]
    [InlineData("FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM glob('/*')")]
    [InlineData("FROM query('SELECT 1')")]
    [InlineData("FROM query_table('events')")]
    [InlineData("FROM duckdb_settings()")]
    [InlineData("FROM duckdb_settings")]
    [InlineData("FROM information_schema.tables")]
    [InlineData("FROM pg_catalog.pg_class")]
    [InlineData("FROM sqlite_master")]
    [InlineData("FROM \"loaded events\"")]
    [InlineData("SELECT current_setting('temp_directory')")]
    [InlineData("SELECT getenv('PATH')")]
    [InlineData("SHOW DATABASES")]
    [InlineData("SELECT ?")]
    [InlineData("WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x")]
    [InlineData("SELECT (SELECT content FROM read_text('/etc/passwd'))")]
    [InlineData("SELECT * FROM (SELECT 1) ORDER BY (SELECT count(*) FROM read_blob('/etc/passwd'))")]
    [InlineData("SELECT 1) UNION ALL (SELECT 2")]
    [InlineData("SELECT 1\0")]
    [InlineData("-- x\rSELECT 'a', current_setting('temp_directory'); -- \nEXPLAIN SELECT 1")]
    [InlineData("-- x\rCREATE TABLE zz AS SELECT 1; -- \nEXPLAIN SELECT 1")]
    [InlineData("SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables), duckdb_tables")]
    [InlineData("WITH duckdb_tables AS (SELECT * FROM duckdb_tables) SELECT * FROM duckdb_tables")]
    [InlineData("SELECT json_serialize_plan('SELECT current_setting(''temp_directory'')', optimize := true)")]
    [InlineData("SELECT len(range(30000000))")]
    [InlineData("SELECT unnest(generate_series(1, 30000000))")]
    [InlineData("SELECT length(repeat('x', 400000000) || 'y')")]
    [InlineData("SELECT lpad('x', 400000000, 'y')")]
    [InlineData("SELECT levenshtein('a', 'b')")]
    [InlineData("SELECT median(version) FROM events")]
    [InlineData("SELECT list_sort([1])")]
    [InlineData("SELECT format('{:>400000000}', 1)")]
    [InlineData("SELECT NULL::INTEGER[100000]")]
    [InlineData("SELECT system.main.lower('x')")]
    [InlineData("SELECT replace(type, 'a', type) FROM events")]
    [InlineData("WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT length(s) FROM t LIMIT 40")]
    [InlineData("SELECT 'x' a, a || a b, b || b c, c || c d, d || d e, e || e f, f || f g FROM events")]
    public async Task Other_statements_are_refused(string statement)
    {
        await using var store = await Create();

        await Assert.ThrowsAsync<SqlException>(() => store.Run(statement));
        Assert.Equal(["1"], await store.Rows("SELECT count(*) FROM events"));
    }

    [Fact]
    public async Task Only_the_text_that_was_parsed_is_explained()
    {
        await using var store = await Create();

        var plan = Assert.Single(await store.Rows("/* /* */ EXPLAIN SELECT 1 -- */ SELECT 'not parsed'"));

        Assert.StartsWith("physical_plan|", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_and_long_statements_are_refused_at_once()
    {
        await using var store = await Create();
        string Nested(string start, string end, int count) =>
            "SELECT " + string.Concat(Enumerable.Repeat(start, count)) + "'x'"
                + string.Concat(Enumerable.Repeat(end, count));

        await Assert.ThrowsAsync<SqlException>(() => store.Run(Nested("lower(", ")", 400)));
        await Assert.ThrowsAsync<SqlException>(() => store.Run(Nested("", "||type", 400)));
        await Assert.ThrowsAsync<SqlException>(() => store.Run("SELECT 1 " + new string(' ', 40_000)));
        Assert.Equal(["x"], await store.Rows(Nested("lower(", ")", 50)));
    }

    [Theory]
    [InlineData("position > 2 AND position <= 4", "3,4")]
    [InlineData("3 <= position", "3,4,5")]
    [InlineData("position BETWEEN 2 AND 3", "2,3")]
    [InlineData("e.position = 2 AND e.stream = 'a-1'", "2")]
    [InlineData("stream = 'b-1'", "4")]
    [InlineData("category = 'b'", "4,5")]
    [InlineData("type = 'b.done'", "2,4,5")]
    [InlineData("type IN ('a.done', 'c.done') AND stream LIKE 'a%'", "1,3")]
    [InlineData("time >= '2020-01-01' AND time < TIMESTAMPTZ '2999-01-01'", "1,2,3,4,5")]
    [InlineData("time < DATE '2020-01-01'", "")]
    [InlineData("NOT position > 2", "1,2")]
    [InlineData("position > 2 OR position = 1", "1,3,4,5")]
    public async Task Conditions_that_limit_what_is_read_select_the_same_events(string condition, string positions)
    {
        await using var store = await SqlStore.Create(StoreKind.Sqlite);
        foreach (var (stream, type) in ((string, string)[])[
            ("a-1", "a.done"), ("a-1", "b.done"), ("a-1", "a.done"), ("b-1", "b.done"), ("b-12", "b.done")])
            await store.Append(stream, type, "{}");

        var found = await store.Rows($"SELECT position FROM events e WHERE {condition}");

        Assert.Equal(positions, string.Join(',', found));
        Assert.Equal(["2", "3"], await store.Rows("SELECT position FROM events LIMIT 2 OFFSET 1"));
        Assert.Equal(["5"], await store.Rows("SELECT count(*) FROM events LIMIT 2"));
        Assert.Equal(["5"], await store.Rows("SELECT position FROM events ORDER BY position DESC LIMIT 1"));
    }

    [Theory]
    [InlineData("SELECT FROM WHERE", 1, 13, "syntax error")]
    [InlineData("SELECT v,\n  nope\nFROM event_a_done", 2, 3, "nope")]
    [InlineData("SELECT 'é', nope FROM event_a_done", 1, 13, "nope")]
    [InlineData("SELECT *\nFROM evnts", 2, 6, "Did you mean 'events'?")]
    [InlineData("SELECT 1 +\n  nothing(2)", 2, 3, "nothing")]
    [InlineData("SELECT 'é' FROM\nread_csv('x')", 2, 1, "read_csv")]
    [InlineData("EXPLAIN SELECT nope FROM events", 1, 16, "nope")]
    public async Task Errors_name_their_place(string statement, int line, int column, string part)
    {
        await using var store = await Create();

        var error = await Assert.ThrowsAsync<SqlException>(() => store.Run(statement));

        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"Line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task An_error_in_a_long_line_names_its_column()
    {
        await using var store = await Create();
        var statement = $"SELECT {string.Join(", ", Enumerable.Range(0, 100))}, nope FROM events";

        var error = await Assert.ThrowsAsync<SqlException>(() => store.Run(statement));

        Assert.Equal((1, statement.IndexOf("nope", StringComparison.Ordinal) + 1), (error.Line, error.Column));
    }

    [Fact]
    public async Task An_error_in_a_value_is_an_error_of_the_statement()
    {
        await using var store = await Create();

        var error = await Assert.ThrowsAsync<SqlException>(
            () => store.Run("SELECT CAST(type AS INTEGER) FROM events"));

        Assert.Contains("a.done", error.Message, StringComparison.Ordinal);
    }

    private static async Task<SqlStore> Create()
    {
        var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"v":1}""");
        return store;
    }
}
