using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>The writes of a consumer in one commit.</summary>
/// <param name="Documents">The documents written or removed.</param>
/// <param name="Statements">The SQL statements of the application.</param>
internal sealed record ConsumerEffects(IReadOnlyList<DocumentChange> Documents, IReadOnlyList<SqlStatement> Statements)
{
    /// <summary>Divides documents into commits of limited size. Removals are in the last commit.</summary>
    public static IReadOnlyList<ConsumerEffects> Divide(
        IReadOnlyCollection<DocumentChange> changes, int maxDocuments, long maxBytes)
    {
        var parts = new List<ConsumerEffects>();
        var part = new List<DocumentChange>();
        var removals = new List<DocumentChange>();
        var bytes = 0L;
        foreach (var change in changes)
        {
            if (change.Body is not { } body)
            {
                removals.Add(change);
                continue;
            }
            if (part.Count > 0 && (part.Count >= maxDocuments || bytes + body.Length > maxBytes))
            {
                parts.Add(new ConsumerEffects(part, []));
                (part, bytes) = ([], 0);
            }
            part.Add(change);
            bytes += body.Length;
        }
        part.AddRange(removals);
        if (part.Count > 0)
            parts.Add(new ConsumerEffects(part, []));
        return parts;
    }

    /// <summary>Combines several parts into one; null when there are none.</summary>
    public static ConsumerEffects? Combine(IReadOnlyList<ConsumerEffects> parts) =>
        parts.Count switch
        {
            0 => null,
            1 => parts[0],
            _ => new ConsumerEffects(
                [.. parts.SelectMany(part => part.Documents)],
                [.. parts.SelectMany(part => part.Statements)]),
        };
}
