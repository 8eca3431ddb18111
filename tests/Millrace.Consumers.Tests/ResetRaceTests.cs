using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class ResetRaceTests
{
    private const string Cargo = "cargo@1";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_model_is_not_reset_past_an_event_that_fails_at_the_same_time(bool isOnDisk)
    {
        using var file = new ShopFile();
        var storage = new FaultyStorage(isOnDisk ? file.Open() : new InMemoryStorage());
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(
            storage, host => TestNode.Add(host, Harbour.Cargo(create: () => new UnknownKeyCargoProjection(fix))));
        await node.Append("bea", new Loaded("bea", 10));
        await node.WaitUntil(Cargo, status => status.LagEvents == 0);
        storage.BeforeLeases = name =>
        {
            if (name != nameof(ILeaseStorage.Reset))
                return;
            storage.BeforeLeases = null;
            Assert.True(Task.Run(() => FailAndRecover(node)).Wait(TestNode.WaitTimeout));
        };

        var refused = await Assert.ThrowsAsync<ConsumerResetRefusedException>(async () =>
            await node.Consumers.Reset(Cargo));
        fix.IsApplied = true;
        var letter = Assert.Single(await node.ListDeadLetters());
        await node.Decide(letter, DeadLetterDecision.Retry);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(letter.Id, refused.DeadLetterId);
        Assert.Equal(111, (await node.Cargo.Get("bea")).Value!.Crates);
    }

    /// <summary>Appends an event whose document is unknown, and another event that changes the same document.</summary>
    private static async Task FailAndRecover(TestNode node)
    {
        await node.Append("ada", new Loaded("bea", 1));
        await node.Append("bea", new Loaded("bea", 100));
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 1 });
    }
}
