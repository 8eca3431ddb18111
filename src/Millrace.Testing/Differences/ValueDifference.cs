namespace Millrace.Testing;

/// <summary>A difference between two values: its path and the JSON on each side, or null for a missing value.</summary>
internal sealed record ValueDifference(string Path, string? Expected, string? Actual);
