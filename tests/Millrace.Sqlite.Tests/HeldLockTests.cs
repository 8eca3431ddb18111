using System.Diagnostics;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests locks whose owner is another program that is killed or paused.</summary>
public sealed class HeldLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    [Trait(TestRun.Kind, TestRun.Whole)]
    public async Task The_lock_of_a_killed_program_is_released_exactly_after_its_duration()
    {
        var path = _directory["shop.db"];
        await using var store = await EventStore.Open(new SqliteStorage(path), EventTypeMap.Empty);
        using var peer = await Peer.Start("hold", path, "stock");
        var token = Token(await peer.ReadLine());
        var locks = Locks.Of(store);
        await Assert.ThrowsAsync<LockUnavailableException>(() => locks.Acquire(
            new LockRequest("stock") { Wait = TimeSpan.FromSeconds(12) })); // Longer than the duration.

        await peer.Kill();
        await using var held = await locks.Acquire(new LockRequest("stock") { Wait = TimeSpan.FromMinutes(1) });

        Assert.True(held.Token > token);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Whole)]
    public async Task A_fence_refuses_a_program_that_continues_after_a_pause()
    {
        var path = _directory["shop.db"];
        await using var store = await EventStore.Open(new SqliteStorage(path), EventTypeMap.Empty);
        using var peer = await Peer.Start("hold", path, "stock");
        var token = Token(await peer.ReadLine());
        await peer.Send("append");
        Assert.Equal("ACK", await peer.ReadLine());

        await Signal("STOP", peer.Id);
        await using var held = await Locks
            .Of(store)
            .Acquire(new LockRequest("stock") { Wait = TimeSpan.FromMinutes(1) });
        await new Fences(store).Check("stock", held.Token);
        await peer.Send("append");
        await Signal("CONT", peer.Id);
        string?[] lines = [await peer.ReadLine(), await peer.ReadLine()];

        Assert.Equal(["LOST", $"FENCED {token} {held.Token}"], lines.Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(1, (await store.GetInfo()).Events);
    }

    private static long Token(string? line) => long.Parse(
        Assert.IsType<string>(line).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task Signal(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
