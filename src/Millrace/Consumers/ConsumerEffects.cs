using Millrace.Storage;

namespace Millrace;

/// <summary>The writes of a consumer in one commit.</summary>
/// <param name="Documents">The documents written or removed.</param>
/// <param name="Statements">The SQL statements of the application.</param>
internal sealed record ConsumerEffects(IReadOnlyList<DocumentChange> Documents, IReadOnlyList<SqlStatement> Statements)
{
    /// <summary>Combines several parts into one; null when there are none.</summary>
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
