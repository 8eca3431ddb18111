namespace Millrace;

/// <summary>The result of a readiness check.</summary>
/// <param name="At">The time of the check.</param>
/// <param name="Items">The questions with their answers, by group.</param>
public sealed record ReadinessReport(DateTimeOffset At, IReadOnlyList<ReadinessItem> Items)
{
    /// <summary>Gets whether every answer permits production.</summary>
    public bool IsReady => Items.All(static item => item.IsReady);
}
