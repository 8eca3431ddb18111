namespace Millrace.Tuning;

/// <summary>The samples of all settings, one for each round. All settings of a round are measured in turns.</summary>
internal sealed class TuningRounds(IReadOnlyList<TuningSetting> settings)
{
    private readonly Dictionary<string, List<TuningSample>> _samples =
        settings.ToDictionary(static setting => setting.Name, static _ => new List<TuningSample>());

    public void Add(TuningSetting setting, TuningSample sample) => _samples[setting.Name].Add(sample);

    /// <summary>Gets the queries that were answered, the most frequent first.</summary>
    public IReadOnlyList<string> Queries =>
    [
        .. from sample in _samples.Values.SelectMany(static samples => samples)
        from query in sample.Answers
        group query.Value.Count by query.Key into counts
        orderby counts.Sum() descending
        select counts.Key,
    ];

    public bool Has(string setting) => _samples.ContainsKey(setting);

    /// <summary>Returns the setting, which must exist.</summary>
    public TuningSetting Find(string setting) => settings.First(one => one.Name == setting);

    /// <summary>Returns the events per second of a setting in each round.</summary>
    public IReadOnlyList<double?> Rates(string setting) =>
        [.. _samples[setting].Select(static sample => sample.EventsPerSecond)];

    /// <summary>Returns the answers per second to a query of one caller, in each round.</summary>
    public IReadOnlyList<double?> AnswerRates(string setting, string query) =>
        [.. _samples[setting].Select(sample => 1 / sample.AnswerSeconds(query))];

    /// <summary>Returns the events per second of a setting, of those of another one.</summary>
    public TuningRatio? Compare(string setting, string baseline) =>
        Has(setting) && Has(baseline) ? TuningStatistics.Compare(Rates(setting), Rates(baseline)) : null;

    public TuningRow RowOf(TuningSetting setting)
    {
        var samples = _samples[setting.Name];
        var batches = samples.SelectMany(static sample => sample.Batches).ToList();
        var answers = samples
            .SelectMany(static sample => sample.Answers.Values)
            .SelectMany(static durations => durations)
            .Select(static duration => (duration, 1))
            .ToList();
        var rates = Rates(setting.Name).OfType<double>().ToList();
        return new TuningRow
        {
            Setting = setting.Name,
            BatchEvents = setting.BatchEvents,
            Workers = setting.Workers,
            IsCached = setting.IsCached,
            Intervals = samples.Count,
            EventsPerSecond = rates.Count == 0 ? null : rates.Average(),
            P50 = TuningStatistics.BatchPercentile(batches, 0.5),
            P99 = TuningStatistics.BatchPercentile(batches, 0.99),
            Gain = setting.Name == TuningSetting.NoneName ? null : Compare(setting.Name, TuningSetting.NoneName),
            Answers = answers.Count,
            AnswerP50 = TuningStatistics.Percentile(answers, 0.5),
            AnswerP99 = TuningStatistics.Percentile(answers, 0.99),
        };
    }

    /// <summary>Returns the typical deviation of a setting between rounds.</summary>
    public double? Noise()
    {
        var all = settings
            .Select(setting => TuningStatistics.Noise(Rates(setting.Name)))
            .Concat(Queries.Take(1).SelectMany(query => settings.Select(
                setting => TuningStatistics.Noise(AnswerRates(setting.Name, query)))))
            .OfType<double>()
            .Order()
            .ToList();
        return all.Count == 0 ? null : all[all.Count / 2];
    }
}
