namespace Millrace;

/// <summary>What an action would do, without doing it.</summary>
/// <param name="Action">The name of the action.</param>
/// <param name="Description">What the action does.</param>
/// <param name="Subject">What it would change; null for the whole application.</param>
/// <param name="Facts">The present state, as sentences: what is affected, and which faults are known.</param>
public sealed record RecoveryPlan(string Action, string Description, string? Subject, IReadOnlyList<string> Facts);
