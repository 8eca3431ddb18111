namespace Millrace;

/// <summary>What a factor gains for a consumer or a query.</summary>
/// <param name="Subject">The name of the consumer or query.</param>
/// <param name="Factor">The factor.</param>
/// <param name="Alone">The events per second with only this factor, of those without any factor. For a query: the mean
/// time of an answer without the cache, of that with it.</param>
/// <param name="Combined">The events per second with all factors, of those with all others; null if there is no other
/// factor.</param>
public sealed record TuningGain(string Subject, TuningFactor Factor, TuningRatio Alone, TuningRatio? Combined)
{
    /// <summary>Gets the verdict: the factor gains if it gains alone or in combination.</summary>
    public TuningVerdict Verdict
    {
        get
        {
            var combined = Combined?.Verdict ?? Alone.Verdict;
            if (Alone.Verdict == TuningVerdict.Gains || combined == TuningVerdict.Gains)
                return TuningVerdict.Gains;
            if (Alone.Verdict == TuningVerdict.Unclear || combined == TuningVerdict.Unclear)
                return TuningVerdict.Unclear;
            return combined;
        }
    }
}
