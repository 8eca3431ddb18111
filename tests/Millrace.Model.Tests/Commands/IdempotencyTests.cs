using System.Security.Claims;
using Millrace.Commands;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Model.Tests.Commands;

public sealed class IdempotencyTests
{
    private static SendOptions Key(string key) => new() { IdempotencyKey = key };

    /// <summary>
    /// Starts an application whose external actions record the ids of their commands. The first actions fail.
    /// </summary>
    private static Task<BankHost> StartHostWithExternalAction(List<Guid> ids, int failures) =>
        BankHost.Start(millrace =>
            millrace.AddModel(model =>
                model.Command(
                    new CommandDefinition<ExternalAction, int>(
                        "errand",
                        (_, context, _) =>
                        {
                            ids.Add(context.CommandId);
                            return ids.Count <= failures
                                ? throw new TimeoutException("Nobody answered.")
                                : new ValueTask<int>(ids.Count);
                        }
                    )
                )
            )
        );

    [Fact]
    public async Task A_repeated_command_gets_the_first_answer_even_when_the_state_would_refuse_it()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);

        var first = await host.Commands.Send(new Withdraw(account, 5), Key("a"));
        await host.Commands.Send(new Deposit(account, 1));
        var second = await host.Commands.Send(new Withdraw(account, 5), Key("a"));

        Assert.False(first.WasRepeated);
        Assert.Equal(first with { WasRepeated = true }, second);
        Assert.Equal(1, await host.BalanceOf(account));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_of_several_concurrent_duplicates_runs_and_all_get_its_answer(bool onSqlite)
    {
        await using var host = await (onSqlite ? BankHost.StartOnSqlite() : BankHost.Start());
        var account = await host.Open(balance: 7);

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () => await host.Commands.Send(new Withdraw(account, 4), Key("a")))));

        Assert.Equal(3, await host.BalanceOf(account));
        Assert.Single(results, result => !result.WasRepeated);
        Assert.Single(results.Select(result => result with { WasRepeated = false }).Distinct());
    }

    [Fact]
    public async Task A_repeated_command_that_wrote_nothing_gets_the_first_answer()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);

        var first = await host.Commands.Send(new ReadBalance(account), Key("a"));
        await host.Commands.Send(new Deposit(account, 1));
        var second = await host.Commands.Send(new ReadBalance(account), Key("a"));

        Assert.Equal(new Balance(5), first.Value);
        Assert.Equal(new Balance(5), second.Value);
        Assert.True(second.WasRepeated);
    }

    [Fact]
    public async Task A_repeated_command_whose_handler_has_no_context_gets_the_first_answer()
    {
        await using var host = await BankHost.Start();

        var first = await host.Commands.Send(new Ping(1), Key("a"));
        var second = await host.Commands.Send(new Ping(1), Key("a"));

        Assert.Equal((2, false, 2, true), (first.Value, first.WasRepeated, second.Value, second.WasRepeated));
    }

    [Fact]
    public async Task A_failed_command_stores_no_answer()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open();

        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), Key("a")));
        await host.Commands.Send(new Deposit(account, 4));
        var result = await host.Commands.Send(new Withdraw(account, 4), Key("a"));

        Assert.False(result.WasRepeated);
        Assert.Equal(new Balance(0), result.Value);
    }

    [Fact]
    public async Task A_stored_refusal_is_repeated_until_its_deadline_even_when_the_state_would_allow_the_command()
    {
        var clock = new ManualClock();
        await using var host = await BankHost.Start(time: clock);
        var account = await host.Open();
        var withDeadline = Key("a") with { RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(1) };
        var first = await Assert.ThrowsAsync<InvariantViolatedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), withDeadline));
        await host.Commands.Send(new Deposit(account, 4));

        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), withDeadline));
        clock.Advance(TimeSpan.FromSeconds(61));
        var after = await host.Commands.Send(new Withdraw(account, 4), Key("a"));

        Assert.Equal((nameof(InvariantViolatedException), first.Message), (again.Refusal.Error, again.Message));
        Assert.False(after.WasRepeated);
        Assert.Equal(0, await host.BalanceOf(account));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_is_stored_until_the_latest_deadline_of_its_callers(bool onSqlite)
    {
        var clock = new ManualClock();
        await using var host = await (onSqlite ? BankHost.StartOnSqlite(time: clock) : BankHost.Start(time: clock));
        var account = await host.Open();
        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), WithDeadlineIn(1)));
        await host.Commands.Send(new Deposit(account, 4));

        // Many callers get the refusal concurrently, and some extend its deadline. A later caller with an earlier
        // deadline does not shorten it.
        await Task.WhenAll(
            Enumerable.Range(0, 16).Select(number => Task.Run(() => AssertRefused(WithDeadlineIn(1 + (number % 4))))));
        await AssertRefused(WithDeadlineIn(2));
        clock.Advance(TimeSpan.FromSeconds(239));
        await AssertRefused(WithDeadlineIn(0));
        clock.Advance(TimeSpan.FromSeconds(2));
        var after = await host.Commands.Send(new Withdraw(account, 4), Key("a"));

        Assert.False(after.WasRepeated);

        SendOptions WithDeadlineIn(int minutes) =>
            Key("a") with
            {
                RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(minutes),
            };

        async Task AssertRefused(SendOptions options) =>
            await Assert.ThrowsAsync<CommandAlreadyRefusedException>(async () =>
                await host.Commands.Send(new Withdraw(account, 4), options));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_whose_extension_is_in_doubt_is_read_again(bool isCommitted)
    {
        var clock = new ManualClock();
        var storage = new FaultInjectingStorage(new InMemoryStorage(clock));
        await using var host = await BankHost.Start(storage: storage, time: clock);
        var account = await host.Open();
        var withDeadline = Key("a") with { RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(1) };
        var withLaterDeadline = withDeadline with
        {
            RedeliveryDeadline = withDeadline.RedeliveryDeadline + TimeSpan.FromMinutes(1),
        };
        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), withDeadline));
        await host.Commands.Send(new Deposit(account, 4));
        if (isCommitted)
            storage.AfterCommit = (_, _) => throw CommitInDoubt();
        else
            storage.BeforeCommit = (_, _) => throw CommitInDoubt();

        var error = await Assert.ThrowsAnyAsync<MillraceException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), withLaterDeadline));
        (storage.BeforeCommit, storage.AfterCommit) = (null, null);
        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), withDeadline));

        Assert.Equal(isCommitted, error is CommandAlreadyRefusedException);
        Assert.Equal(isCommitted, error is not StorageException { Problem: StorageProblem.Unavailable });
        Assert.Equal(
            isCommitted ? withLaterDeadline.RedeliveryDeadline : withDeadline.RedeliveryDeadline, again.Refusal.Until);
    }

    [Fact]
    public async Task A_stored_refusal_without_a_deadline_is_repeated_and_gets_the_deadline_of_the_caller()
    {
        var clock = new ManualClock();
        var storage = new InMemoryStorage(clock);
        await using var host = await BankHost.Start(storage: storage, time: clock);
        var account = await host.Open(balance: 4);
        var refusal = """{"command":null,"refused":"InvariantViolatedException","problem":"There was too little."}"""u8.ToArray();
        var mark = new HandledMark("withdraw", "a", refusal, clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        await storage.Log.Commit([new CommitRequest { Handled = [mark] }], clock.GetUtcNow(), CancellationToken.None);
        var withDeadline = Key("a") with { RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(2) };

        await Assert.ThrowsAsync<CommandAlreadyRefusedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), withDeadline));
        clock.Advance(TimeSpan.FromSeconds(119));
        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), withDeadline));

        Assert.Equal("There was too little.", again.Message);
    }

    private static StorageException CommitInDoubt() => new("The connection broke.", StorageProblem.InDoubt);

    [Fact]
    public async Task The_same_key_of_another_command_or_another_user_is_a_different_key()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);
        var ada = new ClaimsPrincipal(new ClaimsIdentity([new System.Security.Claims.Claim("sub", "ada")], "test"));

        var withdrawn = await host.Commands.Send(new Withdraw(account, 1), Key("a"));
        var deposited = await host.Commands.Send(new Deposit(account, 1), Key("a"));
        var withdrawnByAda = await host.Commands.Send(new Withdraw(account, 1), Key("a") with { User = ada });

        Assert.False(withdrawn.WasRepeated || deposited.WasRepeated || withdrawnByAda.WasRepeated);
    }

    [Fact]
    public async Task A_key_that_is_reused_with_other_contents_is_refused()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);
        await host.Commands.Send(new Withdraw(account, 1), Key("a"));

        var refused = await Assert.ThrowsAsync<IdempotencyKeyReusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 2), Key("a")));

        Assert.Equal(("withdraw", "a"), (refused.Command, refused.Key));
        Assert.Equal(4, await host.BalanceOf(account));
    }

    [Fact]
    public async Task A_key_can_be_used_again_after_the_idempotency_window()
    {
        var clock = new ManualClock();
        await using var host = await BankHost.Start(time: clock);
        var account = await host.Open(balance: 5);
        await host.Commands.Send(new Withdraw(account, 1), Key("a"));

        clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        var within = await host.Commands.Send(new Withdraw(account, 1), Key("a"));
        clock.Advance(TimeSpan.FromSeconds(2));
        var after = await host.Commands.Send(new Withdraw(account, 1), Key("a"));

        Assert.True(within.WasRepeated);
        Assert.False(after.WasRepeated);
        Assert.Equal(3, await host.BalanceOf(account));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with\0nul")]
    public async Task An_invalid_key_is_refused(string key)
    {
        await using var host = await BankHost.Start();

        await Assert.ThrowsAsync<InvalidNameException>(async () => await host.Commands.Send(new Ping(1), Key(key)));
        await Assert.ThrowsAsync<InvalidNameException>(async () =>
            await host.Commands.Send(new Ping(1), Key(new string('x', 257))));
    }

    [Fact]
    public async Task A_command_whose_answer_cannot_be_stored_is_refused_before_it_runs()
    {
        await using var host = await BankHost.Start(millrace =>
            millrace.AddModel(model =>
                model.Command(
                    new CommandDefinition<UnstorableResult, Account>(
                        "unkeepable", _ => throw new InvalidOperationException("done")))));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.Commands.Send(new UnstorableResult(), Key("a")));

        Assert.Contains("JSON metadata", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// A first attempt can act outside the store before it fails. A repetition has the same command id, so the outside
    /// system recognizes it.
    /// </summary>
    [Fact]
    public async Task A_repetition_after_a_failure_has_the_same_command_id_and_other_contents_have_another()
    {
        var ids = new List<Guid>();
        await using var host = await StartHostWithExternalAction(ids, failures: 1);

        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await host.Commands.Send(new ExternalAction("buy bread"), Key("a")));
        await host.Commands.Send(new ExternalAction("buy bread"), Key("a"));
        await host.Commands.Send(new ExternalAction("buy bread"), Key("b"));
        await host.Commands.Send(new ExternalAction("buy milk"), Key("c"));
        await host.Commands.Send(new ExternalAction("buy bread"));
        await host.Commands.Send(new ExternalAction("buy bread"));

        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(5, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_failed_command_with_other_contents_has_another_id_although_its_key_is_the_same()
    {
        var ids = new List<Guid>();
        await using var host = await StartHostWithExternalAction(ids, failures: int.MaxValue);

        foreach (var action in (string[])["buy bread", "buy milk", "buy bread"])
            await Assert.ThrowsAsync<TimeoutException>(async () =>
                await host.Commands.Send(new ExternalAction(action), Key("a")));

        Assert.Equal(ids[0], ids[2]);
        Assert.NotEqual(ids[0], ids[1]);
    }

    private sealed record UnstorableResult : ICommand<Account>;
}
