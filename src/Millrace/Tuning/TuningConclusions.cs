using System.Globalization;

namespace Millrace.Tuning;

/// <summary>Derives gains and recommended settings from measured rounds.</summary>
internal sealed class TuningConclusions(TuningTarget target, TuningRounds rounds)
{
    private const double MinAdvantage = 1.05; // Of a setting that needs more memory, threads or connections.

    public IReadOnlyList<TuningGain> Gains() => [.. ConsumerGains(), .. QueryGains()];

    /// <summary>Returns the settings to write.</summary>
    public IReadOnlyList<TuningAdvice> Advise() => [.. ConsumerAdvice(), .. CacheAdvice()];

    private IEnumerable<TuningGain> ConsumerGains()
    {
        if (target.Name is not { } name)
            yield break;
        if (rounds.Compare(TuningSetting.BatchingName, TuningSetting.NoneName) is { } batching)
            yield return new TuningGain(
                name,
                TuningFactor.Batching,
                batching,
                rounds.Compare(TuningSetting.BothName, TuningSetting.ConcurrencyName));
        if (rounds.Compare(TuningSetting.ConcurrencyName, TuningSetting.NoneName) is { } concurrency)
            yield return new TuningGain(
                name,
                TuningFactor.Concurrency,
                concurrency,
                rounds.Compare(TuningSetting.BothName, TuningSetting.BatchingName));
        if (rounds.Compare(TuningSetting.BothName, TuningSetting.NoneName) is { } together)
            yield return new TuningGain(name, TuningFactor.Together, together, Combined: null);
    }

    /// <summary>Compares the answers with the cache and without it, with the same settings of the consumer.</summary>
    private IEnumerable<TuningGain> QueryGains() =>
        from query in rounds.Queries
        where rounds.Has(TuningSetting.CachingName)
        let ratio = TuningStatistics.Compare(
            rounds.AnswerRates(TuningSetting.CachingName, query), rounds.AnswerRates(TuningSetting.NoneName, query))
        where ratio is not null
        select new TuningGain(query, TuningFactor.Caching, ratio, AllOf(query));

    private TuningRatio? AllOf(string query) =>
        rounds.Has(TuningSetting.BothName) && rounds.Has(AllName)
            ? TuningStatistics.Compare(
                rounds.AnswerRates(AllName, query), rounds.AnswerRates(TuningSetting.BothName, query))
            : null;

    private static string AllName => TuningPlan.AllName;

    private IEnumerable<TuningAdvice> ConsumerAdvice()
    {
        if (target.Name is null || !rounds.Has(TuningSetting.PresentName))
            yield break;
        var best = BestSetting();
        if (best.Name == TuningSetting.PresentName
            || rounds.Compare(best.Name, TuningSetting.PresentName) is not { Verdict: TuningVerdict.Gains } gain)
            yield break;
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"{best.Name}: {gain.Value:0.0} times the events per second of the present settings "
                + $"({gain.Low:0.0} to {gain.High:0.0})");
        var prefix = target.HasOwnRequirements ? $"AdaptLoad of '{target.Name}': "
            : target.Requirements is not null ? "Millrace:Consumers:Load:"
            : "Millrace:Consumers:";
        if (target.Requirements is not null)
        {
            yield return Advise($"{prefix}{nameof(LoadOptions.MinBatchEvents)}", best.BatchEvents, reason);
            if (target.HasWorkers)
                yield return Advise($"{prefix}{nameof(LoadOptions.MinWorkers)}", best.Workers, reason);
            yield break;
        }
        yield return Advise($"{prefix}{nameof(ConsumerOptions.BatchEvents)}", best.BatchEvents, reason);
        if (target.HasWorkers)
            yield return Advise($"{prefix}{nameof(ConsumerOptions.Workers)}", best.Workers, reason);
    }

    private static TuningAdvice Advise(string name, int? value, string reason) =>
        new(name, (value ?? 1).ToString(CultureInfo.InvariantCulture), reason);

    /// <summary>
    /// Returns the setting with the most events per second, or a simpler one that is not clearly worse. The settings
    /// are in the order of what they need.
    /// </summary>
    private TuningSetting BestSetting()
    {
        string[] names =
        [
            TuningSetting.PresentName,
            TuningSetting.NoneName,
            TuningSetting.BatchingName,
            TuningSetting.ConcurrencyName,
            TuningSetting.BothName,
        ];
        var (best, most) = (rounds.Find(names[0]), 0.0);
        foreach (var name in names.Where(rounds.Has))
        {
            var rate = rounds.Rates(name).OfType<double>().DefaultIfEmpty(0).Average();
            if (rate > most * MinAdvantage)
                (best, most) = (rounds.Find(name), rate);
        }
        return best;
    }

    private IEnumerable<TuningAdvice> CacheAdvice() =>
        from gain in QueryGains()
        where gain.Verdict is TuningVerdict.Nothing or TuningVerdict.Costs
        select new TuningAdvice(
            $"AddQueryCache: Cache<{gain.Subject}>",
            "remove",
            string.Create(
                CultureInfo.InvariantCulture,
                $"answers are {gain.Alone.Value:0.00} times as fast with the cache "
                    + $"({gain.Alone.Low:0.00} to {gain.Alone.High:0.00})"));
}
