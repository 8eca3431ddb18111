using Millrace.Messaging;

namespace Millrace.Recovering;

/// <summary>Finds brokers that this node cannot reach. A broker that answers again is no fault any more.</summary>
internal sealed class TransportProbe(Transports transports, string node) : IRecoveryProbe
{
    public IReadOnlyList<string> Symptoms { get; } = [RecoverySymptoms.BrokerUnavailable];

    public async ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await Task
            .WhenAll(transports.All
                .Where(static transport => transport.Status.State == TransportState.Unavailable)
                .Select(transport => Check(transport, cancellationToken)))
            .ConfigureAwait(false);
        return [.. found.OfType<RecoveryDiagnosis>()];
    }

    /// <summary>Returns the fault of a broker that does not answer now; null if it answers.</summary>
    public Task<RecoveryDiagnosis?> FindFault(string transport, CancellationToken cancellationToken) =>
        transports.All.FirstOrDefault(one => one.Name == transport) is { } found
            ? Check(found, cancellationToken)
            : Task.FromResult<RecoveryDiagnosis?>(null);

    private async Task<RecoveryDiagnosis?> Check(TransportRuntime transport, CancellationToken cancellationToken)
    {
        try
        {
            await transport.Check(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (MillraceException exception)
        {
            return FaultOf(transport, exception.Message);
        }
    }

    private RecoveryDiagnosis FaultOf(TransportRuntime transport, string problem) => new()
    {
        Cause = RecoveryCause.NetworkTrouble,
        Symptom = RecoverySymptoms.BrokerUnavailable,
        Subject = transport.Name,
        Description = $"The node {node} cannot use the broker '{transport.Name}'. {problem}",
        Advice = "Start the broker, or correct its address and credentials. Messages wait in the log until then.",
    };
}
