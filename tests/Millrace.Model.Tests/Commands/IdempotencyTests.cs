using System.Security.Claims;
using Millrace.Commands;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Model.Tests.Commands;

public sealed class IdempotencyTests
{
    private static SendOptions Key(string key) => new() { IdempotencyKey = key };

    /// <summary>An application whose errands note their command's id, and of which the first ones fail.</summary>
    private static Task<BankHost> StartErrands(List<Guid> ids, int failures) =>
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
    public async Task A_repetition_gets_the_first_answer_even_when_the_state_would_refuse_it()
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
    public async Task Of_duplicates_at_the_same_time_one_is_done_and_all_get_its_answer(bool onSqlite)
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
    public async Task A_command_that_wrote_nothing_is_answered_again_too()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);

        var first = await host.Commands.Send(new Look(account), Key("a"));
        await host.Commands.Send(new Deposit(account, 1));
        var second = await host.Commands.Send(new Look(account), Key("a"));

        Assert.Equal(new Balance(5), first.Value);
        Assert.Equal(new Balance(5), second.Value);
        Assert.True(second.WasRepeated);
    }

    [Fact]
    public async Task A_plain_command_is_answered_again_too()
    {
        await using var host = await BankHost.Start();

        var first = await host.Commands.Send(new Ping(1), Key("a"));
        var second = await host.Commands.Send(new Ping(1), Key("a"));

        Assert.Equal((2, false, 2, true), (first.Value, first.WasRepeated, second.Value, second.WasRepeated));
    }

    [Fact]
    public async Task A_command_that_failed_left_no_answer()
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
    public async Task A_refusal_that_is_kept_is_given_again_until_then_whatever_holds_by_now()
    {
        var clock = new ManualClock();
        await using var host = await BankHost.Start(time: clock);
        var account = await host.Open();
        var keeping = Key("a") with { RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(1) };
        var first = await Assert.ThrowsAsync<InvariantViolatedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), keeping));
        await host.Commands.Send(new Deposit(account, 4));

        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), keeping));
        clock.Advance(TimeSpan.FromSeconds(61));
        var after = await host.Commands.Send(new Withdraw(account, 4), Key("a"));

        Assert.Equal((nameof(InvariantViolatedException), first.Message), (again.Refusal.Error, again.Message));
        Assert.False(after.WasRepeated);
        Assert.Equal(0, await host.BalanceOf(account));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_is_kept_for_the_longest_of_its_callers(bool onSqlite)
    {
        var clock = new ManualClock();
        await using var host = await (onSqlite ? BankHost.StartOnSqlite(time: clock) : BankHost.Start(time: clock));
        var account = await host.Open();
        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), Keeping(1)));
        await host.Commands.Send(new Deposit(account, 4));

        // Many callers get it concurrently, some keep it for longer. A later caller with a shorter time does not
        // shorten it.
        await Task.WhenAll(
            Enumerable.Range(0, 16).Select(number => Task.Run(() => Refused(Keeping(1 + (number % 4))))));
        await Refused(Keeping(2));
        clock.Advance(TimeSpan.FromSeconds(239));
        await Refused(Keeping(0));
        clock.Advance(TimeSpan.FromSeconds(2));
        var after = await host.Commands.Send(new Withdraw(account, 4), Key("a"));

        Assert.False(after.WasRepeated);

        SendOptions Keeping(int minutes) =>
            Key("a") with
            {
                RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(minutes),
            };

        async Task Refused(SendOptions options) =>
            await Assert.ThrowsAsync<CommandAlreadyRefusedException>(async () =>
                await host.Commands.Send(new Withdraw(account, 4), options));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_it_is_in_doubt_whether_a_refusal_is_kept_for_longer_it_is_looked_up(bool isKept)
    {
        var clock = new ManualClock();
        var storage = new FaultInjectingStorage(new InMemoryStorage(clock));
        await using var host = await BankHost.Start(storage: storage, time: clock);
        var account = await host.Open();
        var keeping = Key("a") with { RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(1) };
        var longer = keeping with { RedeliveryDeadline = keeping.RedeliveryDeadline + TimeSpan.FromMinutes(1) };
        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), keeping));
        await host.Commands.Send(new Deposit(account, 4));
        if (isKept)
            storage.AfterCommit = (_, _) => throw Doubt();
        else
            storage.BeforeCommit = (_, _) => throw Doubt();

        var told = await Assert.ThrowsAnyAsync<MillraceException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), longer));
        (storage.BeforeCommit, storage.AfterCommit) = (null, null);
        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), keeping));

        Assert.Equal(isKept, told is CommandAlreadyRefusedException);
        Assert.Equal(isKept, told is not StorageException { Problem: StorageProblem.Unavailable });
        Assert.Equal(isKept ? longer.RedeliveryDeadline : keeping.RedeliveryDeadline, again.Refusal.Until);
    }

    [Fact]
    public async Task A_stored_refusal_without_an_expiry_is_repeated_and_gets_the_callers_expiry()
    {
        var clock = new ManualClock();
        var storage = new InMemoryStorage(clock);
        await using var host = await BankHost.Start(storage: storage, time: clock);
        var account = await host.Open(balance: 4);
        var old = """{"command":null,"refused":"InvariantViolatedException","problem":"There was too little."}"""u8.ToArray();
        var mark = new HandledMark("withdraw", "a", old, clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        await storage.Log.Commit([new CommitRequest { Handled = [mark] }], clock.GetUtcNow(), CancellationToken.None);
        var keeping = Key("a") with { RedeliveryDeadline = clock.GetUtcNow() + TimeSpan.FromMinutes(2) };

        await Assert.ThrowsAsync<CommandAlreadyRefusedException>(async () =>
            await host.Commands.Send(new Withdraw(account, 4), keeping));
        clock.Advance(TimeSpan.FromSeconds(119));
        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(
            async () => await host.Commands.Send(new Withdraw(account, 4), keeping));

        Assert.Equal("There was too little.", again.Message);
    }

    private static StorageException Doubt() => new("The connection broke.", StorageProblem.InDoubt);

    [Fact]
    public async Task Keys_of_other_commands_and_of_other_users_are_other_keys()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);
        var ada = new ClaimsPrincipal(new ClaimsIdentity([new System.Security.Claims.Claim("sub", "ada")], "test"));

        var withdrawn = await host.Commands.Send(new Withdraw(account, 1), Key("a"));
        var deposited = await host.Commands.Send(new Deposit(account, 1), Key("a"));
        var adas = await host.Commands.Send(new Withdraw(account, 1), Key("a") with { User = ada });

        Assert.False(withdrawn.WasRepeated || deposited.WasRepeated || adas.WasRepeated);
    }

    [Fact]
    public async Task A_key_that_comes_with_other_contents_is_refused()
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
    public async Task After_its_window_a_key_is_new_again()
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
    public async Task A_key_that_cannot_be_kept_is_refused(string key)
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

    /// <summary>What a first try did outside, before it failed or its node died, the next one names alike.</summary>
    [Fact]
    public async Task A_repetition_after_a_failure_is_the_same_command_and_other_contents_are_another()
    {
        var ids = new List<Guid>();
        await using var host = await StartErrands(ids, failures: 1);

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
    public async Task A_key_that_failed_with_other_contents_names_another_command()
    {
        var ids = new List<Guid>();
        await using var host = await StartErrands(ids, failures: int.MaxValue);

        foreach (var what in (string[])["buy bread", "buy milk", "buy bread"])
            await Assert.ThrowsAsync<TimeoutException>(async () =>
                await host.Commands.Send(new ExternalAction(what), Key("a")));

        Assert.Equal(ids[0], ids[2]);
        Assert.NotEqual(ids[0], ids[1]);
    }

    private sealed record UnstorableResult : ICommand<Account>;
}
