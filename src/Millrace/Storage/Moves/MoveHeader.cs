namespace Millrace.Storage.Moves;

/// <summary>What a store is, and what it gives only once.</summary>
/// <param name="StoreId">The store, wherever it lies.</param>
/// <param name="Epoch">The epoch of its log.</param>
/// <param name="CreatedAt">When it was made, in microseconds since 1970.</param>
/// <param name="CreatedBy">What made it.</param>
/// <param name="LastPosition">The last position of its log.</param>
/// <param name="DocumentVersion">No document has or had a greater version.</param>
/// <param name="LastDeadLetter">No dead letter has or had a greater number.</param>
internal sealed record MoveHeader(
    Guid StoreId,
    long Epoch,
    long CreatedAt,
    string CreatedBy,
    long LastPosition,
    long DocumentVersion,
    long LastDeadLetter);
