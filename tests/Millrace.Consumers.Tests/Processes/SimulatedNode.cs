using Millrace.Commands;
using Millrace.Hosting;
using Millrace.Storage;

namespace Millrace.Tests.Processes;

/// <summary>
/// A node that runs work. It pauses before and after the commit of each command, until the schedule resumes or kills
/// it. All code runs on the calling thread, so that a schedule replays identically.
/// </summary>
internal sealed class SimulatedNode(IServiceProvider services, EventStore store, InjectedFault fault)
{
    private readonly PausePoints _pausePoints = new();

    /// <summary>Gets the task of the work. It completes when the work is done or the node is dead.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Gets whether the node runs without pauses.</summary>
    public bool IsPausingDisabled
    {
        get => _pausePoints.IsPausingDisabled;
        init => _pausePoints.IsPausingDisabled = value;
    }

    public int PausedCount => _pausePoints.Count;

    public void Begin(Func<CommandSender, Task> work) => Work = UntilDead(work(Send));

    public void Resume(int index) => _pausePoints.Resume(index);

    /// <summary>Kills the node. Its commits are kept, and the rest of its work is dropped.</summary>
    public void Terminate() => _pausePoints.Terminate();

    private async Task UntilDead(Task work)
    {
        try
        {
            await work;
        }
        catch (LeaseLostException) when (_pausePoints.IsDead)
        {
            // The node died, and only its commits are kept.
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
            // A cancellation could also come from the command.
            throw new LeaseLostException("process-trade", 0, "the node is dead");
        }
    }

    private async Task Send(
        CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        await PauseHere();
        var companion = options.Enlistment;
        if (fault == InjectedFault.NewStepIds && companion is not null)
            options = options with { Enlistment = companion with { CommandId = Guid.NewGuid() } };
        if (fault == InjectedFault.NoIdempotencyKey)
            options = options with { IdempotencyKey = null };
        if (fault == InjectedFault.SplitStepCommit && companion is not null)
            options = options with { Enlistment = companion with { Add = static _ => { } } };
        await new ScopedCommandSender(services).Send(definition, command, options, cancellationToken);
        await PauseHere();
        if (fault == InjectedFault.SplitStepCommit && companion is not null)
        {
            var request = new AppendRequest();
            companion.Add(request);
            await store.Append(request, cancellationToken);
        }
    }
}
