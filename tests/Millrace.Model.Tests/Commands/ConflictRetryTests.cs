namespace Millrace.Model.Tests.Commands;

public sealed class ConflictRetryTests
{
    private sealed record Interfere(Guid Account, int Times) : ICommand<int>;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task After_a_conflict_the_handler_decides_again_on_the_new_state(int conflicts)
    {
        var runs = 0;
        await using var host = await BankHost.Start(millrace =>
            millrace.AddModel(model => AddInterference(model, () => runs++)));
        var account = await host.Open();

        var result = await host.Commands.Send(new Interfere(account, conflicts));

        Assert.Equal(conflicts + 1, runs);
        Assert.Equal(conflicts, result.Value);
        Assert.Equal(conflicts + 100, await host.BalanceOf(account));
    }

    [Fact]
    public async Task A_conflict_after_the_last_retry_is_thrown_and_nothing_is_written()
    {
        var runs = 0;
        await using var host = await BankHost.Start(millrace =>
            millrace.AddModel(model => AddInterference(model, () => runs++)));
        var account = await host.Open();

        var refused = await Assert.ThrowsAsync<VersionConflictException>(
            async () => await host.Commands.Send(new Interfere(account, 100)));

        Assert.Equal(StreamId.For("account", account), refused.Stream);
        Assert.Equal(4, runs);
        Assert.Equal(4, await host.BalanceOf(account));
    }

    [Fact]
    public async Task Retries_of_the_sender_override_those_of_the_command_which_override_those_of_the_options()
    {
        var runs = 0;
        await using var host = await BankHost.Start(millrace => millrace
            .AddModel(model => AddInterference(model, () => runs++, new ConflictRetry(1, TimeSpan.Zero, TimeSpan.Zero)))
            .ConfigureCommands(options => options.Retry = new ConflictRetry(9, TimeSpan.Zero, TimeSpan.Zero)));
        var account = await host.Open();

        await Assert.ThrowsAsync<VersionConflictException>(async () =>
            await host.Commands.Send(new Interfere(account, 100)));
        var runsWithCommandRetries = runs;
        runs = 0;
        var none = new SendOptions { Retry = ConflictRetry.None };
        await Assert.ThrowsAsync<VersionConflictException>(async () =>
            await host.Commands.Send(new Interfere(account, 100), none));

        Assert.Equal(2, runsWithCommandRetries);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_command_is_retried_after_a_failed_condition_but_not_after_a_taken_claim()
    {
        var runs = 0;
        await using var host = await BankHost.Start(millrace =>
            millrace.AddModel(model =>
                model.Command(
                    new CommandDefinition<Register, Nothing>(
                        "register",
                        async (command, context, cancellationToken) =>
                        {
                            var head = await CountOf(context, cancellationToken);
                            if (runs++ == 0)
                                await Store(context)
                                    .Append(
                                        new StreamId("other-1"),
                                        ExpectedVersion.Any,
                                        [new MoneyDeposited(1)],
                                        cancellationToken);
                            context.OnlyIf(new AppendCondition(EventFilter.OfTypes("money.deposited"), head));
                            context.Claim(Claim.Acquire("name", command.Name, command.Owner));
                            context.Append(new StreamId("other-2"), ExpectedVersion.Any, new MoneyWithdrawn(1));
                            return default;
                        }
                    )
                )
            )
        );

        await host.Commands.Send(new Register("x", "me"));
        var runsAfterCondition = runs;
        var refused = await Assert.ThrowsAsync<ClaimTakenException>(async () =>
            await host.Commands.Send(new Register("x", "you")));

        Assert.Equal(2, runsAfterCondition);
        Assert.Equal(3, runs);
        Assert.Equal("me", refused.Owner);
    }

    private sealed record Register(string Name, string Owner) : ICommand;

    private static EventStore Store(CommandContext context) =>
        (EventStore)context.Services.GetService(typeof(EventStore))!;

    private static ValueTask<long> CountOf(CommandContext context, CancellationToken cancellationToken) =>
        Store(context).Count(EventFilter.All, cancellationToken);

    /// <summary>
    /// Adds a command whose handler deposits 100. In its first runs, as many as the command requests, another append
    /// causes a conflict.
    /// </summary>
    private static void AddInterference(ModelBuilder model, Action onRun, ConflictRetry? retry = null)
    {
        var appends = 0;
        model.Command(new CommandDefinition<Interfere, int>("interfere", async (command, context, cancellationToken) =>
        {
            onRun();
            var account = await context.Load<Account, Guid>(command.Account, cancellationToken);
            var before = (int)account.Balance;
            if (appends++ < command.Times)
            {
                var stream = StreamId.For("account", command.Account);
                await Store(context).Append(stream, ExpectedVersion.Any, [new MoneyDeposited(1)], cancellationToken);
            }
            account.Deposit(100);
            return before;
        })
        {
            Retry = retry,
        });
    }
}
