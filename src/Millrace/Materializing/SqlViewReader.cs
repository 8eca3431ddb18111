using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Checks and runs the statements of views that are declared in SQL.</summary>
internal sealed class SqlViewReader(ISqlService sql, SqlViewModel model, ConsumerHost host)
{
    private const int MaxAttempts = 3;

    private static readonly SqlViewKind[] Kinds = [SqlViewKind.Events, SqlViewKind.EventType, SqlViewKind.ReadModel];

    /// <summary>Checks a statement, and returns the names of its columns; null if they depend on the data.</summary>
    /// <exception cref="ViewDeclarationException">The statement is not valid, or reads what a view cannot
    /// contain.</exception>
    public async ValueTask<IReadOnlyList<string>?> Check(
        string view, string statement, CancellationToken cancellationToken)
    {
        try
        {
            return (await Inspect(view, statement, cancellationToken).ConfigureAwait(false)).Columns;
        }
        catch (Exception exception) when (exception is SqlException or SqlUnavailableException)
        {
            throw new ViewDeclarationException(
                view, $"its statement cannot run. {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Runs a statement. Before and after it, the progress of the read models is read, so that the position of the
    /// answer is known. If a read model was switched to another collection meanwhile, the statement runs again.
    /// </summary>
    public async Task<SqlAnswer> Run(
        string view, string statement, ViewSource source, CancellationToken cancellationToken)
    {
        using var linked = source.Link(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var parts = await Inspect(view, statement, linked.Token).ConfigureAwait(false);
            var reads = await Reach(parts.Views, source.After, linked.Token).ConfigureAwait(false);
            var answer = await sql.Run(RequestOf(statement), linked.Token).ConfigureAwait(false);
            if (answer.IsCut)
                throw new ViewDeclarationException(
                    view,
                    $"its statement has more than {answer.Rows.Count:N0} rows, which SqlOptions.MaxRows or "
                        + "MaxAnswerBytes does not allow. Return fewer rows, or raise the limit.");
            // Named columns are checked by the statement; another member can have the name of a marked one.
            model.RefuseMarked(view, parts, parts.Columns is null ? answer.Columns : []);
            var isSame = parts.Views.ToHashSet().SetEquals(answer.Views);
            if (!isSame && attempt < MaxAttempts)
                continue;
            if (!isSame)
                throw new ViewRefreshException(view, "its read models were switched repeatedly. Refresh it later.");
            await Note(reads, source, linked.Token).ConfigureAwait(false);
            return answer;
        }
    }

    private async ValueTask<SqlStatementParts> Inspect(
        string view, string statement, CancellationToken cancellationToken)
    {
        var parts = await sql.Inspect(RequestOf(statement), cancellationToken).ConfigureAwait(false);
        foreach (var read in parts.Views)
            Require(view, read);
        model.RefuseMarked(view, parts, []);
        return parts;
    }

    /// <summary>Throws unless the rows of a view of SQL follow from the log.</summary>
    private void Require(string view, SqlView read)
    {
        if (!Kinds.Contains(read.Kind))
            throw new ViewDeclarationException(
                view, $"its statement reads '{read.Name}', which changes without events. Read events and read models.");
        if (read.Kind == SqlViewKind.ReadModel && !model.HasReadModel(CollectionName.NameOf(read.Source)))
            throw new ViewDeclarationException(
                view,
                $"its statement reads '{read.Name}', which no projection of the application writes, so that the "
                    + "position of its rows is unknown. Read the read models of the application.");
    }

    private SqlRequest RequestOf(string statement) => new(statement) { Declared = model.Declared };

    private async ValueTask<List<ModelRead>> Reach(
        IReadOnlyList<SqlView> views, ReadAfter after, CancellationToken cancellationToken)
    {
        var reads = new List<ModelRead>();
        foreach (var view in views.Where(static view => view.Kind == SqlViewKind.ReadModel))
        {
            var gate = new FreshnessGate(host, view.Source);
            var head = host.Store.Tail.Head.Position;
            var reached = await gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
            reads.Add(new ModelRead(view.Source, gate, head, reached));
        }
        return reads;
    }

    private async ValueTask Note(List<ModelRead> reads, ViewSource source, CancellationToken cancellationToken)
    {
        var epoch = host.Store.Tail.Head.Epoch;
        foreach (var read in reads)
        {
            var confirmed = await read.Gate.Confirm(read.Reached, cancellationToken).ConfigureAwait(false);
            var reflects = new ConsistencyToken(epoch, confirmed.Reflects);
            source.Note(read.Head, confirmed.Freshness, reflects, read.Collection);
        }
    }

    /// <summary>The progress of a read model before a statement.</summary>
    private sealed record ModelRead(
        string Collection, FreshnessGate Gate, long Head, (Freshness Freshness, ConsumerSnapshot Consumer) Reached);
}
