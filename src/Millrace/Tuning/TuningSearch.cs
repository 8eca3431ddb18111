namespace Millrace.Tuning;

/// <summary>
/// Finds the size of batches and the number of workers with the most events per second, in few intervals: sizes with
/// one worker, then workers, then sizes with these workers. Each series ends after two values without a gain.
/// </summary>
internal sealed class TuningSearch(TuningTarget target, TuningIntervals intervals, TimeSpan length)
{
    private const double MinGain = 1.05;
    private const int EventsPerWorker = 8;
    private const int UsualSize = 32;
    private const int UsualWorkers = 4;

    private static readonly int[] Sizes = [1, 8, 32, 128, 500, 2_000, 10_000];
    private static readonly int[] Workers = [2, 4, 8, 16, 32, 64];

    /// <summary>Returns the settings with which each factor is measured.</summary>
    public async Task<TuningChoice> Find(CancellationToken cancellationToken)
    {
        var alone = await FindBest(
            Sizes.Where(size => size <= target.MaxBatchEvents).Select(static size => (size, 1)), cancellationToken)
            .ConfigureAwait(false);
        // A factor without a gain is measured as well, with usual values, to show that it has none.
        var usual = Math.Clamp((int)(alone.Rate * length.TotalSeconds / 2), 2, UsualSize);
        var batch = alone.Size > 1 ? alone.Size : Math.Min(usual, target.MaxBatchEvents);
        if (target.MaxWorkers < 2)
            return new TuningChoice(batch, Workers: 1, BatchForWorkers: 1, batch);
        var concurrent = await FindBest(
            Workers
                .Where(workers => workers <= target.MaxWorkers)
                .Select(workers => (SizeFor(workers, alone.Size), workers))
                .Prepend((alone.Size, 1)),
            cancellationToken).ConfigureAwait(false);
        var together = concurrent.Workers == 1
            ? alone
            : await FindBest(
                Sizes
                    .Where(size => size > concurrent.Size && size <= target.MaxBatchEvents)
                    .Select(size => (size, concurrent.Workers))
                    .Prepend((concurrent.Size, concurrent.Workers)),
                cancellationToken).ConfigureAwait(false);
        var workers = concurrent.Workers > 1 ? concurrent.Workers : Math.Min(UsualWorkers, target.MaxWorkers);
        return new TuningChoice(
            batch,
            workers,
            Math.Min(workers, target.MaxBatchEvents),
            Math.Min(Math.Max(Math.Max(together.Size, batch), workers), target.MaxBatchEvents));
    }

    private int SizeFor(int workers, int size) =>
        Math.Min(target.MaxBatchEvents, Math.Max(size, workers * EventsPerWorker));

    /// <summary>
    /// Returns the first of the settings after which no other one handles clearly more within the maximum duration of a
    /// batch.
    /// </summary>
    private async Task<(int Size, int Workers, double Rate)> FindBest(
        IEnumerable<(int Size, int Workers)> settings, CancellationToken cancellationToken)
    {
        var (best, failures, isFirst) = ((Size: 1, Workers: 1, Rate: 0.0), 0, true);
        var maxSeconds = 2 * Math.Min(length.TotalSeconds, target.BatchTime.TotalSeconds);
        foreach (var (size, workers) in settings)
        {
            // Even if more workers handle more, one batch would take longer than the interval.
            if (best.Rate > 0 && size / (best.Rate * workers / best.Workers) > maxSeconds)
                break;
            var sample = await intervals
                .Measure(new TuningSetting("search", size, workers, IsCached: true), length, cancellationToken)
                .ConfigureAwait(false);
            var isSlow = TuningStatistics.BatchPercentile(sample.Batches, 0.9) > target.BatchTime;
            if (sample.EventsPerSecond is { } rate && (isFirst || (rate > best.Rate * MinGain && !isSlow)))
                (best, failures) = ((size, workers, rate), 0);
            else if (++failures == 2)
                break;
            isFirst = false;
        }
        return best;
    }
}
