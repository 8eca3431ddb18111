namespace Millrace.Tuning;

/// <summary>Divides the duration of a run, and lists the settings to measure.</summary>
internal static class TuningPlan
{
    /// <summary>The number of events that a consumer must handle during the probe.</summary>
    public const int MinEvents = 20;

    /// <summary>The maximum number of events of a batch during the probe.</summary>
    public const int ProbeEvents = 50;

    /// <summary>The maximum number of settings that <see cref="SettingsOf"/> returns.</summary>
    public const int MaxSettings = 8;

    private const double ProbeShare = 0.1;
    private const double SearchShare = 0.35;
    private const double RoundsShare = 0.55;
    private const int SearchSteps = 12;
    private const int UsualRounds = 5;
    private const int MaxRounds = 20;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(1);

    public static TimeSpan ProbeLength(TimeSpan duration) => ProbeShare * duration;

    public static TimeSpan SearchLength(TimeSpan duration) => Max(MinInterval, SearchShare * duration / SearchSteps);

    /// <summary>Returns the length of an interval and the number of rounds.</summary>
    public static (TimeSpan Length, int Rounds) RoundsOf(TimeSpan duration, int settings)
    {
        var all = RoundsShare * duration;
        var rounds = (int)Math.Clamp(all / (settings * UsualInterval), UsualRounds, MaxRounds);
        return (Max(MinInterval, all / (settings * rounds)), rounds);
    }

    /// <summary>Returns the settings to measure.</summary>
    public static IReadOnlyList<TuningSetting> SettingsOf(
        TuningTarget target, TuningChoice choice, TuningSetting present, bool hasQueries)
    {
        if (target.Name is null)
        {
            return
            [
                new(TuningSetting.NoneName, null, null, IsCached: false),
                new(TuningSetting.CachingName, null, null, IsCached: true),
            ];
        }
        var settings = new List<TuningSetting>
        {
            new(TuningSetting.NoneName, 1, 1, IsCached: false),
            new(TuningSetting.BatchingName, choice.BatchAlone, 1, IsCached: false),
        };
        if (choice.Workers > 1)
        {
            // Without several events, workers have nothing to do. One worker with the same batches is the baseline.
            if (choice.BatchForWorkers != choice.BatchAlone)
                settings.Add(new(TuningSetting.OneWorkerName, choice.BatchForWorkers, 1, IsCached: false));
            settings.Add(new(TuningSetting.ConcurrencyName, choice.BatchForWorkers, choice.Workers, IsCached: false));
            settings.Add(new(TuningSetting.BothName, choice.BatchTogether, choice.Workers, IsCached: false));
        }
        if (hasQueries)
        {
            settings.Add(new(TuningSetting.CachingName, 1, 1, IsCached: true));
            if (choice.Workers > 1)
                settings.Add(new(TuningSetting.AllName, choice.BatchTogether, choice.Workers, IsCached: true));
        }
        settings.Add(present);
        return settings;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
