namespace Millrace;

/// <summary>
/// Thrown when other searches of the log for explanations did not finish in time. A search uses all processors, so a
/// program runs only one search at a time.
/// </summary>
public sealed class ExplanationsBusyException(TimeSpan waited)
    : MillraceException(
        $"Other explanations were searching the log for {waited.TotalSeconds:0} s. Try again later.")
{
    /// <summary>Gets the time for which the search waited for other searches.</summary>
    public TimeSpan Waited { get; } = waited;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
