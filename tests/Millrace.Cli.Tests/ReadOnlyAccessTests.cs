using System.Diagnostics;

namespace Millrace.Cli.Tests;

/// <summary>Tests the tool for a user with read access only, while an application has the store open.</summary>
public sealed class ReadOnlyAccessTests : IAsyncLifetime, IDisposable
{
    private static readonly bool IsRoot = Environment.UserName == "root";

    // Root can write any file unless it gives up that capability.
    private readonly Tool _tool = new()
    {
        Wrapper = IsRoot ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [],
    };

    public async Task InitializeAsync()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
            await store.Append(
                new StreamId("order-1"), ExpectedVersion.Any, [StoreFile.Event("order.placed", """{"total":5}""")]);
        MakeReadOnly();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        MakeWritable();
        _tool.Dispose();
    }

    [Fact]
    public async Task Commands_that_only_read_work()
    {
        Assert.Equal(
            "order.placed", (await _tool.RunOk("read", "order-1", "--json")).Json.GetProperty("type").GetString());
        Assert.Equal(1, (await _tool.RunOk("info", "--json")).Json.GetProperty("events").GetInt64());
        Assert.True((await _tool.RunOk("verify", "--json")).Json.GetProperty("isSound").GetBoolean());
        Assert.Single((await _tool.RunOk("tail", "--json")).Lines);
        Assert.Single((await _tool.RunOk("streams", "--json")).Lines);
        Assert.Equal(1, (await _tool.RunOk("count", "--json")).Json.GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task An_append_is_refused_because_the_store_is_read_only()
    {
        var run = await _tool.Run("append", "order-1", "--type", "order.paid", "--data", "{}", "--json");

        Assert.Equal(5, run.ExitCode);
        Assert.Equal("storage", run.ErrorJson.GetProperty("error").GetString());
        Assert.Contains("for reading only", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await _tool.RunOk("count", "--json")).Json.GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task A_statement_that_cannot_be_recorded_in_the_audit_trail_has_no_answer()
    {
        MakeWritable();
        await using (var store = await StoreFile.Open(_tool.Store))
            await AuditTrails.Of(store).Record(new AuditEntry("start", "shop", AuditResult.Succeeded), default);
        MakeReadOnly();

        var answered = await _tool.Run("sql", "SELECT stream FROM events WHERE stream = 'order-1'");
        // The message of the engine would contain the value.
        var quoting = await _tool.Run("sql", "SELECT CAST(stream AS INTEGER) FROM events");
        var invalid = await _tool.Run("sql", "FROM nothing");

        Assert.Equal((5, ""), (answered.ExitCode, answered.Output));
        Assert.Equal((5, ""), (quoting.ExitCode, quoting.Output));
        Assert.DoesNotContain("order-1", quoting.Error, StringComparison.Ordinal);
        Assert.Contains("for reading only", answered.Error, StringComparison.Ordinal);
        Assert.Equal(2, invalid.ExitCode);
        Assert.Contains("There is no view 'nothing'", invalid.Error, StringComparison.Ordinal);
        Assert.Contains("has no entry of this statement", invalid.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_a_write_ahead_log_is_read_and_no_file_is_created()
    {
        MakeWritable();
        File.Delete(_tool.Store + "-wal");
        File.Delete(_tool.Store + "-shm");
        MakeReadOnly();

        Assert.Single((await _tool.RunOk("read", "order-1", "--json")).Lines);
        Assert.Equal(["shop.db"], Directory.GetFiles(_tool.Directory).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Tail_prints_the_events_that_the_application_appends_at_the_same_time()
    {
        MakeWritable();
        await using var store = await StoreFile.Open(_tool.Store);
        MakeReadOnly();
        using var tail = _tool.Start("tail", "--follow", "--json", "--last", "1");
        using var limit = new CancellationTokenSource(Tool.Limit);

        var before = await tail.StandardOutput.ReadLineAsync(limit.Token);
        await store.Append(new StreamId("order-1"), ExpectedVersion.Any, [StoreFile.Event("order.paid", "{}")]);
        var after = await tail.StandardOutput.ReadLineAsync(limit.Token);
        using (
            var kill = Process.Start(
                "kill",
                ["-INT", tail.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        await tail.WaitForExitAsync(limit.Token);

        Assert.Contains("order.placed", before, StringComparison.Ordinal);
        Assert.Contains("order.paid", after, StringComparison.Ordinal);
        Assert.Equal(130, tail.ExitCode);
    }

    /// <summary>Makes the files and their folder read-only.</summary>
    private void MakeReadOnly()
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        foreach (var file in Directory.GetFiles(_tool.Directory))
            File.SetUnixFileMode(file, Read);
        File.SetUnixFileMode(
            _tool.Directory, Read | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    private void MakeWritable()
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Write = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(_tool.Directory, Write | UnixFileMode.UserExecute);
        foreach (var file in Directory.GetFiles(_tool.Directory))
            File.SetUnixFileMode(file, Write);
    }
}
