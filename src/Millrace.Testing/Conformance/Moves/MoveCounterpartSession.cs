using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Testing.Conformance.Moves;

/// <summary>
/// A transaction on the storage in memory. It has a copy of the content, which replaces the content on commit.
/// </summary>
internal sealed class MoveCounterpartSession(MoveCounterpart storage) : IMoveSession
{
    private readonly MoveContent _content = storage.Content.Clone();

    public ValueTask<MoveHeader> GetHeader(CancellationToken cancellationToken) =>
        new(Expect.NotNull(_content.Header, "the header") with { LastPosition = _content.LastPosition });

    public ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(
        long from, long to, int limit, CancellationToken cancellationToken) =>
        new([.. _content.Events.Where(each => each.Position >= from && each.Position <= to).Take(limit)]);

    public ValueTask<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken) =>
        new([.. _content.Collections]);

    public ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable table, MovedRow? after, int limit, CancellationToken cancellationToken)
    {
        var last = after is null ? null : MoveContent.KeyOf(table, after);
        var rows = _content.RowsOf(table).Where(row => string.CompareOrdinal(row.Key, last) > 0);
        return new([.. rows.Select(row => row.Value).Take(limit)]);
    }

    public ValueTask<IReadOnlyList<MovedRow>> FindRows(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken)
    {
        var rows = _content.RowsOf(table);
        return new([.. keys.Select(key => rows.GetValueOrDefault(MoveContent.KeyOf(table, key))).OfType<MovedRow>()]);
    }

    /// <summary>Returns nothing, because no application writes to this storage.</summary>
    public ValueTask<IReadOnlyList<MoveNote>> ReadNotes(
        long after,
        int limit,
        CancellationToken cancellationToken) => new([]);

    public ValueTask AddEvents(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var recorded in events)
            _content.Add(recorded);
        return default;
    }

    public ValueTask RemoveEvents(IReadOnlyCollection<long> positions, CancellationToken cancellationToken)
    {
        foreach (var position in positions)
            _content.RemoveEvent(position);
        return default;
    }

    public ValueTask CreateCollection(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        _content.Create(collection);
        return default;
    }

    public ValueTask DropCollection(string collection, CancellationToken cancellationToken)
    {
        _content.Drop(collection);
        return default;
    }

    public async ValueTask Put(
        MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
            _content.Put(table, row);
        if (!table.IsDocuments || storage.WhenDocumentsAreCopied is not { } act)
            return;
        storage.WhenDocumentsAreCopied = null;
        await act();
    }

    public ValueTask Remove(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
            _content.RowsOf(table).Remove(MoveContent.KeyOf(table, key));
        return default;
    }

    public ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken)
    {
        _content.Header = header;
        return default;
    }

    public ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken)
    {
        (_content.Role, _content.Other) = (role, other);
        return default;
    }

    public ValueTask Commit(CancellationToken cancellationToken)
    {
        storage.Content = _content;
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
