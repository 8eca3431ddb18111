using DuckDB.NET.Data;
using Millrace.Storage;

namespace Millrace.Sql;

/// <summary>Copies the views of a statement from the store into the engine.</summary>
/// <param name="source">Reads the store.</param>
/// <param name="session">The engine.</param>
/// <param name="catalog">The views.</param>
/// <param name="part">The part of the views that the statement needs.</param>
/// <param name="declared">The members that are columns without values.</param>
/// <param name="maxRows">The maximum number of rows of the answer.</param>
internal sealed class ViewLoader(
    SqlSource source,
    SqlSession session,
    ViewCatalog catalog,
    LoadedPart part,
    DeclaredMembers declared,
    int maxRows)
{
    private static readonly TableColumn[] DocumentColumns =
    [
        new("key", "VARCHAR"),
        new("position", "BIGINT"),
        new("version", "BIGINT"),
        new("data", "VARCHAR") { IsJson = true, Source = "data_text" },
        new("data_text", "VARCHAR"),
    ];

    private static readonly TableColumn[] ViewColumns =
        [new("name", "VARCHAR"), new("kind", "VARCHAR"), new("source", "VARCHAR")];

    /// <summary>Loads views, and returns the position up to which they contain events.</summary>
    public async Task<long> Load(IReadOnlyList<SqlView> views, CancellationToken cancellationToken)
    {
        var head = (await source.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        SqlView[] events =
            [.. views.Where(static view => view.Kind is SqlViewKind.Events or SqlViewKind.EventType)];
        if (events.Length > 0)
            await LoadEvents(events, Math.Min(head, part.Last), cancellationToken).ConfigureAwait(false);
        foreach (var view in views.Except(events))
        {
            switch (view.Kind)
            {
                case SqlViewKind.Consumers when part.HasNoRows:
                    ConsumerTable.Create(session, view);
                    break;
                case SqlViewKind.DeadLetters when part.HasNoRows:
                    DeadLetterTable.Create(session, view);
                    break;
                case SqlViewKind.ReadModel:
                    await LoadDocuments(view, cancellationToken).ConfigureAwait(false);
                    break;
                case SqlViewKind.Consumers:
                    await ConsumerTable.Load(source, session, view, head, cancellationToken).ConfigureAwait(false);
                    break;
                case SqlViewKind.DeadLetters:
                    await DeadLetterTable.Load(source, session, view, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    LoadViews(view);
                    break;
            }
        }
        return head;
    }

    /// <summary>Reads the log once for all views of events.</summary>
    private async Task LoadEvents(SqlView[] views, long head, CancellationToken cancellationToken)
    {
        var tables = new List<EventTable>();
        try
        {
            foreach (var view in views)
                tables.Add(new EventTable(session, view, declared.Of(view)));
            var filter = tables.Exists(static table => table.Type is null)
                ? part.Filter
                : EventFilter.OfTypes([.. tables.Select(static table => table.Type!)]); // Checked.
            // The columns of a type depend on its events.
            if (!part.HasNoRows || tables.Exists(static table => table.Type is not null))
                await CopyEvents(tables, filter, head, cancellationToken).ConfigureAwait(false);
            foreach (var table in tables)
                table.Finish();
        }
        finally
        {
            foreach (var table in tables)
                table.Dispose();
        }
    }

    private async Task CopyEvents(
        List<EventTable> tables, EventFilter filter, long last, CancellationToken cancellationToken)
    {
        var next = part.First;
        var isEnd = false;
        var remaining = part.RowsFor(maxRows) ?? long.MaxValue;
        while (!isEnd && next <= last && remaining > 0)
        {
            var page = await source.ReadEvents(filter, next, part.IsBrief, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events.TakeWhile(recorded => recorded.Position <= last))
            {
                if (remaining-- == 0)
                    return;
                foreach (var table in tables)
                    table.Add(recorded);
            }
            (next, isEnd) = (page.Next, page.IsEnd);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task LoadDocuments(SqlView view, CancellationToken cancellationToken)
    {
        using var writer = new TableWriter(session, view.Name, DocumentColumns, hasMembers: true, declared.Of(view));
        if (!DeclaredMembers.HasCollection(view))
        {
            writer.Finish(); // It is declared, and has no collection yet.
            return;
        }
        DocumentCursor? next = null;
        do
        {
            var page = await source.ReadDocuments(view.Source, next, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents)
                writer.Add(document, AppendDocument, document.Body.Span);
            next = page.Next;
            cancellationToken.ThrowIfCancellationRequested();
        }
        while (next is not null);
        writer.Finish();
    }

    private void LoadViews(SqlView view)
    {
        using var writer = new TableWriter(session, view.Name, ViewColumns, hasMembers: false);
        foreach (var one in catalog.All)
            writer.Add(one, AppendView);
        writer.Finish();
    }

    private static void AppendDocument(IDuckDBAppenderRow row, Document document)
    {
        row.AppendValue(document.Key)
            .AppendValue(document.Position)
            .AppendValue(document.Version)
            .AppendValue(EventTable.TextOf(document.Body.Span));
    }

    private static void AppendView(IDuckDBAppenderRow row, SqlView view) =>
        row.AppendValue(view.Name)
            .AppendValue(KindOf(view.Kind))
            .AppendValue(view.Source.Length > 0 ? view.Source : null);

    private static string KindOf(SqlViewKind kind) => kind switch
    {
        SqlViewKind.Events => "events",
        SqlViewKind.EventType => "event type",
        SqlViewKind.ReadModel => "read model",
        SqlViewKind.Consumers => "consumers",
        SqlViewKind.DeadLetters => "dead letters",
        _ => "views",
    };
}
