namespace Millrace.Storage.Moves;

/// <summary>The identity of a store, and its counters.</summary>
/// <param name="StoreId">The id of the store, which stays the same when the store is moved.</param>
/// <param name="Epoch">The epoch of the log.</param>
/// <param name="CreatedAt">The time of creation, in microseconds since 1970.</param>
/// <param name="CreatedBy">The program that created the store.</param>
/// <param name="LastPosition">The last position of the log.</param>
/// <param name="DocumentVersion">The greatest version that any document has or had.</param>
/// <param name="LastDeadLetter">The greatest number that any dead letter has or had.</param>
public sealed record MoveHeader(
    Guid StoreId,
    long Epoch,
    long CreatedAt,
    string CreatedBy,
    long LastPosition,
    long DocumentVersion,
    long LastDeadLetter);
