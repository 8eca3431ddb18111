namespace Millrace;

/// <summary>What a projection is tried on.</summary>
/// <param name="Live">The collection that it is to be compared with; null when the store has none.</param>
/// <param name="Until">The position up to which it folds: as far as the documents that it is compared with.</param>
/// <param name="Decided">What was decided for good about its events, which holds when it is built anew.</param>
/// <param name="Recreations">Where streams began anew, whose documents equal their streams; null for other
/// documents.</param>
/// <param name="IsOfSample">Which documents are folded, by their keys.</param>
internal sealed record TrialScope(
    string? Live,
    long Until,
    DeadLetterResolutions Decided,
    StreamRecreations? Recreations,
    Func<string, bool> IsOfSample);
