namespace Millrace;

/// <summary>A difference between a log and its seals.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Position">The position in the log; null if the finding has none.</param>
/// <param name="Message">The description, with the place.</param>
public sealed record SealFinding(SealFindingKind Kind, long? Position, string Message);
