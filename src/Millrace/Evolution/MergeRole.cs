namespace Millrace;

/// <summary>What a stored shape is in a merge.</summary>
/// <param name="Merger">The merge.</param>
/// <param name="IsFirst">Whether it is the first of the two.</param>
/// <param name="Into">The shape that both become.</param>
internal sealed record MergeRole(Merger Merger, bool IsFirst, StoredShape Into)
{
    /// <summary>The type that the event is read as before it is merged.</summary>
    public Type Type => IsFirst ? Merger.First : Merger.Second;
}
