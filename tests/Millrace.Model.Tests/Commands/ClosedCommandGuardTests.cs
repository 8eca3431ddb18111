using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.Model.Tests.Commands;

/// <summary>Tests that work which a handler starts but does not await is refused and logged.</summary>
public sealed class ClosedCommandGuardTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordedLog _errors = new(LogLevel.Error);

    private sealed record Act(Guid Account) : ICommand;

    public void Dispose() => _errors.Dispose();

    [Fact]
    public async Task An_event_raised_after_its_command_has_finished_is_refused_and_logged()
    {
        Task lateCall = Task.CompletedTask;
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            var loaded = await context.Load<Account, Guid>(account, cancellationToken);
            loaded.Deposit(1);
            lateCall = RunAfterRelease(() => loaded.Deposit(100));
        });
        var account = await host.Open();

        await host.Commands.Send(new Act(account));
        _release.SetResult();
        var refused = await Assert.ThrowsAsync<CommandFinishedException>(() => lateCall.WaitAsync(WaitTimeout));

        Assert.Equal("Account raised MoneyDeposited", refused.Call);
        Assert.Contains("Await everything", refused.Message, StringComparison.Ordinal);
        Assert.True(_errors.Contains("Account raised MoneyDeposited"), "It was not logged.");
        Assert.Equal(1, await host.BalanceOf(account));
    }

    [Fact]
    public async Task A_cached_aggregate_accepts_events_only_while_a_command_runs()
    {
        var seen = new List<Account>();
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            var loaded = await context.Load<Account, Guid>(account, cancellationToken);
            seen.Add(loaded);
            loaded.Deposit(1);
        });
        var account = await host.Open();

        await host.Commands.Send(new Act(account));
        await host.Commands.Send(new Act(account));

        Assert.Same(seen[0], seen[1]);
        Assert.Throws<CommandFinishedException>(() => seen[0].Deposit(100));
        Assert.Equal(2, await host.BalanceOf(account));
    }

    [Fact]
    public async Task The_aggregates_of_a_failed_command_are_closed_too()
    {
        Account? failed = null;
        await using var host = await StartHostWithHandler(async (context, account, cancellationToken) =>
        {
            failed = await context.Load<Account, Guid>(account, cancellationToken);
            failed.Withdraw(1);
        });
        var account = await host.Open();

        await Assert.ThrowsAsync<InvariantViolatedException>(async () => await host.Commands.Send(new Act(account)));

        Assert.Throws<CommandFinishedException>(() => failed!.Deposit(1));
    }

    [Fact]
    public async Task A_command_context_refuses_calls_after_its_handler_has_finished()
    {
        CommandContext? finishedContext = null;
        await using var host = await StartHostWithHandler((context, _, _) =>
        {
            finishedContext = context;
            return Task.CompletedTask;
        });
        var account = await host.Open();
        await host.Commands.Send(new Act(account));

        Assert.Throws<CommandFinishedException>(() =>
            finishedContext!.Append(new StreamId("x-1"), ExpectedVersion.Any, new MoneyDeposited(1)));
        await Assert.ThrowsAsync<CommandFinishedException>(async () =>
            await finishedContext!.Load<Account, Guid>(account, default));
        await Assert.ThrowsAsync<CommandFinishedException>(async () =>
            await finishedContext!.New<Account, Guid>(Guid.CreateVersion7(), default));
        await Assert.ThrowsAsync<CommandFinishedException>(async () =>
            await finishedContext!.Decide(Seats.Decider, "hall", _ => [], default));
        Assert.Equal(4, _errors.Entries.Count);

        // No caller holds the stream, so the next command does not wait for it.
        Assert.Equal(new Balance(5), (await host.Commands.Send(new Deposit(account, 5))).Value);
    }

    private async Task RunAfterRelease(Action action)
    {
        await _release.Task.WaitAsync(WaitTimeout);
        action();
    }

    private Task<BankHost> StartHostWithHandler(Func<CommandContext, Guid, CancellationToken, Task> handler) =>
        BankHost.Start(millrace =>
        {
            millrace.Services.AddLogging(logging => logging.AddProvider(_errors));
            millrace.AddModel(model =>
                model.Command(
                    new CommandDefinition<Act, Nothing>(
                        "act",
                        async (command, context, cancellationToken) =>
                        {
                            await handler(context, command.Account, cancellationToken);
                            return default;
                        }
                    )
                )
            );
        });
}
