using Millrace.Storage.Moves;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>Leaves out the rows of a table when its store is moved to another storage.</summary>
internal sealed class MovesNoRowsOf(IMoveSession inner, MovedTable table) : FaultySession(inner)
{
    public override async ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable read, MovedRow? after, int limit, CancellationToken cancellationToken) =>
        read == table ? [] : await base.ReadRows(read, after, limit, cancellationToken);
}

/// <summary>Stores null in a column of the rows of another storage.</summary>
internal sealed class StoresNoColumn(IMoveSession inner, MovedTable table, string column) : FaultySession(inner)
{
    public override ValueTask Put(
        MovedTable written, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken) =>
        base.Put(written, written == table ? [.. rows.Select(Clear)] : rows, cancellationToken);

    private MovedRow Clear(MovedRow row) =>
        new([.. row.Values.Zip(table.Columns).Select(pair => pair.Second.Name == column ? null : pair.First)]);
}

/// <summary>Does not continue the numbers of documents and dead letters of the other storage.</summary>
internal sealed class StartsNumbersAnew(IMoveSession inner) : FaultySession(inner)
{
    public override ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken) =>
        base.SetHeader(header with { DocumentVersion = 0, LastDeadLetter = 0 }, cancellationToken);
}

internal sealed class RecordsNoChanges(IMoveSession inner) : FaultySession(inner)
{
    public override ValueTask<IReadOnlyList<MoveNote>> ReadNotes(
        long after, int limit, CancellationToken cancellationToken) => new([]);
}

/// <summary>Stays open to applications after it was moved.</summary>
internal sealed class StaysOpenWhenMoved(IMoveSession inner) : FaultySession(inner)
{
    public override ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken) =>
        base.SetRole(role == MoveRole.Moved ? MoveRole.Source : role, other, cancellationToken);
}

/// <summary>Stays open to applications while it is filled.</summary>
internal sealed class StaysOpenWhenFilled(IMoveEndpoint inner) : FaultyMoves(inner)
{
    public override ValueTask StartTarget(string other, CancellationToken cancellationToken) =>
        Inner.StartSource(other, cancellationToken);
}

internal sealed class StartsOnlyOnce(IMoveEndpoint inner) : FaultyMoves(inner)
{
    private bool _hasStarted;

    public override ValueTask StartSource(string other, CancellationToken cancellationToken) =>
        Start(Inner.StartSource(other, cancellationToken));

    public override ValueTask StartTarget(string other, CancellationToken cancellationToken) =>
        Start(Inner.StartTarget(other, cancellationToken));

    private ValueTask Start(ValueTask started)
    {
        if (_hasStarted)
            throw MoveRefusal.AlreadyMoving("faulty");
        _hasStarted = true;
        return started;
    }
}

internal sealed class IsAlwaysEmpty(IMoveEndpoint inner) : FaultyMoves(inner)
{
    public override async ValueTask<MoveState> GetState(CancellationToken cancellationToken) =>
        await base.GetState(cancellationToken) with { IsEmpty = true };
}

internal sealed class NeverEndsAMove(IMoveEndpoint inner) : FaultyMoves(inner)
{
    public override ValueTask End(CancellationToken cancellationToken) => default;
}

internal sealed class HoldsNoWriters(IMoveEndpoint inner) : FaultyMoves(inner)
{
    public override ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken) =>
        base.OpenSession(kind == MoveSessionKind.Fence ? MoveSessionKind.Read : kind, cancellationToken);
}

internal sealed class CommitsWhenDisposed(IMoveSession inner) : FaultySession(inner)
{
    public override async ValueTask DisposeAsync()
    {
        await Commit(default);
        await base.DisposeAsync();
    }
}
