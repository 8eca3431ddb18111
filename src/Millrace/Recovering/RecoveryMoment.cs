namespace Millrace.Recovering;

/// <summary>What all decisions of a pass have in common.</summary>
/// <param name="Now">The current time of the storage.</param>
/// <param name="Node">The name of this node.</param>
/// <param name="IsDryRun">Whether actions of rules are only recorded.</param>
internal sealed record RecoveryMoment(DateTimeOffset Now, string Node, bool IsDryRun = false);
