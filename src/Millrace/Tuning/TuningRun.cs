namespace Millrace.Tuning;

/// <summary>
/// Runs a tuning: a probe of the load, a search for good values, and rounds that compare the settings.
/// </summary>
internal sealed class TuningRun(TuningTarget target, TimeSpan duration, TimeProvider time)
{
    private const int MinEvents = 20;
    private const int MinAnswers = 20;
    private const int MinRounds = 3;
    private const int ProbeEvents = 50;
    private const int ConsumerMaxEvents = 10_000;
    private const double MaxOvertime = 1.5;

    private readonly TuningIntervals _intervals = new(target, time);
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Returns the report with what was measured.</summary>
    public async Task<TuningReport> Run(TuningReport report, CancellationToken cancellationToken)
    {
        try
        {
            var probe = await _intervals
                .Measure(TuningSetting.Present(ProbeEvents), TuningPlan.ProbeLength(duration), cancellationToken)
                .ConfigureAwait(false);
            var answers = probe.Answers.Values.Sum(static durations => durations.Count);
            if (ProblemOf(probe, answers) is { } problem)
                return report with { State = TuningState.NoLoad, Reason = problem };
            var choice = target.Name is null ? default : await new TuningSearch(
                target, _intervals, TuningPlan.SearchLength(duration)).Find(cancellationToken).ConfigureAwait(false);
            var settings = TuningPlan.SettingsOf(target, choice, PresentFor(probe), answers >= MinAnswers);
            var rounds = await MeasureRounds(settings, cancellationToken).ConfigureAwait(false);
            var conclusions = new TuningConclusions(target, rounds);
            return report with
            {
                State = TuningState.Completed,
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

    /// <summary>Returns the present settings, with batches of at most a third of an interval.</summary>
    private TuningSetting PresentFor(TuningSample probe)
    {
        var length = TuningPlan.SearchLength(duration);
        var max = probe.EventsPerSecond * length.TotalSeconds / 3;
        var own = target.AdaptedBatchEvents ?? ConsumerMaxEvents;
        return TuningSetting.Present(max < own ? (int)Math.Max(1, max.Value) : null);
    }

    private string? ProblemOf(TuningSample probe, int answers)
    {
        if (target.Name is { } name)
        {
            return probe.Events >= MinEvents ? null
                : $"Consumer '{name}' handled {probe.Events} events in {TuningPlan.ProbeLength(duration)}; at least "
                    + $"{MinEvents} are needed. Start it while the application has its usual load, or for longer.";
        }
        return answers >= MinAnswers ? null
            : $"No consumer of this node handled {MinEvents} events in {TuningPlan.ProbeLength(duration)}, and "
                + $"{answers} cached queries were answered; at least {MinAnswers} are needed. Start it while the "
                + "application has its usual load.";
    }

    private async Task<TuningRounds> MeasureRounds(
        IReadOnlyList<TuningSetting> settings, CancellationToken cancellationToken)
    {
        var (length, count) = TuningPlan.RoundsOf(duration, settings.Count);
        var rounds = new TuningRounds(settings);
        for (var round = 0; round < count; round++)
        {
            if (round >= MinRounds && time.GetElapsedTime(_startedAt) > MaxOvertime * duration)
                break;
            for (var i = 0; i < settings.Count; i++)
            {
                var setting = settings[(i + round) % settings.Count]; // No setting is always measured first.
                rounds.Add(
                    setting, await _intervals.Measure(setting, length, cancellationToken).ConfigureAwait(false));
            }
        }
        return rounds;
    }
}
