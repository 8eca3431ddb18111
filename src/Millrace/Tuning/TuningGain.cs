namespace Millrace;

/// <summary>What a factor gains for a consumer or a query.</summary>
/// <param name="Subject">The name of the consumer or query.</param>
/// <param name="Factor">The factor.</param>
/// <param name="Alone">The events per second with only this factor, of those without it; null if the load was too low
/// to compare them. For a query: the mean time of an answer without the cache, of that with it.</param>
/// <param name="Combined">The events per second with all factors, of those with all others; null if they were not
/// compared.</param>
public sealed record TuningGain(string Subject, TuningFactor Factor, TuningRatio? Alone, TuningRatio? Combined)
{
    /// <summary>Gets the verdict: the factor gains if it gains alone or in combination.</summary>
    public TuningVerdict Verdict
    {
        get
        {
            var alone = Alone?.Verdict ?? TuningVerdict.Unclear;
            var combined = Combined?.Verdict ?? alone;
            if (alone == TuningVerdict.Gains || combined == TuningVerdict.Gains)
                return TuningVerdict.Gains;
            if (alone == TuningVerdict.Unclear || combined == TuningVerdict.Unclear)
                return TuningVerdict.Unclear;
            return combined;
        }
    }
}
