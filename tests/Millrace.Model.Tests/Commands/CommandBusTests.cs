namespace Millrace.Model.Tests.Commands;

public sealed class CommandBusTests
{
    [Fact]
    public async Task A_command_appends_the_events_that_its_aggregate_raised()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open();

        var result = await host.Commands.Send(new Deposit(account, 5));

        Assert.Equal(new Balance(5), result.Value);
        Assert.Equal(2, result.Version);
        Assert.False(result.Token.IsNone);
        var events = await host
            .Store.ReadStream(StreamId.For("account", account))
            .Select(recorded => recorded.Data)
            .ToListAsync();
        Assert.Equal([new AccountOpened("Ada"), new MoneyDeposited(5)], events);
    }

    [Fact]
    public async Task A_command_for_an_aggregate_that_does_not_exist_is_refused()
    {
        await using var host = await BankHost.Start();
        var account = Guid.CreateVersion7();

        var refused = await Assert.ThrowsAsync<AggregateNotFoundException>(async () =>
            await host.Commands.Send(new Deposit(account, 5)));

        Assert.Equal(StreamId.For("account", account), refused.Stream);
        Assert.Null(await host.Store.GetStream(refused.Stream));
    }

    [Fact]
    public async Task A_command_that_creates_an_existing_aggregate_is_refused()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open();

        await Assert.ThrowsAsync<AggregateExistsException>(async () =>
            await host.Commands.Send(new OpenAccount(account, "Bob")));

        Assert.Equal(1, (await host.Store.GetStream(StreamId.For("account", account)))!.Version);
    }

    [Fact]
    public async Task A_broken_invariant_is_reported_by_name_and_changes_nothing()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 3);

        var refused = await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4)));

        Assert.Equal("balance-not-negative", refused.Invariant);
        Assert.Equal(3, await host.BalanceOf(account));
        Assert.Equal(new Balance(2), (await host.Commands.Send(new Withdraw(account, 1))).Value);
    }

    [Fact]
    public async Task An_invalid_command_is_refused_and_appends_nothing()
    {
        await using var host = await BankHost.Start();

        var refused = await Assert.ThrowsAsync<ValidationFailedException>(
            async () => await host.Commands.Send(new OpenAccount(Guid.CreateVersion7(), "")));

        Assert.Equal([new ValidationProblem("owner", "An account has an owner.")], refused.Problems);
        Assert.Equal(0, await host.Store.Count(EventFilter.All));
    }

    [Fact]
    public async Task A_handler_without_a_context_completes_synchronously()
    {
        await using var host = await BankHost.Start();

        var sent = host.Commands.Send(new Ping(41));

        Assert.True(sent.IsCompletedSuccessfully);
        Assert.Equal(42, (await sent).Value);
    }

    [Fact]
    public async Task A_command_without_a_handler_is_refused_with_advice()
    {
        await using var host = await BankHost.Start();

        var refused = await Assert.ThrowsAsync<HandlerNotFoundException>(async () =>
            await host.Commands.Send(new UnhandledCommand()));

        Assert.Equal(typeof(UnhandledCommand), refused.MessageType);
    }

    [Fact]
    public async Task A_command_that_raises_nothing_writes_nothing()
    {
        await using var host = await BankHost.Start();

        var result = await host.Commands.Send(new ReadBalance(Guid.CreateVersion7()));

        Assert.Equal(0, result.Version);
        Assert.Equal(0, await host.Store.Count(EventFilter.All));
    }

    private sealed record UnhandledCommand : ICommand;
}
