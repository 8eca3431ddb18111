namespace Millrace;

/// <summary>The result of replaying all open instances with a build.</summary>
/// <param name="Open">The number of open instances.</param>
/// <param name="Stuck">The instances with which the build could not continue.</param>
public sealed record ProcessCheck(long Open, IReadOnlyList<ProcessFinding> Stuck);
