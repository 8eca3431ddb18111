namespace Millrace.Storage.Moves;

/// <summary>What stands in a place of a move.</summary>
/// <param name="Header">What the store is; null where there is none.</param>
/// <param name="IsEmpty">Whether it holds nothing yet, or is not there.</param>
/// <param name="Role">What it is in a move.</param>
/// <param name="Other">The other storage of that move, in words.</param>
internal sealed record MoveState(MoveHeader? Header, bool IsEmpty, MoveRole Role, string Other)
{
    /// <summary>Tables and such that are not the store's and so not moved.</summary>
    public IReadOnlyList<string> Foreign { get; init; } = [];
}
