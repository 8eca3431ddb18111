namespace Millrace.Storage.Moves;

/// <summary>The state of a storage before or during a move.</summary>
/// <param name="Header">The header of the store; null if there is no store.</param>
/// <param name="IsEmpty">True if the store is empty or does not exist.</param>
/// <param name="Role">The role of the store in a move.</param>
/// <param name="Other">The description of the other storage in that move.</param>
public sealed record MoveState(MoveHeader? Header, bool IsEmpty, MoveRole Role, string Other)
{
    /// <summary>Gets tables and other objects that are not moved, because they do not belong to the store.</summary>
    public IReadOnlyList<string> Foreign { get; init; } = [];
}
