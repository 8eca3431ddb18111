namespace Millrace.Testing;

/// <summary>A command as a test adds it.</summary>
/// <param name="Name">What it is called in failures.</param>
/// <param name="Code">How the test calls it, as code; null where nobody knows.</param>
internal sealed record HistoryCall(string Name, string? Code);
