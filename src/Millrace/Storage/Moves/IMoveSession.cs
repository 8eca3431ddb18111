namespace Millrace.Storage.Moves;

/// <summary>A transaction of a mover: it sees one state of the store, and what it writes is there when it is
/// committed.</summary>
internal interface IMoveSession : IAsyncDisposable
{
    /// <summary>What the store is, and where its log ends.</summary>
    ValueTask<MoveHeader> GetHeader(CancellationToken cancellationToken);

    /// <summary>Reads events, and checks that they are unaltered. May return fewer than the limit; none when there are
    /// none.</summary>
    /// <param name="from">The first position, included.</param>
    /// <param name="to">The last position, included.</param>
    /// <param name="limit">The most events.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(
        long from, long to, int limit, CancellationToken cancellationToken);

    /// <summary>The collections of documents.</summary>
    ValueTask<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken);

    /// <summary>Reads rows, in the storage's own order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The row to go on after; null to begin.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable table, MovedRow? after, int limit, CancellationToken cancellationToken);

    /// <summary>Reads those of the rows that are there. Of the rows given, only the key is looked at.</summary>
    ValueTask<IReadOnlyList<MovedRow>> FindRows(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken);

    /// <summary>Reads what was noted, in order.</summary>
    ValueTask<IReadOnlyList<MoveNote>> ReadNotes(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Writes events at their positions, behind the last one.</summary>
    ValueTask AddEvents(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);

    /// <summary>Takes events out; those that are not there are passed over.</summary>
    ValueTask RemoveEvents(IReadOnlyCollection<long> positions, CancellationToken cancellationToken);

    /// <summary>Makes a collection, or makes it anew and empty where it has other fields.</summary>
    ValueTask MakeCollection(CollectionDefinition collection, CancellationToken cancellationToken);

    /// <summary>Removes a collection with its documents, if it is there.</summary>
    ValueTask DropCollection(string collection, CancellationToken cancellationToken);

    /// <summary>Writes rows, over those with the same keys.</summary>
    ValueTask Put(MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken);

    /// <summary>Removes rows. Only the keys are looked at.</summary>
    ValueTask Remove(MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken);

    /// <summary>Makes it the same store, and counts what is given only once on from where the other one
    /// stood.</summary>
    ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken);

    /// <summary>Says what the store is in the move from now on.</summary>
    ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken);

    /// <summary>Commits what was written. A session that is disposed without has written nothing.</summary>
    ValueTask Commit(CancellationToken cancellationToken);
}
