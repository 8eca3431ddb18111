namespace Millrace;

/// <summary>An open instance with which a build could not continue.</summary>
/// <param name="Process">The name of the process.</param>
/// <param name="Id">The id of the instance.</param>
/// <param name="Version">The version of its definition.</param>
/// <param name="Problem">The problem, and how to solve it.</param>
public sealed record ProcessFinding(string Process, string Id, int Version, string Problem);
