using Millrace.Storage;

namespace Millrace.Tests.Processes;

/// <summary>
/// A node that works on something until it has to send a command: there it stands still, before and after the
/// commit, until the schedule has it go on or die. All happens on the thread of who asks, so that a schedule plays
/// again as it was.
/// </summary>
internal sealed class SimulatedNode(IServiceProvider services, EventStore store, InjectedFault fault)
{
    private readonly PausePoints _pausePoints = new();

    /// <summary>What it works on; ends when there is nothing to do, or it is dead.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it stands still nowhere.</summary>
    public bool IsCalm
    {
        get => _pausePoints.IsCalm;
        init => _pausePoints.IsCalm = value;
    }

    public int PausedCount => _pausePoints.Count;

    public void Begin(Func<CommandSender, Task> work) => Work = UntilDead(work(Send));

    public void GoOn(int which) => _pausePoints.GoOn(which);

    /// <summary>What it has committed stands; of the rest nobody hears.</summary>
    public void Terminate() => _pausePoints.Terminate();

    private async Task UntilDead(Task work)
    {
        try
        {
            await work;
        }
        catch (LeaseLostException) when (_pausePoints.IsDead)
        {
            // Nothing is left of it but what was committed.
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
            // A cancellation could be the command's own.
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
