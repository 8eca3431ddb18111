using System.Text;
using Millrace.Shared.Comparisons;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>Finds the differences between two views of a stream.</summary>
internal static class EntityComparison
{
    /// <param name="before">The earlier view.</param>
    /// <param name="after">The later view, with the same documents in the same order.</param>
    /// <param name="snapshot">The snapshot of the later view, with the events between the views.</param>
    /// <param name="isStateComplete">True if the stream was read to the end for both views.</param>
    /// <param name="opened">The dead letters that exist only at the later position.</param>
    /// <param name="closed">The dead letters that exist only at the earlier position.</param>
    public static EntityDifference Of(
        EntityView before,
        EntityView after,
        StreamSnapshot snapshot,
        bool isStateComplete,
        IReadOnlyList<DeadLetter> opened,
        IReadOnlyList<DeadLetter> closed)
    {
        var (changes, notCompared) = (new List<EntityChange>(), new List<EntityPart>());
        if (isStateComplete)
            Add(changes, null, after.Stream.Key, before.State, after.State);
        else if (after.Aggregate is not null)
            notCompared.Add(new EntityPart(null, after.Stream.Key));
        foreach (var (earlier, later) in before.Documents.Zip(after.Documents))
        {
            // The remaining events of a partially searched document may change fields or change them back.
            if (earlier.SearchedTo < before.Position || later.SearchedTo < after.Position)
                notCompared.Add(new EntityPart(later.ReadModel, later.Key));
            else
                Add(changes, later.ReadModel, later.Key, earlier.Value, later.Value);
        }
        return new EntityDifference
        {
            Before = before,
            After = after,
            Events = snapshot.LaterEvents,
            EventCount = snapshot.LaterEventCount,
            Changes = changes,
            NotCompared = notCompared,
            OpenedDeadLetters = opened,
            ClosedDeadLetters = closed,
        };
    }

    private static void Add(List<EntityChange> changes, string? readModel, string key, string? before, string? after)
    {
        if (before == after)
            return;
        var kind = before is null ? DifferenceKind.Added : after is null ? DifferenceKind.Gone : DifferenceKind.Changed;
        var fields = FieldDifferences.Between(Bytes(before), Bytes(after), out var count);
        changes.Add(new EntityChange(readModel, key, kind, fields) { FieldCount = count });
    }

    private static ReadOnlyMemory<byte>? Bytes(string? json) =>
        json is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(json);
}
