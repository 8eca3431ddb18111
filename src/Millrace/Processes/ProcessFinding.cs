namespace Millrace;

/// <summary>An open instance that a build could not go on with.</summary>
/// <param name="Process">The name of the process.</param>
/// <param name="Id">The id of the instance.</param>
/// <param name="Version">The version of the definition that it is on.</param>
/// <param name="Problem">What is in the way, and what to do.</param>
public sealed record ProcessFinding(string Process, string Id, int Version, string Problem);
