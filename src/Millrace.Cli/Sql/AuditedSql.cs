namespace Millrace.Cli.Sql;

/// <summary>
/// Answers SQL statements, and records each in the audit trail of a store that has one, with the names of its views.
/// Without its entry, a statement has no answer. Long lists of views take several entries.
/// </summary>
/// <param name="sql">The service.</param>
/// <param name="record">Records an entry.</param>
/// <param name="errors">Receives the reason why the entry of a statement without views was not recorded.</param>
internal sealed class AuditedSql(StoreSqlService sql, Func<AuditEntry, Task> record, Action<string> errors)
    : ISqlService
{
    /// <summary>The action of the entries.</summary>
    public const string Action = "tool.sql";

    /// <summary>The resource of a statement that names no view, or that failed before its views were known.</summary>
    public const string NoViews = "none";

    private const int MaxResource = 600;

    public Task<SqlAnswer> Run(SqlRequest request, CancellationToken cancellationToken = default) =>
        Audit(request, one => sql.Run(one, cancellationToken));

    public Task<SqlExport> ExportParquet(SqlRequest request, string file, CancellationToken cancellationToken) =>
        Audit(request, one => sql.ExportParquet(one, file, cancellationToken));

    public ValueTask<IReadOnlyList<SqlView>> ListViews(CancellationToken cancellationToken = default) =>
        sql.ListViews(cancellationToken);

    public Task<SqlStatementParts> Inspect(SqlRequest request, CancellationToken cancellationToken = default) =>
        sql.Inspect(request, cancellationToken);

    private async Task<T> Audit<T>(SqlRequest request, Func<SqlRequest, Task<T>> run)
    {
        string[] resources = [NoViews];
        T answer;
        try
        {
            answer = await run(request with { Reading = views => resources = [.. ResourcesOf(views)] });
        }
        catch (Exception failure)
        {
            await RecordFailure(resources, failure);
            throw;
        }
        foreach (var resource in resources)
            await record(new AuditEntry(Action, resource, AuditResult.Succeeded));
        return answer;
    }

    /// <summary>
    /// Records a failed statement. The message of its failure can contain data of its views, so that the user gets it
    /// only with the entry. A statement without views gets its failure in any case.
    /// </summary>
    private async Task RecordFailure(string[] resources, Exception failure)
    {
        var reason = failure is OperationCanceledException ? "cancelled" : failure.GetType().Name;
        try
        {
            foreach (var resource in resources)
                await record(new AuditEntry(Action, resource, AuditResult.Failed) { Reason = reason });
        }
        catch (MillraceException exception) when (resources is [NoViews])
        {
            errors($"The audit trail has no entry of this statement: {exception.Message}");
        }
    }

    /// <summary>Returns the names of views, in as many parts as entries are necessary.</summary>
    private static IEnumerable<string> ResourcesOf(IReadOnlyList<string> views)
    {
        var part = "";
        foreach (var view in views)
        {
            var name = view.Length > MaxResource ? view[..MaxResource] : view;
            if (part.Length > 0 && part.Length + 1 + name.Length > MaxResource)
            {
                yield return part;
                part = "";
            }
            part = part.Length == 0 ? name : $"{part},{name}";
        }
        yield return part.Length == 0 ? NoViews : part;
    }
}
