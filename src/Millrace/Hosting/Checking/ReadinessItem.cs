namespace Millrace;

/// <summary>A question of the readiness check with its answer.</summary>
/// <param name="Id">The stable name: lower case letters, digits and dashes.</param>
/// <param name="Group">The part of the check.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Reason">What the answer is based on.</param>
public sealed record ReadinessItem(
    string Id, ReadinessGroup Group, string Question, ReadinessAnswer Answer, string Reason)
{
    /// <summary>Gets what to do; null if there is nothing to do.</summary>
    public string? Remedy { get; init; }

    /// <summary>Gets whether the answer permits production: it is neither no nor unknown.</summary>
    public bool IsReady => Answer is not (ReadinessAnswer.No or ReadinessAnswer.Unknown);
}
