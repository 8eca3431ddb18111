using Millrace.Tuning;

namespace Millrace;

/// <summary>
/// Measures on the running application what batching, concurrency and caching gain, by switching them for short
/// intervals, and recommends settings. Thread-safe.
/// </summary>
/// <remarks>
/// At most one run measures at a time over all nodes of the store. The changed settings are in the memory of this node
/// and expire within seconds, so that they end with the run, with an error and with the node. Slow settings let the lag
/// of the consumer grow while they are measured.
/// </remarks>
public sealed class Tuner
{
    /// <summary>Gets the minimum duration of a run: 3 seconds.</summary>
    public static TimeSpan MinDuration { get; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets the maximum duration of a run: 10 minutes.</summary>
    public static TimeSpan MaxDuration { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets the default duration of a run: 30 seconds.</summary>
    public static TimeSpan DefaultDuration { get; } = TimeSpan.FromSeconds(30);

    private readonly TuningService _service;

    internal Tuner(TuningService service) => _service = service;

    /// <summary>Starts a run on this node, and returns without waiting for its end.</summary>
    /// <param name="consumer">The consumer to tune; null for the one of this node with the most load.</param>
    /// <param name="duration">The approximate duration. If the load is so slow that an interval has no batch, the run
    /// takes up to three times as long, and then ends without a result.</param>
    /// <param name="by">The user who starts it.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is less than <see cref="MinDuration"/> or more than
    /// <see cref="MaxDuration"/>.</exception>
    /// <exception cref="ConsumerNotFoundException">There is no such consumer.</exception>
    /// <exception cref="TuningRefusedException">The consumer runs on another node, is paused, or has no batches or
    /// workers to tune; or the node is stopping.</exception>
    /// <exception cref="TuningBusyException">Another run measures.</exception>
    public async Task<TuningReport> Start(
        string? consumer, TimeSpan duration, string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, MinDuration);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, MaxDuration);
        return await _service.Start(consumer, duration, by, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Requests that the running run ends, on any node. Its report is <see cref="TuningState.Interrupted"/> within a
    /// second.
    /// </summary>
    /// <param name="by">The user who cancels it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False if no run measures.</returns>
    public async Task<bool> Cancel(string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        return await _service.Cancel(by, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the report of the last run on any node; null if there was none.</summary>
    public async Task<TuningReport?> FindReport(CancellationToken cancellationToken = default) =>
        await _service.FindReport(cancellationToken).ConfigureAwait(false);
}
