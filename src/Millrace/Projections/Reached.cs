namespace Millrace;

/// <summary>How far the documents of a consumer were before they were read.</summary>
/// <param name="Freshness">How far.</param>
/// <param name="Position">The position that all of them reflect; 0 when that is not known.</param>
/// <param name="LeaseEpoch">Under which lease: under another they may be others. Null when nobody had ever taken
/// it.</param>
internal readonly record struct Reached(Freshness Freshness, long Position, long? LeaseEpoch);
