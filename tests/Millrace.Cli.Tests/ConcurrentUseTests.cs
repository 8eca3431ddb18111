using System.Diagnostics;
using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests the tool while an application has the same file open and writes to it.</summary>
public sealed class ConcurrentUseTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private EventStore? _store;

    private EventStore Store => _store ?? throw new InvalidOperationException("The store is opened before each test.");

    public async Task InitializeAsync() => _store = await StoreFile.Open(_tool.Store);

    public async Task DisposeAsync() => await Store.DisposeAsync();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_tool_and_the_application_append_to_one_stream_and_no_event_is_lost()
    {
        using var stop = new CancellationTokenSource();
        var writing = AppendUntil(stop.Token);

        for (var i = 0; i < 5; i++)
            await _tool.Append("shared-1", "tool.noted", "{}");
        await stop.CancelAsync();
        var written = await writing;

        var counted = await _tool.RunOk("count", "--stream", "shared-1", "--json");
        var verified = await _tool.RunOk("verify", "--json");
        Assert.Equal(written + 5, counted.Json.GetProperty("events").GetInt64());
        Assert.True(verified.Json.GetProperty("isSound").GetBoolean());
    }

    [Fact]
    public async Task The_application_sees_the_events_that_the_tool_appends()
    {
        await _tool.Append("shared-1", "tool.noted", """{"from":"tool"}""");

        var seen = await Store.GetStream(new StreamId("shared-1"));
        Assert.Equal(1, seen?.Version);
    }

    [Fact]
    public async Task Tail_prints_the_events_that_the_application_appends_until_it_is_interrupted()
    {
        await Store.Append(new StreamId("shared-1"), ExpectedVersion.Any, [StoreFile.Event("app.began", "{}")]);
        using var tail = _tool.Start("tail", "--follow", "--json", "--last", "1");
        using var limit = new CancellationTokenSource(Tool.Limit);

        var before = await tail.StandardOutput.ReadLineAsync(limit.Token);
        await Store.Append(new StreamId("shared-1"), ExpectedVersion.Any, [StoreFile.Event("app.went-on", "{}")]);
        var after = await tail.StandardOutput.ReadLineAsync(limit.Token);
        using (
            var kill = Process.Start(
                "kill",
                ["-INT", tail.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        await tail.WaitForExitAsync(limit.Token);

        Assert.Equal("app.began", TypeOf(before));
        Assert.Equal("app.went-on", TypeOf(after));
        Assert.Equal(130, tail.ExitCode);
    }

    [Fact]
    public async Task A_backup_made_while_the_application_writes_is_sound()
    {
        using var stop = new CancellationTokenSource();
        var writing = AppendUntil(stop.Token);

        var backup = await _tool.RunOk("backup", "copy.db", "--json");
        await stop.CancelAsync();
        await writing;
        var verified = await _tool.RunOk("verify", "--store", "copy.db", "--json");
        var again = await _tool.Run("backup", "copy.db", "--store", "shop.db");

        Assert.Equal("copy.db", backup.Json.GetProperty("file").GetString());
        Assert.True(verified.Json.GetProperty("isSound").GetBoolean());
        Assert.Equal(1, again.ExitCode);
    }

    [Fact]
    public async Task A_replay_exits_quietly_when_its_output_is_closed()
    {
        for (var i = 0; i < 20; i++)
        {
            var noted = StoreFile.Event("app.noted", $$"""{"text":"{{new string('x', 300)}}"}""");
            await Store.Append(new StreamId("long-1"), ExpectedVersion.Any, [.. Enumerable.Repeat(noted, 500)]);
        }
        using var replay = _tool.Start("replay");
        using var limit = new CancellationTokenSource(Tool.Limit);

        var first = await replay.StandardOutput.ReadLineAsync(limit.Token);
        replay.StandardOutput.Close();
        await replay.WaitForExitAsync(limit.Token);
        var error = await replay.StandardError.ReadToEndAsync(limit.Token);

        Assert.Equal("app.noted", TypeOf(first));
        Assert.Equal((0, ""), (replay.ExitCode, error));
    }

    private static string? TypeOf(string? line) =>
        line is null ? null : JsonDocument.Parse(line).RootElement.GetProperty("type").GetString();

    private async Task<int> AppendUntil(CancellationToken stop)
    {
        var written = 0;
        for (; !stop.IsCancellationRequested; written++)
            await Store.Append(
                new StreamId("shared-1"),
                ExpectedVersion.Any,
                [StoreFile.Event("app.noted", "{}")],
                CancellationToken.None);
        return written;
    }
}
