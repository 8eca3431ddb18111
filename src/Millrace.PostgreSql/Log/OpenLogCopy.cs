using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Events of the log that the server sends, on a connection of their own.</summary>
/// <param name="connection">The connection.</param>
/// <param name="copy">What it sends.</param>
/// <param name="began">When it began, and with it what it shows of the log.</param>
internal sealed class OpenLogCopy(NpgsqlConnection connection, NpgsqlRawCopyStream copy, long began) : IAsyncDisposable
{
    private readonly CopyRowReader _rows = new(copy);

    public long StartedAt { get; } = began;

    /// <summary>Whether all was read that it sends.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The next page, which does not tell whether the log ends there; null when nothing is left.</summary>
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
            // It is broken, or was given up: nothing more is wanted from it.
        }
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
