using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;
using Orleans.Runtime;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of nodes with different stores in one cluster.</summary>
public sealed class StoreIdentityTests(MemoryNode node) : IClassFixture<MemoryNode>
{
    [Fact]
    public async Task A_node_with_another_store_handles_no_command()
    {
        const int Accounts = 40;
        var other = new MemoryNode(node, null);
        await other.InitializeAsync();
        try
        {
            await Eventually.Until(() => ActiveNodes(node) == 2 && ActiveNodes(other) == 2);
            for (var number = 0; number < Accounts; number++)
            {
                var account = new AccountId($"{number}");
                await node.Send(new Deposit(account, 1, "deposit"));

                Assert.Single(await node.UsersOf(account));
                Assert.Empty(await other.UsersOf(account));
            }
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    private static int ActiveNodes(MemoryNode node) => node.Services
        .GetRequiredService<ISiloStatusOracle>()
        .GetApproximateSiloStatuses(onlyActive: true)
        .Count;
}
