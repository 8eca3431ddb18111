namespace Millrace.Testing;

/// <summary>What came of one command.</summary>
/// <param name="Recorded">What was raised, as it stands in the stream then.</param>
/// <param name="After">The subject after it; only where nothing was thrown.</param>
/// <param name="Error">What was thrown; null when it passed.</param>
/// <param name="Mistake">What is wrong with that; null when it passed, or was refused.</param>
internal sealed record HistoryStepResult<T>(
    IReadOnlyList<RecordedEvent> Recorded, T? After, Exception? Error, string? Mistake)
{
    /// <summary>What was raised, as it is read back.</summary>
    public IReadOnlyList<object> Events { get; } = RoundTrip.Read(Recorded);

    /// <summary>How it ended; null when it passed.</summary>
    public string? Reason => Mistake ?? Error switch
    {
        null => null,
        InvariantViolatedException violated => $"was refused by '{violated.Invariant}'",
        _ => $"threw {Error.GetType().Name}",
    };

    public static HistoryStepResult<T> Passed(IReadOnlyList<RecordedEvent> recorded, T after) =>
        new(recorded, after, null, null);

    public static HistoryStepResult<T> Refused(MillraceException refusal) => new([], default, refusal, null);

    public static HistoryStepResult<T> Wrong(Exception error, string mistake) => new([], default, error, mistake);
}
