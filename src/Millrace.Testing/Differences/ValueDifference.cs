namespace Millrace.Testing.Differences;

/// <summary>A difference between two values, with its path and both JSON values. A missing value is null.</summary>
internal sealed record ValueDifference(string Path, string? Expected, string? Actual);
