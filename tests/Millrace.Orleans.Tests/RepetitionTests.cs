using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of commands that their sender handles after another node, or must not handle again.</summary>
public sealed class RepetitionTests(MemoryNode node) : IClassFixture<MemoryNode>
{
    [Fact]
    public async Task A_command_that_is_handled_again_has_the_same_id()
    {
        await Assert.ThrowsAsync<OverdrawnException>(() => node.Send(new Charge(new AccountId("charged"))));

        Assert.Equal(2, node.Handled.Ids.Count);
        Assert.Single(node.Handled.Ids.Distinct());
    }

    [Fact]
    public async Task A_command_is_not_repeated_if_its_scope_fails_after_the_commit()
    {
        var account = new AccountId("left");

        var result = await node.Send(new Leave(account));

        Assert.True(result.Value.IsRouted);
        Assert.Single(await node.UsersOf(account));
    }

    [Fact]
    public async Task A_slow_command_is_in_doubt_after_its_timeout_and_stops_no_routing()
    {
        var slow = new MemoryNode(null, null, options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        await slow.InitializeAsync();
        try
        {
            var doubt = await Assert.ThrowsAsync<StorageException>(() => slow.Send(new Hold(new AccountId("held"))));

            Assert.True(doubt.IsInDoubt);
            slow.Handled.Release.SetResult();
            Assert.True((await slow.Send(new Hold(new AccountId("next")))).Value.IsRouted);
        }
        finally
        {
            await slow.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_node_that_stops_leaves_no_command_in_doubt()
    {
        const int Accounts = 40;
        await using var storage = new InMemoryStorage();
        var first = new MemoryNode(null, storage);
        await first.InitializeAsync();
        var second = new MemoryNode(first, storage);
        await second.InitializeAsync();
        using var stop = new CancellationTokenSource();
        var sent = 0;
        try
        {
            var senders = Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
            {
                for (var number = sender; !stop.IsCancellationRequested; number++)
                {
                    await first.Send(new Deposit(new AccountId($"{number % Accounts}"), 1, "deposit"));
                    Interlocked.Increment(ref sent);
                }
            })).ToArray();
            await Eventually.Until(() => Volatile.Read(ref sent) > 200);

            await second.DisposeAsync();

            var before = Volatile.Read(ref sent);
            await Eventually.Until(() => Volatile.Read(ref sent) > before + 100);
            await stop.CancelAsync();
            await Task.WhenAll(senders);
            var stored = 0;
            for (var number = 0; number < Accounts; number++)
                stored += (await first.UsersOf(new AccountId($"{number}"))).Count;
            Assert.Equal(sent, stored);
        }
        finally
        {
            await first.DisposeAsync();
        }
    }
}
