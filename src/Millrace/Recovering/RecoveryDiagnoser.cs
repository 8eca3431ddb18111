using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Recovering;

/// <summary>
/// Asks all probes for faults. A probe that fails does not hide the faults of the others, and its own faults are then
/// unknown.
/// </summary>
/// <param name="probes">The probes.</param>
/// <param name="describe">Returns the fault that an error of the store is.</param>
/// <param name="time">The clock for the time limit of a probe.</param>
/// <param name="logger">The logger.</param>
internal sealed partial class RecoveryDiagnoser(
    IReadOnlyList<IRecoveryProbe> probes,
    Func<StorageException, RecoveryDiagnosis> describe,
    TimeProvider time,
    ILogger logger)
{
    private readonly HashSet<IRecoveryProbe> _failed = [];
    private readonly Dictionary<IRecoveryProbe, Task> _running = [];

    /// <summary>Gets or sets the maximum time of a probe, for tests.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Returns the faults that exist now.</summary>
    public async Task<RecoveryFindings> Diagnose(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var faults = new List<RecoveryDiagnosis>();
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var probe in probes)
        {
            try
            {
                faults.AddRange(await Ask(probe, now, cancellationToken).ConfigureAwait(false));
                _failed.Remove(probe);
                continue;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (StorageException exception)
            {
                faults.Add(describe(exception));
                ReportOnce(probe, exception);
            }
#pragma warning disable CA1031 // The other probes must work. The failure is logged once.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ReportOnce(probe, exception);
            }
            // Each probe can also find that the store does not work.
            unknown.UnionWith(
                [.. probe.Symptoms, RecoverySymptoms.StoreUnavailable, RecoverySymptoms.DataDamaged]);
        }
        return new RecoveryFindings(faults, unknown);
    }

    /// <summary>
    /// Calls a probe with a time limit. A probe that ignores its cancellation is not called again until it has ended.
    /// </summary>
    private async Task<IReadOnlyList<RecoveryDiagnosis>> Ask(
        IRecoveryProbe probe, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(probe, out var earlier) && !earlier.IsCompleted)
            throw new TimeoutException("The last diagnosis has not ended.");
        using var limit = new CancellationTokenSource(Timeout, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var running = probe.Diagnose(now, any.Token).AsTask();
        _running[probe] = running;
        return await running.WaitAsync(any.Token).ConfigureAwait(false);
    }

    private void ReportOnce(IRecoveryProbe probe, Exception exception)
    {
        if (_failed.Add(probe))
            Log.ProbeFailed(logger, probe.GetType().Name, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 25008, Level = LogLevel.Warning,
            Message = "Faults cannot be diagnosed by {Probe}. The other diagnoses continue.")]
        public static partial void ProbeFailed(ILogger logger, string probe, Exception exception);
    }
}
