using System.Diagnostics;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of commands that are handled on another node than that of their sender.</summary>
[Collection(nameof(Cluster))]
public sealed class RoutingTests(Cluster cluster)
{
    [PostgreSqlFact]
    public async Task Commands_of_senders_on_all_nodes_are_handled_on_the_node_of_their_account()
    {
        const int Accounts = 20;
        const int Each = 200;
        await Task.WhenAll(cluster.Others.Select(node => node.Deposit("exact", Each, Accounts)).Append(DepositHere()));

        var nodes = new HashSet<string>();
        for (var number = 0; number < Accounts; number++)
        {
            var account = new AccountId($"{number}");
            var deposits = await cluster.DepositsOf(account, "exact");
            Assert.Equal(3 * Each / Accounts, deposits.Count);
            Assert.Equal(deposits.Count, deposits.Distinct().Count());
            var first = await cluster.Send(new Deposit(account, 1, "after"), "exact");
            var second = await cluster.Send(new Withdraw(account, 1), "exact");
            Assert.Equal(deposits.Count + 1, first.Value.Balance);
            Assert.Equal(deposits.Count + 2, second.Version);
            Assert.Equal(first.Value.Node, second.Value.Node);
            nodes.Add(first.Value.Node);
        }
        Assert.Equal(3, nodes.Count);

        Task DepositHere() => Parallel.ForAsync(0, Each, async (number, end) => await cluster.Send(
            new Deposit(new AccountId($"{number % Accounts}"), 1, $"here-{number}"), "exact", null, end));
    }

    [PostgreSqlFact]
    public async Task A_command_that_another_node_does_not_know_is_handled_by_its_sender()
    {
        var account = await cluster.AccountElsewhere("unknown");

        var corrected = await cluster.Send(new Correct(account, "corrected"));

        Assert.Equal(Cluster.Here, corrected.Value.Node);
        Assert.Equal(11, corrected.Value.Balance);
        var next = await cluster.Send(new Deposit(account, 1, "next")); // The other node loads the correction.
        Assert.Equal(("second", 12L), (next.Value.Node, next.Value.Balance));
    }

    [PostgreSqlFact]
    public async Task An_append_beside_the_cluster_is_part_of_the_next_decision()
    {
        var account = await cluster.AccountElsewhere("beside");
        await using (var scope = await cluster.Enter("acme"))
            await scope.Store.Append(
                StreamId.For("account", account), ExpectedVersion.Exactly(1), [new Deposited("beside", 5)]);

        var next = await cluster.Send(new Withdraw(account, 15));

        Assert.Equal(("second", 0L, 3L), (next.Value.Node, next.Value.Balance, next.Version));
    }

    [PostgreSqlFact]
    public async Task The_account_of_another_tenant_with_the_same_id_is_another_account()
    {
        var account = await cluster.AccountElsewhere("tenant");

        var other = await cluster.Send(new Deposit(account, 3, "other"), "umbrella");

        Assert.Equal((3L, 1L), (other.Value.Balance, other.Version));
        Assert.Equal(["first"], await cluster.DepositsOf(account));
        Assert.Equal(["other"], await cluster.DepositsOf(account, "umbrella"));
    }

    [PostgreSqlFact]
    public async Task The_event_names_the_user_the_metadata_and_the_conversation_of_its_sender()
    {
        var account = await cluster.AccountElsewhere("sender");
        var correlation = Guid.NewGuid();
        using var activity = new Activity("test").Start();

        var result = await cluster.Send(new Deposit(account, 1, "second"), options: new SendOptions
        {
            User = Cluster.UserOf("bob", BankNode.Clerk),
            CorrelationId = correlation,
            Metadata = EventMetadata.Empty with { RequestId = "request-1" },
        });

        Assert.Equal("second", result.Value.Node);
        await using var scope = await cluster.Enter("acme");
        var recorded = await scope.Store.ReadStream(StreamId.For("account", account), 2).FirstAsync();
        Assert.Equal(("bob", "request-1"), (recorded.Metadata.UserId, recorded.Metadata.RequestId));
        Assert.Equal(correlation, recorded.CorrelationId);
        Assert.Equal(activity.TraceId.ToString(), recorded.Metadata.TraceParent?.Split('-')[1]);
    }

    [PostgreSqlFact]
    public async Task A_repetition_with_the_same_idempotency_key_gets_the_first_answer()
    {
        var account = await cluster.AccountElsewhere("key");
        var options = new SendOptions { User = Cluster.Clerk, IdempotencyKey = $"{Guid.NewGuid()}" };

        var first = await cluster.Send(new Deposit(account, 1, "once"), options: options);
        var second = await cluster.Send(new Deposit(account, 1, "once"), options: options);

        Assert.True(second.WasRepeated);
        Assert.Equal(first with { WasRepeated = true }, second);
        Assert.Equal(["first", "once"], await cluster.DepositsOf(account));
    }
}
