namespace Millrace.Cli.Sql;

/// <summary>
/// Answers SQL statements, and records each in the audit trail of a store that has one, with the names of its views.
/// Without its entry, a statement has no answer.
/// </summary>
/// <param name="sql">The service.</param>
/// <param name="record">Records an entry.</param>
/// <param name="errors">Receives the reason why the entry of a failed statement was not recorded.</param>
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
        var resource = NoViews;
        T answer;
        try
        {
            answer = await run(request with { Reading = views => resource = ResourceOf(views) });
        }
        catch (Exception failure)
        {
            await TryRecordFailure(resource, failure);
            throw;
        }
        await record(new AuditEntry(Action, resource, AuditResult.Succeeded));
        return answer;
    }

    /// <summary>Records a failed statement. The user gets its failure, and not that of the audit trail.</summary>
    private async Task TryRecordFailure(string resource, Exception failure)
    {
        var reason = failure is OperationCanceledException ? "cancelled" : failure.GetType().Name;
        try
        {
            await record(new AuditEntry(Action, resource, AuditResult.Failed) { Reason = reason });
        }
        catch (MillraceException exception)
        {
            errors($"The audit trail has no entry of this statement: {exception.Message}");
        }
    }

    /// <summary>Returns the names of views, without those that exceed the length of an entry.</summary>
    private static string ResourceOf(IReadOnlyList<string> views)
    {
        var names = string.Join(',', views);
        return names.Length == 0 ? NoViews
            : names.Length > MaxResource ? string.Concat(names.AsSpan(0, MaxResource - 1), "…")
            : names;
    }
}
