using System.Text;
using Millrace.Storage;

namespace Millrace;

/// <summary>Finds what differs between two views of a stream.</summary>
internal static class EntityComparison
{
    /// <param name="before">The earlier view.</param>
    /// <param name="after">The later one, with the same documents in the same order.</param>
    /// <param name="look">What the later one was made of: the events between as well.</param>
    /// <param name="isStateWhole">Whether the stream was read to the end for both.</param>
    /// <param name="opened">The dead letters that there were at the later position only.</param>
    /// <param name="closed">Those that there were at the earlier one only.</param>
    public static EntityDifference Of(
        EntityView before, EntityView after, StreamSnapshot look, bool isStateWhole, IReadOnlyList<DeadLetter> opened,
        IReadOnlyList<DeadLetter> closed)
    {
        var (changes, left) = (new List<EntityChange>(), new List<EntityPart>());
        if (isStateWhole)
            Add(changes, null, after.Stream.Key, before.State, after.State);
        else if (after.Aggregate is not null)
            left.Add(new EntityPart(null, after.Stream.Key));
        foreach (var (then, now) in before.Documents.Zip(after.Documents))
        {
            // What later events would have brought does not count yet, and what they would have changed back does not
            // differ.
            if (then.SearchedTo < before.Position || now.SearchedTo < after.Position)
                left.Add(new EntityPart(now.ReadModel, now.Key));
            else
                Add(changes, now.ReadModel, now.Key, then.Value, now.Value);
        }
        return new EntityDifference
        {
            Before = before,
            After = after,
            Events = look.Since,
            EventCount = look.SinceCount,
            Changes = changes,
            NotCompared = left,
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
