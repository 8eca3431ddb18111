using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>A COPY of log events that is open on its own connection.</summary>
/// <param name="connection">The connection.</param>
/// <param name="copy">The stream of the copied rows.</param>
/// <param name="startedAt">The time of its start. The copy shows the log as of this time.</param>
internal sealed class OpenLogCopy(NpgsqlConnection connection, NpgsqlRawCopyStream copy, long startedAt)
    : IAsyncDisposable
{
    private readonly CopyRowReader _rows = new(copy);

    public long StartedAt { get; } = startedAt;

    /// <summary>Gets whether all rows have been read.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>
    /// Reads the next page, which does not show whether the log ends there; null when no rows are left.
    /// </summary>
    public async ValueTask<EventPage?> Read(LogPageQuery query, CancellationToken cancellationToken)
    {
        var page = new PageCollector(query.Limit);
        IsComplete = !await page.Fill(_rows, cancellationToken).ConfigureAwait(false);
        return page.PartialPage(query.IsBackwards);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!IsComplete)
                await copy.CancelAsync().ConfigureAwait(false);
            await copy.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
            when (PostgreSqlErrors.IsKnown(exception) || exception is OperationCanceledException)
        {
            // The copy is broken or was cancelled; nothing more is read from it.
        }
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
