using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>The result of one command.</summary>
/// <param name="Recorded">The raised events, as recorded in the stream.</param>
/// <param name="After">The subject afterwards; set only if no exception was thrown.</param>
/// <param name="Error">The exception; null if none was thrown.</param>
/// <param name="Mistake">The mistake; null if the command succeeded or was refused.</param>
internal sealed record HistoryStepResult<T>(
    IReadOnlyList<RecordedEvent> Recorded, T? After, Exception? Error, string? Mistake)
{
    /// <summary>Gets the raised events, as they are read back.</summary>
    public IReadOnlyList<object> Events { get; } = RoundTrip.Read(Recorded);

    /// <summary>Gets the reason why the command did not succeed; null if it succeeded.</summary>
    public string? Reason => Mistake ?? Error switch
    {
        null => null,
        InvariantViolatedException violated => $"was refused by '{violated.Invariant}'",
        _ => $"threw {Error.GetType().Name}",
    };

    public static HistoryStepResult<T> Passed(IReadOnlyList<RecordedEvent> recorded, T after) =>
        new(recorded, after, null, null);

    public static HistoryStepResult<T> Refused(MillraceException refusal) => new([], default, refusal, null);

    public static HistoryStepResult<T> Mistaken(Exception error, string mistake) => new([], default, error, mistake);
}
