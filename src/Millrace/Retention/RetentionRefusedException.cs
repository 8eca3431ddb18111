namespace Millrace;

/// <summary>Thrown when retention cannot do what a call requests. Nothing was removed.</summary>
/// <param name="target">The run or the policy.</param>
/// <param name="reason">The reason and what to do.</param>
public sealed class RetentionRefusedException(string target, string reason) : MillraceException($"'{target}': {reason}")
{
    /// <summary>Gets the run or the policy.</summary>
    public string Target { get; } = target;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;
}
