namespace Millrace.Testing;

/// <summary>A command of a history and its result.</summary>
/// <param name="Command">The name of the command.</param>
/// <param name="Arguments">The arguments; null for none.</param>
/// <param name="Events">The raised events, as they are read back; empty if the command was refused or had no
/// effect.</param>
/// <param name="Refusal">The reason of the refusal; null if the command was not refused.</param>
public sealed record HistoryStep(
    string Command, object? Arguments, IReadOnlyList<object> Events, MillraceException? Refusal);
