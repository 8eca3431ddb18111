using Millrace.Consuming;
using Millrace.Queries;

namespace Millrace.Tuning;

/// <summary>
/// Measures settings for short intervals, one after the other. The caller restores the application's own settings.
/// </summary>
internal sealed class TuningIntervals(TuningTarget target, TimeProvider time)
{
    /// <summary>The maximum duration of a batch with the application's own settings.</summary>
    public static readonly TimeSpan MaxBatch = TimeSpan.FromMinutes(1);

    private const int MinBatches = 3;
    private const double WarmUp = 0.2; // The share of an interval in which the cache is filled again.
    private const int MaxExtension = 3;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Waits until the present batch has ended. A consumer that is far behind handles thousands of events in one.
    /// Returns false if the batch takes longer than a minute.
    /// </summary>
    /// <exception cref="TuningStoppedException">The consumer was paused, fails, or has moved to another
    /// node.</exception>
    public async Task<bool> WaitForBatch(TuningSetting setting, CancellationToken cancellationToken)
    {
        var (trial, queries) = Start(setting);
        await Wait(trial, queries, MaxBatch, HasEnded, cancellationToken).ConfigureAwait(false);
        return HasEnded();

        bool HasEnded() => trial.IsEffective || !target.IsBehind;
    }

    /// <summary>
    /// Measures a setting. The interval starts when the batch before has ended. If the consumer handles too few
    /// batches, the interval is up to three times as long.
    /// </summary>
    /// <exception cref="TuningStoppedException">The consumer was paused, fails, or has moved to another
    /// node.</exception>
    public async Task<TuningSample> Measure(
        TuningSetting setting, TimeSpan length, CancellationToken cancellationToken)
    {
        var (trial, queries) = Start(setting);
        await Wait(
            trial, queries, target.IsBehind ? MaxBatch : WarmUp * length, () => trial.IsEffective, cancellationToken)
            .ConfigureAwait(false);
        await Wait(trial, queries, WarmUp * length, static () => false, cancellationToken).ConfigureAwait(false);
        queries.StartMeasuring();
        await Wait(trial, queries, (1 - WarmUp) * length, static () => false, cancellationToken)
            .ConfigureAwait(false);
        if (target.Consumers.Count > 0)
            await Wait(
                trial, queries, (MaxExtension - 1) * length, () => trial.Batches >= MinBatches, cancellationToken)
                .ConfigureAwait(false);
        return new TuningSample(trial.TakeBatches(), queries.TakeAnswers());
    }

    /// <summary>Lets the application's own settings apply.</summary>
    public void Restore()
    {
        foreach (var consumer in target.Consumers)
            consumer.Processor.Trial = null;
        if (target.Cache is { } cache)
            cache.Trial = null;
    }

    private (LoadTrial Trial, QueryTrial Queries) Start(TuningSetting setting)
    {
        var trial = new LoadTrial(setting.BatchEvents, setting.Workers, time);
        var queries = new QueryTrial(!setting.IsCached, time);
        foreach (var consumer in target.Consumers)
            consumer.Processor.Trial = trial;
        if (target.Cache is { } cache)
            cache.Trial = queries;
        return (trial, queries);
    }

    /// <summary>Waits until a condition is met or a time has passed, and keeps the trials alive.</summary>
    private async Task Wait(
        LoadTrial trial,
        QueryTrial queries,
        TimeSpan max,
        Func<bool> isMet,
        CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (!isMet() && max - time.GetElapsedTime(startedAt) is var rest && rest > TimeSpan.Zero)
        {
            if (target.FindProblem() is { } problem)
                throw new TuningStoppedException(problem);
            trial.KeepAlive();
            queries.KeepAlive();
            await Task.Delay(rest < Step ? rest : Step, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
