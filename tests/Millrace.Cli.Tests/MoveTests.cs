using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool moves a store to a database and back.</summary>
public sealed class MoveTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private PostgreSqlServer? _server;

    public async Task InitializeAsync() =>
        _server = PostgreSqlPrograms.Directory is null ? null : await PostgreSqlServer.Start();

    public void Dispose() => _tool.Dispose();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_store_moves_to_a_database_and_back()
    {
        var address = $"postgres://owner@127.0.0.1:{_server!.Port}/postgres";
        await FillStore();

        var plan = await _tool.RunOk("move", _tool.Store, address, "--dry-run", "--json");
        var started = TimeProvider.System.GetTimestamp();
        var moved = await _tool.RunOk("move", _tool.Store, address, "--json");
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var closed = await _tool.Run("append", "order-42", "--type", "order.paid", "--data", "{}");
        await _tool.RunOk("append", "order-42", "--type", "order.paid", "--data", "{}", "--store", address);
        var again = await _tool.Run("move", _tool.Store, address);
        var movedBack = await _tool.RunOk("move", address, _tool.Store, "--json");

        Assert.Equal(
            (false, 3), (plan.Json.GetProperty("isMoved").GetBoolean(), plan.Json.GetProperty("events").GetInt32()));
        Assert.Equal(
            (true, 3), (moved.Json.GetProperty("isMoved").GetBoolean(), moved.Json.GetProperty("events").GetInt32()));
        Assert.InRange(moved.Json.GetProperty("heldMilliseconds").GetInt32(), 0, elapsed.TotalMilliseconds);
        Assert.Equal(5, closed.ExitCode);
        Assert.Equal(4, again.ExitCode);
        Assert.Contains("already", again.Error, StringComparison.Ordinal);
        Assert.Equal(1, movedBack.Json.GetProperty("events").GetInt32());
        await _tool.RunOk("verify");
    }

    [Fact]
    public async Task An_invalid_move_is_refused()
    {
        await FillStore();

        var same = await _tool.Run("move", _tool.Store, _tool.Store);
        var missing = await _tool.Run("move", "none.db", "copy.db");
        var conflicting = await _tool.Run("move", _tool.Store, "copy.db", "--dry-run", "--abandon");

        Assert.Equal((2, 4, 2), (same.ExitCode, missing.ExitCode, conflicting.ExitCode));
        Assert.Contains("itself", same.Error, StringComparison.Ordinal);
        await _tool.RunOk("move", _tool.Store, "copy.db", "--abandon");
    }

    private async Task FillStore()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        object[] events = [StoreFile.Event("order.placed", "{\"total\":1}"), StoreFile.Event("order.noted", "2"),
            StoreFile.Event("order.shipped", "3")];
        await store.Append(new StreamId("order-42"), ExpectedVersion.Any, events);
    }
}
