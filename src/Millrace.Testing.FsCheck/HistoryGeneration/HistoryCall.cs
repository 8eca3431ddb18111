namespace Millrace.Testing.HistoryGeneration;

/// <summary>A command as a test adds it.</summary>
/// <param name="Name">The name of the command in failures.</param>
/// <param name="Code">The code of the call in the test; null if unknown.</param>
internal sealed record HistoryCall(string Name, string? Code);
