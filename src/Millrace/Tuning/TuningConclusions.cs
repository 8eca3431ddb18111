using System.Globalization;

namespace Millrace.Tuning;

/// <summary>Derives gains and recommended settings from measured rounds.</summary>
/// <param name="target">What was switched.</param>
/// <param name="rounds">The measured rounds.</param>
/// <param name="isPresentReduced">Whether the present settings were measured with smaller batches, so that they can be
/// better than measured.</param>
internal sealed class TuningConclusions(TuningTarget target, TuningRounds rounds, bool isPresentReduced)
{
    private const double MinAdvantage = 1.05; // Of a setting that needs more memory, threads or connections.

    public IReadOnlyList<TuningGain> Gains() => [.. ConsumerGains(), .. QueryGains()];

    /// <summary>Returns the settings to write.</summary>
    public IReadOnlyList<TuningAdvice> Advise() => [.. ConsumerAdvice(), .. CacheAdvice()];

    /// <summary>Returns why a result is missing; null if none is.</summary>
    public string? FindProblem()
    {
        if (target.Name is not null && ConsumerGains().Any(static gain => gain.Alone is null))
            return "The load was too low to compare all settings: their batches were not full. Start it while events "
                + "wait, or for longer.";
        return isPresentReduced
            ? "No settings are recommended, because batches of the present size take longer than an interval. Start it "
                + "for longer."
            : null;
    }

    private IEnumerable<TuningGain> ConsumerGains()
    {
        if (target.Name is not { } name)
            yield break;
        yield return new TuningGain(
            name,
            TuningFactor.Batching,
            rounds.Compare(TuningSetting.BatchingName, TuningSetting.NoneName),
            rounds.Compare(TuningSetting.BothName, TuningSetting.ConcurrencyName));
        if (!rounds.Has(TuningSetting.ConcurrencyName))
            yield break;
        var oneWorker = rounds.Has(TuningSetting.OneWorkerName)
            ? TuningSetting.OneWorkerName
            : TuningSetting.BatchingName;
        // With batches of different sizes, the difference is not only due to the workers.
        var hasSameBatch = rounds.Find(TuningSetting.BothName).BatchEvents
            == rounds.Find(TuningSetting.BatchingName).BatchEvents;
        yield return new TuningGain(
            name,
            TuningFactor.Concurrency,
            rounds.Compare(TuningSetting.ConcurrencyName, oneWorker),
            hasSameBatch ? rounds.Compare(TuningSetting.BothName, TuningSetting.BatchingName) : null);
        yield return new TuningGain(
            name,
            TuningFactor.Together,
            rounds.Compare(TuningSetting.BothName, TuningSetting.NoneName),
            Combined: null);
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
        rounds.Has(TuningSetting.BothName) && rounds.Has(TuningSetting.AllName)
            ? TuningStatistics.Compare(
                rounds.AnswerRates(TuningSetting.AllName, query), rounds.AnswerRates(TuningSetting.BothName, query))
            : null;

    private IEnumerable<TuningAdvice> ConsumerAdvice()
    {
        if (target.Name is null || !rounds.Has(TuningSetting.PresentName))
            yield break;
        var best = BestSetting();
        if (isPresentReduced || IsPresent(best)
            || rounds.Compare(best.Name, TuningSetting.PresentName) is not { Verdict: TuningVerdict.Gains } gain)
            yield break;
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"{best.Name}: {gain.Value:0.0} times the events per second of the present settings "
                + $"({gain.Low:0.0} to {gain.High:0.0})");
        if (target.Requirements is not null)
        {
            var prefix = target.HasOwnRequirements ? $"AdaptLoad of '{target.Name}': " : "Millrace:Consumers:Load:";
            yield return Advise($"{prefix}{nameof(LoadOptions.MinBatchEvents)}", best.BatchEvents, reason);
            if (target.HasWorkers)
                yield return Advise($"{prefix}{nameof(LoadOptions.MinWorkers)}", best.Workers, reason);
            yield break;
        }
        yield return Advise(target.BatchSetting, best.BatchEvents, reason);
        if (target.HasWorkers)
            yield return Advise($"Millrace:Consumers:{nameof(ConsumerOptions.Workers)}", best.Workers, reason);
    }

    private bool IsPresent(TuningSetting setting) =>
        setting.BatchEvents == rounds.Find(TuningSetting.PresentName).BatchEvents
        && (setting.Workers ?? target.PresentWorkers) == target.PresentWorkers;

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
        let alone = gain.Alone! // The gains of queries without it are omitted.
        select new TuningAdvice(
            $"AddQueryCache: Cache<{gain.Subject}>",
            "remove",
            string.Create(
                CultureInfo.InvariantCulture,
                $"answers are {alone.Value:0.00} times as fast with the cache "
                    + $"({alone.Low:0.00} to {alone.High:0.00})"));
}
