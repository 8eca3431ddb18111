using System.Text;
using Millrace.Storage;

namespace Millrace;

/// <summary>Finds what differs between two views of a stream.</summary>
internal static class EntityComparison
{
    /// <param name="before">The earlier view.</param>
    /// <param name="after">The later one.</param>
    /// <param name="look">What the later one was made of: the events between as well.</param>
    public static EntityDifference Of(EntityView before, EntityView after, StreamLook look)
    {
        var changes = new List<EntityChange>();
        Add(changes, null, after.Stream.Key, before.State, after.State);
        foreach (var document in after.Documents)
            Add(changes, document.ReadModel, document.Key, Find(before, document)?.Value, document.Value);
        foreach (var document in before.Documents.Where(one => Find(after, one) is null))
            Add(changes, document.ReadModel, document.Key, document.Value, null);
        return new EntityDifference
        {
            Before = before,
            After = after,
            Events = look.Since,
            EventCount = look.SinceCount,
            Changes = changes,
            LettersOpened = Except(after.Letters, before.Letters),
            LettersClosed = Except(before.Letters, after.Letters),
        };
    }

    private static EntityDocument? Find(EntityView view, EntityDocument document) =>
        view.Documents.FirstOrDefault(one => one.ReadModel == document.ReadModel && one.Key == document.Key);

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

    private static IReadOnlyList<DeadLetter> Except(IReadOnlyList<DeadLetter> letters, IReadOnlyList<DeadLetter> others) =>
        [.. letters.Where(letter => others.All(other => other.Id != letter.Id))];
}
