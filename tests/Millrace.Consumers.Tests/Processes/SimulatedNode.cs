using Millrace.Commands;
using Millrace.Hosting;
using Millrace.Storage;

namespace Millrace.Tests.Processes;

/// <summary>
/// A node that runs work until it must send a command. It pauses before and after the commit, until the schedule
/// resumes or kills it. Everything runs on the calling thread, so that a schedule replays identically.
/// </summary>
internal sealed class SimulatedNode(IServiceProvider services, EventStore store, InjectedFault fault)
{
    private readonly PausePoints _pausePoints = new();

    /// <summary>The work; it completes when there is nothing left to do, or the node is dead.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>True when the node is not paused.</summary>
    public bool IsCalm
    {
        get => _pausePoints.IsCalm;
        init => _pausePoints.IsCalm = value;
    }

    public int PausedCount => _pausePoints.Count;

    public void Begin(Func<CommandSender, Task> work) => Work = UntilDead(work(Send));

    public void GoOn(int which) => _pausePoints.GoOn(which);

    /// <summary>Kills the node: its commits stay, and the rest is dropped.</summary>
    public void Terminate() => _pausePoints.Terminate();

    private async Task UntilDead(Task work)
    {
        try
        {
            await work;
        }
        catch (LeaseLostException) when (_pausePoints.IsDead)
        {
            // Only its commits remain.
        }
    }

    private async Task PauseHere()
    {
        try
        {
            await _pausePoints.PauseHere();
        }
        catch (OperationCanceledException) when (_pausePoints.IsDead)
        {
            // The cancellation could come from the command.
            throw new LeaseLostException("process-trade", 0, "the node is dead");
        }
    }

    private async Task Send(
        CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        await PauseHere();
        var companion = options.Enlistment;
        if (fault == InjectedFault.IdOfStepLost && companion is not null)
            options = options with { Enlistment = companion with { CommandId = Guid.NewGuid() } };
        if (fault == InjectedFault.KeyOfConsumerLost)
            options = options with { IdempotencyKey = null };
        if (fault == InjectedFault.StepTorn && companion is not null)
            options = options with { Enlistment = companion with { Add = static _ => { } } };
        await new ScopedCommandSender(services).Send(definition, command, options, cancellationToken);
        await PauseHere();
        if (fault == InjectedFault.StepTorn && companion is not null)
        {
            var request = new AppendRequest();
            companion.Add(request);
            await store.Append(request, cancellationToken);
        }
    }
}
