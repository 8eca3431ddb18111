namespace Millrace.Testing;

/// <summary>A place where two values differ, with what stands there on each side as JSON; null where there is
/// nothing.</summary>
internal sealed record ValueDifference(string Path, string? Expected, string? Actual);
