using Millrace.Storage.InMemory;

namespace Millrace.Model.Tests.Commands;

/// <summary>
/// Tests that several aggregates of one command append together or not at all. Transfers never change the total
/// amount of money.
/// </summary>
public sealed class TransferTests
{
    private const int Accounts = 4;
    private const long Start = 100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Money_is_conserved_when_transfers_run_concurrently(bool onSqlite)
    {
        await using var host = await (onSqlite ? BankHost.StartOnSqlite() : BankHost.Start());
        var accounts = await Open(host);

        var moved = await TransferConcurrently([host], accounts, workers: 16, transfers: 25);

        await AssertConserved(host, accounts, moved);
    }

    [Fact]
    public async Task Money_is_conserved_when_two_nodes_transfer_it()
    {
        var storage = new InMemoryStorage();
        await using var firstNode = await BankHost.Start(storage: storage);
        await using var secondNode = await BankHost.Start(storage: storage);
        var accounts = await Open(firstNode);

        var moved = await TransferConcurrently([firstNode, secondNode], accounts, workers: 8, transfers: 25);

        await AssertConserved(firstNode, accounts, moved);
        await AssertConserved(secondNode, accounts, moved);
    }

    [Fact]
    public async Task A_transfer_that_one_account_refuses_changes_neither_account()
    {
        await using var host = await BankHost.Start();
        var accounts = await Open(host);

        await Assert.ThrowsAsync<InvariantViolatedException>(
            async () => await host.Commands.Send(new Transfer(accounts[0], accounts[1], Start + 1)));
        await Assert.ThrowsAsync<AggregateNotFoundException>(
            async () => await host.Commands.Send(new Transfer(accounts[0], Guid.CreateVersion7(), 1)));

        await AssertConserved(host, accounts, moved: 0);
    }

    private static async Task<Guid[]> Open(BankHost host)
    {
        var accounts = new Guid[Accounts];
        for (var i = 0; i < Accounts; i++)
            accounts[i] = await host.Open(Start);
        return accounts;
    }

    /// <summary>Returns the number of acknowledged transfers.</summary>
    private static async Task<int> TransferConcurrently(BankHost[] hosts, Guid[] accounts, int workers, int transfers)
    {
        var options = new SendOptions { Retry = new ConflictRetry(1_000, TimeSpan.Zero, TimeSpan.FromMilliseconds(2)) };
        var moved = await Task.WhenAll(
            Enumerable
                .Range(0, workers)
                .Select(worker =>
                    Task.Run(async () =>
                    {
                        var random = new Random(worker);
                        var done = 0;
                        for (var i = 0; i < transfers; i++)
                        {
                            var from = random.Next(Accounts);
                            var to = (from + random.Next(1, Accounts)) % Accounts;
                            try
                            {
                                await hosts[i % hosts.Length]
                                    .Commands.Send(
                                        new Transfer(accounts[from], accounts[to], random.Next(1, 60)), options);
                                done++;
                            }
                            catch (InvariantViolatedException)
                            {
                                // The account would be overdrawn, so this refusal is expected.
                            }
                        }
                        return done;
                    })
                )
        );
        return moved.Sum();
    }

    private static async Task AssertConserved(BankHost host, Guid[] accounts, int moved)
    {
        var total = 0L;
        foreach (var account in accounts)
        {
            var balance = await host.BalanceOf(account);
            Assert.InRange(balance, 0, Accounts * Start);
            total += balance;
        }
        Assert.Equal(Accounts * Start, total);
        Assert.Equal(moved + Accounts, await host.Store.Count(EventFilter.OfTypes("money.deposited")));
        Assert.Equal(moved, await host.Store.Count(EventFilter.OfTypes("money.withdrawn")));
    }
}
