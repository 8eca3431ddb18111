using Millrace.Messaging;

namespace Millrace.Recovering;

/// <summary>Finds brokers that this node cannot reach. A broker that answers again is no fault any more.</summary>
internal sealed class TransportProbe(Transports transports, string node) : IRecoveryProbe
{
    public async ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var faults = new List<RecoveryDiagnosis>();
        foreach (var transport in transports.All)
        {
            if (transport.Status.State != TransportState.Unavailable)
                continue;
            try
            {
                await transport.Check(cancellationToken).ConfigureAwait(false);
            }
            catch (MillraceException exception)
            {
                faults.Add(FaultOf(transport, exception.Message));
            }
        }
        return faults;
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
