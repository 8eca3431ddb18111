namespace Millrace;

/// <summary>What became of replaying all open instances against a build.</summary>
/// <param name="Open">How many instances are open.</param>
/// <param name="Stuck">Those that the build could not go on with.</param>
public sealed record ProcessCheck(long Open, IReadOnlyList<ProcessFinding> Stuck);
