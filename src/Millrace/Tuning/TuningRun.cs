namespace Millrace.Tuning;

/// <summary>
/// Runs a tuning: a probe of the load, a search for good values, and rounds that compare the settings.
/// </summary>
/// <param name="target">What the run switches.</param>
/// <param name="duration">The approximate duration.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Determines the order of the settings in each round.</param>
internal sealed class TuningRun(TuningTarget target, TimeSpan duration, TimeProvider time, Random random)
{
    private const int MinAnswers = 20;
    private const int MinRounds = 3;
    private const int MinRoundsToCompare = 2;
    private const double MaxOvertime = 1.5;
    private const double MaxTotalTime = 2.3; // Less than that of TuningSession, which ends a run without a result.
    private const double BatchShare = 0.8; // An interval is extended until it has three batches, at most three times.

    private readonly TuningIntervals _intervals = new(target, time);
    private long _startedAt; // Of the first measurement.

    /// <summary>Gets an action that is called when the first measurement starts.</summary>
    public Action OnMeasuring { get; init; } = static () => { };

    /// <summary>Returns the report with what was measured.</summary>
    public async Task<TuningReport> Run(TuningReport report, CancellationToken cancellationToken)
    {
        try
        {
            var probing = TuningSetting.Present(
                Math.Min(TuningPlan.ProbeEvents, target.PresentBatchEvents), isCached: true);
            if (!await _intervals.WaitForBatch(probing, cancellationToken).ConfigureAwait(false))
                return report with { State = TuningState.NoLoad, Reason = LongBatch() };
            _startedAt = time.GetTimestamp();
            OnMeasuring();
            var probe = await _intervals
                .Measure(probing, TuningPlan.ProbeLength(duration), cancellationToken)
                .ConfigureAwait(false);
            var answers = probe.Answers.Values.Sum(static durations => durations.Count);
            if (ProblemOf(probe, answers) is { } problem)
                return report with { State = TuningState.NoLoad, Reason = problem };
            var choice = target.Name is null ? default : await new TuningSearch(
                target, _intervals, TuningPlan.SearchLength(duration)).Find(cancellationToken).ConfigureAwait(false);
            var present = PresentFor(probe);
            var settings = TuningPlan.SettingsOf(target, choice, present, answers >= MinAnswers);
            var rounds = await MeasureRounds(settings, cancellationToken).ConfigureAwait(false);
            var conclusions = new TuningConclusions(
                target, rounds, isPresentReduced: present.BatchEvents < target.PresentBatchEvents);
            return report with
            {
                State = TuningState.Completed,
                Reason = conclusions.FindProblem(),
                Noise = rounds.Noise(),
                Rows = [.. settings.Select(rounds.RowOf)],
                Gains = conclusions.Gains(),
                Advice = conclusions.Advise(),
            };
        }
        finally
        {
            _intervals.Restore();
        }
    }

    /// <summary>
    /// Returns the present settings, without the cache as the settings with which they are compared. Their batches are
    /// reduced if an interval has no time for them.
    /// </summary>
    private TuningSetting PresentFor(TuningSample probe)
    {
        var (length, _) = TuningPlan.RoundsOf(duration, TuningPlan.MaxSettings);
        var own = target.PresentBatchEvents;
        var max = probe.PresentRate * length.TotalSeconds * BatchShare;
        return TuningSetting.Present(max < own ? (int)Math.Max(1, max.Value) : own, isCached: false);
    }

    private string LongBatch() =>
        $"Consumer '{target.Name}' is far behind, and its present batch did not end within "
        + $"{TuningIntervals.MaxBatch}. Start it again when the consumer keeps up, or reduce "
        + $"Millrace:Consumers:{nameof(ConsumerOptions.BatchBytes)}.";

    private string? ProblemOf(TuningSample probe, int answers)
    {
        if (target.Name is { } name)
        {
            return probe.Events >= TuningPlan.MinEvents ? null
                : $"Consumer '{name}' handled {probe.Events} events in {TuningPlan.ProbeLength(duration)}; at least "
                    + $"{TuningPlan.MinEvents} are needed. Start it while the application has its usual load, or for "
                    + "longer.";
        }
        return answers >= MinAnswers ? null
            : $"No consumer of this node handled {TuningPlan.MinEvents} events in {TuningPlan.ProbeLength(duration)}, "
                + $"and {answers} cached queries were answered; at least {MinAnswers} are needed. Start it while the "
                + "application has its usual load.";
    }

    private async Task<TuningRounds> MeasureRounds(
        IReadOnlyList<TuningSetting> settings, CancellationToken cancellationToken)
    {
        var (length, count) = TuningPlan.RoundsOf(duration, settings.Count);
        var rounds = new TuningRounds(settings);
        var order = settings.ToArray();
        for (var round = 0; round < count; round++)
        {
            if (round >= MinRounds && HasTaken(MaxOvertime))
                break;
            // A setting starts with the backlog and the caches of its predecessor, which must not always be the same.
            random.Shuffle(order);
            foreach (var setting in order)
            {
                if (round >= MinRoundsToCompare && HasTaken(MaxTotalTime))
                    return rounds; // Of the last round, only settings that were measured are compared.
                rounds.Add(
                    setting, await _intervals.Measure(setting, length, cancellationToken).ConfigureAwait(false));
            }
        }
        return rounds;
    }

    private bool HasTaken(double factor) => time.GetElapsedTime(_startedAt) > factor * duration;
}
