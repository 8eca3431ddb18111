namespace Millrace.Sql.Tests;

/// <summary>Tests the limits of time, memory, rows and statements at the same time.</summary>
public sealed class LimitTests
{
    private const string Endless =
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1";

    [Fact]
    public async Task A_statement_is_stopped_at_its_time_limit()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);

        var error = await Assert.ThrowsAsync<SqlLimitException>(() => store.Sql.Run(
            new SqlRequest(Endless) { TimeLimit = TimeSpan.FromMilliseconds(300) }));

        Assert.Equal(SqlLimit.Time, error.Limit);
        Assert.Contains("0.3 seconds", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], await store.Rows("SELECT 1"));
    }

    [Fact]
    public async Task A_statement_is_stopped_with_its_caller()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        using var caller = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.Sql.Run(new SqlRequest(Endless), caller.Token));
    }

    [Fact]
    public async Task A_statement_has_limited_memory()
    {
        var options = new SqlOptions { MaxMemoryBytes = 64 * 1024 * 1024, MaxTemporaryBytes = 1024 * 1024 };
        await using var store = await SqlStore.Create(StoreKind.Memory, options);

        var error = await Assert.ThrowsAsync<SqlLimitException>(
            () => store.Run("SELECT count(DISTINCT md5(i::VARCHAR) || sha256(i::VARCHAR)) FROM range(10000000) t(i)"));

        Assert.Equal(SqlLimit.Memory, error.Limit);
        Assert.Contains("67,108,864 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_beyond_the_limit_is_written_to_files_that_are_removed()
    {
        var directory = Directory.CreateTempSubdirectory("millrace-limit-").FullName;
        var options = new SqlOptions { MaxMemoryBytes = 64 * 1024 * 1024, TemporaryDirectory = directory };
        await using var store = await SqlStore.Create(StoreKind.Memory, options);

        Assert.Equal(
            ["2000000"],
            await store.Rows("SELECT count(DISTINCT md5(i::VARCHAR) || sha256(i::VARCHAR)) FROM range(2000000) t(i)"));

        await Testing.Eventually.Until(() => !Directory.EnumerateFileSystemEntries(directory).Any());
        Directory.Delete(directory);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    public async Task Rows_beyond_the_limit_are_cut(int limit, bool isCut)
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);

        var answer = await store.Sql.Run(
            new SqlRequest("SELECT range FROM range(4) ORDER BY range DESC") { MaxRows = limit });

        Assert.Equal(isCut, answer.IsCut);
        Assert.Equal(["3", "2", "1", "0"], answer.Rows.Select(static row => row[0]).Concat(isCut ? ["0"] : []));
    }

    [Fact]
    public async Task A_request_cannot_raise_the_limits_of_the_service()
    {
        await using var store = await SqlStore.Create(
            StoreKind.Memory, new SqlOptions { MaxRows = 2, TimeLimit = TimeSpan.FromSeconds(4) });

        var answer = await store.Sql.Run(new SqlRequest("FROM range(4)") { MaxRows = 10 });
        var error = await Assert.ThrowsAsync<SqlLimitException>(() => store.Sql.Run(
            new SqlRequest(Endless) { TimeLimit = TimeSpan.FromHours(1) }));

        Assert.Equal((2, true), (answer.Rows.Count, answer.IsCut));
        Assert.Equal(SqlLimit.Time, error.Limit);
    }

    [Fact]
    public async Task Large_answers_are_cut()
    {
        await using var store = await SqlStore.Create(
            StoreKind.Memory, new SqlOptions { MaxAnswerBytes = 10_000 });

        var answer = await store.Run($"SELECT '{new string('x', 1000)}' FROM range(100)");

        Assert.True(answer.IsCut);
        Assert.InRange(answer.Rows.Count, 4, 6);
    }

    [Fact]
    public async Task A_value_beyond_the_limit_is_not_copied_out_of_the_engine()
    {
        await using var store = await SqlStore.Create(
            StoreKind.Memory, new SqlOptions { MaxAnswerBytes = 10_000 });

        var error = await Assert.ThrowsAsync<SqlLimitException>(
            () => store.Run("SELECT string_agg('xxxxx', '') FROM range(1001)"));

        Assert.Equal(SqlLimit.Memory, error.Limit);
        Assert.Contains("5,000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directories_of_killed_processes_are_removed()
    {
        var parent = Directory.CreateTempSubdirectory("millrace-parent-").FullName;
        var old = Directory.CreateDirectory(Path.Combine(parent, "millrace-sql-old")).FullName;
        File.WriteAllText(Path.Combine(old, "lock"), "");
        using var running = TemporaryDirectory.TryCreate(parent);

        TemporaryDirectory.Clean(parent, DateTime.MaxValue);

        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(running!.Path));
        running.Dispose();
        Assert.Empty(Directory.GetDirectories(parent));
        Directory.Delete(parent);
    }

    [Fact]
    public async Task Statements_wait_for_others_within_their_time()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory, new SqlOptions { MaxConcurrency = 1 });
        using var caller = new CancellationTokenSource();
        var running = store.Sql.Run(new SqlRequest(Endless), caller.Token);

        var error = await Assert.ThrowsAsync<SqlLimitException>(() => store.Sql.Run(
            new SqlRequest("SELECT 1") { TimeLimit = TimeSpan.FromMilliseconds(200) }));
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal(SqlLimit.Concurrency, error.Limit);
        Assert.Equal(["1"], await store.Rows("SELECT 1"));
    }

    [Fact]
    public async Task Parquet_files_have_the_types_of_the_columns_and_at_most_the_limit_of_rows()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"v":1.5}""", """{"v":2}""", """{"v":3}""");
        var file = Path.Combine(Directory.CreateTempSubdirectory("millrace-parquet-").FullName, "it's.parquet");

        var export = await store.Sql.ExportParquet(
            new SqlRequest("SELECT v, time FROM event_a_done ORDER BY version") { MaxRows = 2 }, file);

        Assert.Equal((2, true, 3), (export.Rows, export.IsCut, export.Position));
        using var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT string_agg(v::VARCHAR, ' ' ORDER BY v), any_value(typeof(v)), any_value(typeof(time)) FROM '"
            + file.Replace("'", "''", StringComparison.Ordinal) + "'";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(
            ("1.5 2.0", "DECIMAL(2,1)", "TIMESTAMP WITH TIME ZONE"),
            (reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }
}
