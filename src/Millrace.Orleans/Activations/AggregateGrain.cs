using Orleans.Concurrency;
using Orleans.Placement;

namespace Millrace.Orleans.Activations;

/// <summary>
/// Handles commands with the services of this node. The cache of the node contains the state of the aggregate, and lets
/// the commands of a stream run one after another, so the activation does not need to.
/// </summary>
[Reentrant]
[HashBasedPlacement]
[GrainType("millrace.aggregate")]
internal sealed class AggregateGrain(ActivationService service) : Grain, IAggregateGrain
{
    public Task<byte[]> Handle(byte[] command, CancellationToken cancellationToken) =>
        service.Handle(command, cancellationToken);

    public Task Ping() => Task.CompletedTask;
}
