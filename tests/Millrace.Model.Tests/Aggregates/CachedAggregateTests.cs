using Millrace.Commands;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Model.Tests.Aggregates;

/// <summary>
/// Tests the cache that keeps aggregates between commands. Concurrent commands never share an aggregate, and each
/// append checks its version.
/// </summary>
public sealed class CachedAggregateTests
{
    private sealed record Fetch(Guid Account, bool Deposits = false, bool Fails = false) : ICommand<Account>;

    [Fact]
    public async Task The_next_command_finds_the_aggregate_in_memory()
    {
        await using var host = await StartHostWithFetchCommand();
        var account = await host.Open();

        var first = await host.Commands.Send(new Fetch(account, Deposits: true));
        var second = await host.Commands.Send(new Fetch(account));

        Assert.Same(first.Value, second.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commands_that_one_node_runs_on_one_aggregate_take_turns_and_never_conflict(bool onSqlite)
    {
        // The clock of the host does not advance, so no timeout expires while callers wait for a slow disk.
        var time = new ManualTimeProvider();
        await using var host = await (onSqlite ? BankHost.StartOnSqlite(time: time) : BankHost.Start(time: time));
        var account = await host.Open();
        var noRetries = new SendOptions { Retry = ConflictRetry.None };

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(
            async () => await host.Commands.Send(new Deposit(account, 1), noRetries))));

        Assert.Equal(64, await host.BalanceOf(account));
    }

    [Fact]
    public async Task With_a_cache_size_of_zero_each_command_loads_the_aggregate()
    {
        await using var host = await StartHostWithFetchCommand(millrace =>
            millrace.ConfigureCommands(options => options.CachedAggregates = 0));
        var account = await host.Open();

        var first = await host.Commands.Send(new Fetch(account));
        var second = await host.Commands.Send(new Fetch(account));

        Assert.NotSame(first.Value, second.Value);
    }

    [Fact]
    public async Task The_changes_of_a_failed_command_are_not_cached()
    {
        await using var host = await StartHostWithFetchCommand();
        var account = await host.Open(balance: 1);

        await Assert.ThrowsAsync<TimeoutException>(
            async () => await host.Commands.Send(new Fetch(account, Deposits: true, Fails: true)));
        var result = await host.Commands.Send(new ReadBalance(account));

        Assert.Equal(new Balance(1), result.Value);
    }

    [Fact]
    public async Task A_refusal_based_on_a_stale_cached_state_is_decided_again()
    {
        var storage = new InMemoryStorage();
        await using var node = await BankHost.Start(storage: storage);
        await using var otherNode = await BankHost.Start(storage: storage);
        var account = await node.Open(balance: 1);

        await otherNode.Commands.Send(new Deposit(account, 9));
        var result = await node.Commands.Send(new Withdraw(account, 10));

        Assert.Equal(new Balance(0), result.Value);
    }

    [Fact]
    public async Task An_answer_based_on_a_stale_cached_state_is_computed_again()
    {
        var storage = new InMemoryStorage();
        await using var node = await BankHost.Start(storage: storage);
        await using var otherNode = await BankHost.Start(storage: storage);
        var account = await node.Open(balance: 1);

        await otherNode.Commands.Send(new Deposit(account, 9));
        var result = await node.Commands.Send(new ReadBalance(account));

        Assert.Equal(new Balance(10), result.Value);
    }

    [Fact]
    public async Task A_stale_cached_state_uses_no_retry()
    {
        var storage = new InMemoryStorage();
        await using var node = await BankHost.Start(storage: storage);
        await using var otherNode = await BankHost.Start(storage: storage);
        var account = await node.Open(balance: 1);

        await otherNode.Commands.Send(new Deposit(account, 9));
        var result = await node.Commands.Send(
            new Withdraw(account, 10), new SendOptions { Retry = ConflictRetry.None });

        Assert.Equal(new Balance(0), result.Value);
    }

    [Fact]
    public async Task A_process_step_never_sees_a_stale_cached_state()
    {
        var seen = new List<Balance>();
        var storage = new InMemoryStorage();
        await using var otherNode = await BankHost.Start(storage: storage);
        await using var node = await BankHost.Start(
            millrace => millrace.AddModel(model => model.Command(new CommandDefinition<Fetch, Account>(
                "fetch",
                async (command, context, cancellationToken) =>
                {
                    var account = await context.Load<Account, Guid>(command.Account, cancellationToken);
                    seen.Add(new Balance(account.Balance)); // A rollback cannot undo an external action of the step.
                    return account;
                }))),
            storage);
        var account = await node.Open(balance: 1);
        await otherNode.Commands.Send(new Deposit(account, 9));

        var process = new StreamId("process-1");
        var enlistment = new CommandEnlistment(
            Guid.NewGuid(), process, request => request.To(process, ExpectedVersion.Any, new MoneyDeposited(1)));
        await node.Commands.Send(new Fetch(account), new SendOptions { Enlistment = enlistment });

        Assert.Equal([new Balance(10)], seen);
    }

    [Fact]
    public async Task A_stale_cached_state_leaves_all_retries_for_conflicts()
    {
        var runs = 0;
        var storage = new InMemoryStorage();
        await using var otherNode = await BankHost.Start(storage: storage);
        await using var node = await BankHost.Start(
            millrace => millrace.AddModel(model => model.Command(new CommandDefinition<Fetch, Account>(
                "fetch",
                async (command, context, cancellationToken) =>
                {
                    var account = await context.Load<Account, Guid>(command.Account, cancellationToken);
                    if (++runs == 2)
                        await otherNode.Commands.Send(new Deposit(command.Account, 1), cancellationToken);
                    account.Withdraw(10);
                    return account;
                }))),
            storage);
        var account = await node.Open(balance: 1);
        await otherNode.Commands.Send(new Deposit(account, 9));

        await node.Commands.Send(
            new Fetch(account), new SendOptions { Retry = new ConflictRetry(1, TimeSpan.Zero, TimeSpan.Zero) });

        Assert.Equal(3, runs);
        Assert.Equal(1, await node.BalanceOf(account));
    }

    [Fact]
    public async Task A_command_notices_an_event_that_was_appended_without_the_command_bus()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 1);

        await host.Store.Append(StreamId.For("account", account), ExpectedVersion.Any, [new MoneyDeposited(5)]);
        var result = await host.Commands.Send(new Deposit(account, 1));

        Assert.Equal(new Balance(7), result.Value);
    }

    [Fact]
    public async Task A_deleted_aggregate_is_not_found_although_it_was_cached()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 1);

        await host.Store.Delete(StreamId.For("account", account), ExpectedVersion.Any, "asked for");

        await Assert.ThrowsAsync<AggregateNotFoundException>(async () =>
            await host.Commands.Send(new Deposit(account, 1)));
        await host.Commands.Send(new OpenAccount(account, "Bob"));
        Assert.Equal(new Balance(2), (await host.Commands.Send(new Deposit(account, 2))).Value);
    }

    private static Task<BankHost> StartHostWithFetchCommand(
        Action<MillraceBuilder>? configure = null) => BankHost.Start(millrace =>
    {
        millrace.AddModel(model => model.Command(new CommandDefinition<Fetch, Account>("fetch", Handle)));
        configure?.Invoke(millrace);
    });

    private static async ValueTask<Account> Handle(
        Fetch command, CommandContext context, CancellationToken cancellationToken)
    {
        var account = await context.Load<Account, Guid>(command.Account, cancellationToken);
        if (command.Deposits)
            account.Deposit(1);
        return command.Fails ? throw new TimeoutException() : account;
    }
}
