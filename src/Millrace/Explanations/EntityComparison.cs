using System.Text;
using Millrace.Storage;

namespace Millrace;

/// <summary>Finds what differs between two views of a stream.</summary>
internal static class EntityComparison
{
    private const int MostEvents = 100;

    public static async ValueTask<EntityDifference> Of(
        EventStore store, EntityView before, EntityView after, CancellationToken cancellationToken)
    {
        var history = await StreamHistory.Read(store, after.Stream, after.Position, cancellationToken).ConfigureAwait(false);
        var between = history.Events.Where(recorded => recorded.Position > before.Position).ToList();
        var changes = new List<EntityChange>();
        Add(changes, null, after.Stream.Key, before.State, after.State);
        foreach (var document in after.Documents)
        {
            var earlier = before.Documents.FirstOrDefault(one => one.ReadModel == document.ReadModel && one.Key == document.Key);
            Add(changes, document.ReadModel, document.Key, earlier?.Value, document.Value);
        }
        return new EntityDifference
        {
            Before = before,
            After = after,
            Events = [.. between.Take(MostEvents)],
            EventCount = between.Count,
            Changes = changes,
            LettersOpened = Except(after.Letters, before.Letters),
            LettersClosed = Except(before.Letters, after.Letters),
        };
    }

    private static void Add(List<EntityChange> changes, string? readModel, string key, string? before, string? after)
    {
        if (before == after)
            return;
        var kind = before is null ? DifferenceKind.Added : after is null ? DifferenceKind.Gone : DifferenceKind.Changed;
        changes.Add(new EntityChange(readModel, key, kind, FieldDifferences.Between(Bytes(before), Bytes(after))));
    }

    private static ReadOnlyMemory<byte>? Bytes(string? json) =>
        json is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(json);

    private static IReadOnlyList<DeadLetter> Except(IReadOnlyList<DeadLetter> letters, IReadOnlyList<DeadLetter> others) =>
        [.. letters.Where(letter => others.All(other => other.Id != letter.Id))];
}
