namespace Millrace;

/// <summary>
/// Others are searching the log of this program for explanations, which takes all its processors: one search goes at a
/// time.
/// </summary>
public sealed class ExplanationsBusyException(TimeSpan waited)
    : MillraceException(
        $"Other explanations were searching the log for {waited.TotalSeconds:0} s. Ask again in a while.")
{
    /// <summary>How long it waited for its turn.</summary>
    public TimeSpan Waited { get; } = waited;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
