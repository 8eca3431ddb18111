using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>A correct SQLite store whose moves a fault replaces.</summary>
internal sealed class MovableStorage : IMovableStorage
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;
    private readonly SqliteStorage _inner;

    public MovableStorage(Func<IMoveEndpoint, IMoveEndpoint> create)
    {
        _inner = new SqliteStorage(Path.Combine(_directory, "store.db"));
        Moves = create(((IMovableStorage)_inner).Moves);
    }

    public string Description => _inner.Description;

    public ILogStorage Log => _inner.Log;

    public IDocumentStorage Documents => _inner.Documents;

    public ILeaseStorage Leases => _inner.Leases;

    public IDeadLetterStorage DeadLetters => _inner.DeadLetters;

    public IMaintenanceStorage Maintenance => _inner.Maintenance;

    public IMoveEndpoint Moves { get; }

    public ValueTask Open(CancellationToken cancellationToken) => _inner.Open(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>Forwards all calls. A fault overrides the methods that it changes.</summary>
internal class FaultyMoves(IMoveEndpoint inner) : IMoveEndpoint
{
    protected IMoveEndpoint Inner { get; } = inner;

    public virtual ValueTask<MoveState> GetState(CancellationToken cancellationToken) =>
        Inner.GetState(cancellationToken);

    public ValueTask ThrowIfClosed(CancellationToken cancellationToken) => Inner.ThrowIfClosed(cancellationToken);

    public virtual ValueTask StartSource(string other, CancellationToken cancellationToken) =>
        Inner.StartSource(other, cancellationToken);

    public virtual ValueTask StartTarget(string other, CancellationToken cancellationToken) =>
        Inner.StartTarget(other, cancellationToken);

    public ValueTask NoteCollections(CancellationToken cancellationToken) => Inner.NoteCollections(cancellationToken);

    public ValueTask RemoveNotes(IReadOnlyList<long> notes, CancellationToken cancellationToken) =>
        Inner.RemoveNotes(notes, cancellationToken);

    public virtual async ValueTask<IMoveSession> OpenSession(
        MoveSessionKind kind, CancellationToken cancellationToken) =>
        Replace(await Inner.OpenSession(kind, cancellationToken));

    public virtual ValueTask End(CancellationToken cancellationToken) => Inner.End(cancellationToken);

    /// <summary>Replaces a session.</summary>
    protected virtual IMoveSession Replace(IMoveSession session) => session;
}

/// <summary>Replaces the sessions of a correct storage.</summary>
internal sealed class FaultySessions(IMoveEndpoint inner, Func<IMoveSession, IMoveSession> create) : FaultyMoves(inner)
{
    protected override IMoveSession Replace(IMoveSession session) => create(session);
}

/// <inheritdoc cref="FaultyMoves"/>
internal abstract class FaultySession(IMoveSession inner) : IMoveSession
{
    protected IMoveSession Inner { get; } = inner;

    public ValueTask<MoveHeader> GetHeader(CancellationToken cancellationToken) => Inner.GetHeader(cancellationToken);

    public ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(
        long from, long to, int limit, CancellationToken cancellationToken) =>
        Inner.ReadEvents(from, to, limit, cancellationToken);

    public ValueTask<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken) =>
        Inner.ListCollections(cancellationToken);

    public virtual ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable table, MovedRow? after, int limit, CancellationToken cancellationToken) =>
        Inner.ReadRows(table, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<MovedRow>> FindRows(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken) =>
        Inner.FindRows(table, keys, cancellationToken);

    public virtual ValueTask<IReadOnlyList<MoveNote>> ReadNotes(
        long after, int limit, CancellationToken cancellationToken) =>
        Inner.ReadNotes(after, limit, cancellationToken);

    public ValueTask AddEvents(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken) =>
        Inner.AddEvents(events, cancellationToken);

    public ValueTask RemoveEvents(IReadOnlyCollection<long> positions, CancellationToken cancellationToken) =>
        Inner.RemoveEvents(positions, cancellationToken);

    public ValueTask CreateCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        Inner.CreateCollection(collection, cancellationToken);

    public ValueTask DropCollection(string collection, CancellationToken cancellationToken) =>
        Inner.DropCollection(collection, cancellationToken);

    public virtual ValueTask Put(
        MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken) =>
        Inner.Put(table, rows, cancellationToken);

    public ValueTask Remove(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken) =>
        Inner.Remove(table, keys, cancellationToken);

    public virtual ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken) =>
        Inner.SetHeader(header, cancellationToken);

    public virtual ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken) =>
        Inner.SetRole(role, other, cancellationToken);

    public ValueTask Commit(CancellationToken cancellationToken) => Inner.Commit(cancellationToken);

    public virtual ValueTask DisposeAsync() => Inner.DisposeAsync();
}
