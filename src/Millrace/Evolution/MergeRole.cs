namespace Millrace.Evolution;

/// <summary>The role of a stored shape in a merge.</summary>
/// <param name="Merger">The merger.</param>
/// <param name="IsFirst">True for the first of the two events.</param>
/// <param name="Into">The shape of the merged event.</param>
internal sealed record MergeRole(Merger Merger, bool IsFirst, StoredShape Into)
{
    /// <summary>Gets the CLR type to which the event is converted before the merge.</summary>
    public Type Type => IsFirst ? Merger.First : Merger.Second;
}
