using Millrace.Storage;

namespace Millrace.Tests.Processes;

/// <summary>
/// A node that works on something until it has to send a command: there it stands still, before and after the commit, until the schedule
/// has it go on or die. All happens on the thread of who asks, so that a schedule plays again as it was.
/// </summary>
internal sealed class SimulatedNode(IServiceProvider services, EventStore store, PlantedFault fault)
{
    private readonly StandingPlaces _standing = new();

    /// <summary>What it works on; ends when there is nothing to do, or it is dead.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it stands still nowhere.</summary>
    public bool IsCalm
    {
        get => _standing.IsCalm;
        init => _standing.IsCalm = value;
    }

    public int Standing => _standing.Count;

    public void Begin(Func<CommandSending, Task> work) => Work = UntilDead(work(Send));

    public void GoOn(int which) => _standing.GoOn(which);

    /// <summary>What it has committed stands; of the rest nobody hears.</summary>
    public void Die() => _standing.Die();

    private async Task UntilDead(Task work)
    {
        try
        {
            await work;
        }
        catch (LeaseLostException) when (_standing.IsDead)
        {
            // Nothing is left of it but what was committed.
        }
    }

    private async Task StandStill()
    {
        try
        {
            await _standing.StandStill();
        }
        catch (OperationCanceledException) when (_standing.IsDead)
        {
            throw new LeaseLostException("process-trade", 0, "the node is dead"); // A cancellation could be the command's own.
        }
    }

    private async Task Send(CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        await StandStill();
        var companion = options.Companion;
        if (fault == PlantedFault.IdOfStepLost && companion is not null)
            options = options with { Companion = companion with { CommandId = Guid.NewGuid() } };
        if (fault == PlantedFault.KeyOfConsumerLost)
            options = options with { IdempotencyKey = null };
        if (fault == PlantedFault.StepTorn && companion is not null)
            options = options with { Companion = companion with { Add = static _ => { } } };
        await new ScopedSending(services).Send(definition, command, options, cancellationToken);
        await StandStill();
        if (fault == PlantedFault.StepTorn && companion is not null)
        {
            var request = new AppendRequest();
            companion.Add(request);
            await store.Append(request, cancellationToken);
        }
    }
}
