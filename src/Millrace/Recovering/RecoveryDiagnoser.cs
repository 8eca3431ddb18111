using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Recovering;

/// <summary>Asks all probes for faults. A probe that fails does not hide the faults of the others.</summary>
internal sealed partial class RecoveryDiagnoser(
    IReadOnlyList<IRecoveryProbe> probes, AuditProbe audit, TimeProvider time, ILogger logger)
{
    /// <summary>The maximum time of a probe.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

    /// <summary>Returns the faults that exist now.</summary>
    /// <exception cref="StorageException">The store cannot be used.</exception>
    public async Task<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var faults = new List<RecoveryDiagnosis>();
        foreach (var probe in probes)
        {
            try
            {
                faults.AddRange(await probe.Diagnose(now, cancellationToken).AsTask()
                    .WaitAsync(Timeout, time, cancellationToken).ConfigureAwait(false));
                _failed.Remove(probe.GetType().Name);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (StorageException exception) when (exception.Problem == StorageProblem.Damaged)
            {
                faults.Add(audit.FaultOf(exception.Message));
            }
            catch (StorageException)
            {
                throw;
            }
#pragma warning disable CA1031 // The other probes must work. The failure is logged once.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (_failed.Add(probe.GetType().Name))
                    Log.ProbeFailed(logger, probe.GetType().Name, exception);
            }
        }
        return faults;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 25008, Level = LogLevel.Warning,
            Message = "Faults cannot be diagnosed by {Probe}. The other diagnoses continue.")]
        public static partial void ProbeFailed(ILogger logger, string probe, Exception exception);
    }
}
