using Millrace.Consuming.Retries;

namespace Millrace.Projecting.Previews;

/// <summary>The inputs of a projection's trial run.</summary>
/// <param name="Live">The collection to compare with, or null if the store has none.</param>
/// <param name="Until">The position up to which events are folded. It is the position of the documents to compare
/// with.</param>
/// <param name="Decisions">The final decisions about events, which apply to a rebuild.</param>
/// <param name="Recreations">The recreated streams of an inline projection; null for an asynchronous
/// projection.</param>
/// <param name="IsInSample">Selects the documents that are folded, by their keys.</param>
internal sealed record TrialScope(
    string? Live,
    long Until,
    DeadLetterResolutions Decisions,
    StreamRecreations? Recreations,
    Func<string, bool> IsInSample);
