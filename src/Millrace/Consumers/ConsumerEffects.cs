using Millrace.Storage;

namespace Millrace;

/// <summary>What a consumer writes in one commit.</summary>
/// <param name="Documents">Documents written or removed.</param>
/// <param name="Statements">The user's own SQL.</param>
internal sealed record ConsumerEffects(IReadOnlyList<DocumentChange> Documents, IReadOnlyList<SqlStatement> Statements)
{
    /// <summary>Several parts as one.</summary>
    public static ConsumerEffects? Whole(IReadOnlyList<ConsumerEffects> parts) =>
        parts.Count switch
        {
            0 => null,
            1 => parts[0],
            _ => new ConsumerEffects(
                [.. parts.SelectMany(part => part.Documents)],
                [.. parts.SelectMany(part => part.Statements)]),
        };
}
