using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of a node that is killed while it handles commands of others.</summary>
[Collection(nameof(Cluster))]
public sealed class KilledNodeTests(Cluster cluster)
{
    private const string Tenant = "killed";
    private const int Accounts = 40;
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(); // Whether the deposit had a key.
    private readonly ConcurrentDictionary<string, bool> _inDoubt = new();
    private int _next;

    [PostgreSqlFact]
    public async Task A_killed_node_loses_and_doubles_no_command()
    {
        using var node = await cluster.StartNode("victim");
        await Eventually.Get(NodesOf, nodes => nodes.Contains("victim"));
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 8).Select(sender => Send(sender % 2 == 0, stop.Token)).ToArray();
        await Eventually.Until(() => _acknowledged.Count > 200);

        node.Kill();

        // Until the cluster knows that the node is dead, the node in this process handles the commands itself.
        await Eventually.Get(NodesOf, nodes => nodes.Contains("second") && !nodes.Contains("victim"));
        await stop.CancelAsync();
        await Task.WhenAll(senders);
        await AssertExact();
    }

    private async Task Send(bool isKeyed, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await Deposit(isKeyed);
    }

    private async Task<string?> Deposit(bool isKeyed)
    {
        var number = Interlocked.Increment(ref _next);
        var id = $"deposit-{number}";
        try
        {
            var result = await cluster.Send(
                new Deposit(new AccountId($"{number % Accounts}"), 1, id),
                Tenant,
                new SendOptions { User = Cluster.Clerk, IdempotencyKey = isKeyed ? id : null });
            _acknowledged[id] = isKeyed;
            return result.Value.Node;
        }
        catch (StorageException doubt) when (doubt.IsInDoubt)
        {
            Assert.False(isKeyed, "A command with a key is repeated.");
            _inDoubt[id] = true;
            return null;
        }
    }

    /// <summary>Returns the nodes that handle the commands of some accounts.</summary>
    private async Task<IReadOnlyCollection<string>> NodesOf()
    {
        var nodes = new SortedSet<string>();
        for (var number = 0; number < Accounts; number++)
        {
            if (await Deposit(isKeyed: true) is { } node)
                nodes.Add(node);
        }
        return nodes;
    }

    private async Task AssertExact()
    {
        var found = new List<string>();
        for (var number = 0; number < Accounts; number++)
            found.AddRange(await cluster.DepositsOf(new AccountId($"{number}"), Tenant));
        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Empty(_acknowledged.Keys.Except(found));
        Assert.Empty(found.Except(_acknowledged.Keys).Except(_inDoubt.Keys));
        // Only the commands that were on their way to the node at that moment are in doubt.
        Assert.InRange(_inDoubt.Count, 0, 8);
    }
}
