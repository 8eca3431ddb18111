using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>Begins copies of the log that are kept open from page to page, as many as the node has connections to
/// spare.</summary>
internal sealed class LogCopyPool(Database database, LogQueries queries, TimeProvider time)
{
    private const int ReservedConnections = 3; // One commits, one listens, one reads.

    private readonly int _most = Math.Max(0, database.Options.MaxConnections - ReservedConnections) / 4;
    private int _open;

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>How many were begun.</summary>
    public long Begun { get; private set; }

    public TimeProvider Time => time;

    /// <summary>The pages of the log from one on.</summary>
    public IEventPages PagesOf(ILogStorage log, LogPageQuery first) =>
        first.Filter.IsAll && _most > 0 && !database.SharesConnections
            ? new CopyPageReader(log, this, first)
            : new SeparatePages(log, first);

    /// <summary>Begins to copy a page and as many of its size behind it; null when that must not take one more
    /// connection.</summary>
    public async ValueTask<OpenLogCopy?> Begin(LogPageQuery first, int pages, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _open) > _most)
        {
            Interlocked.Decrement(ref _open);
            return null;
        }
        try
        {
            var connection = await database.Connect(cancellationToken).ConfigureAwait(false);
            try
            {
                var copy = await queries
                    .StartCopy(connection, first, (long)first.Limit * pages, cancellationToken)
                    .ConfigureAwait(false);
                Begun++;
                return new OpenLogCopy(connection, copy, time.GetTimestamp());
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch
        {
            Interlocked.Decrement(ref _open);
            throw;
        }
    }

    /// <summary>Ends one, and gives its connection back.</summary>
    public async ValueTask End(OpenLogCopy copy)
    {
        await copy.DisposeAsync().ConfigureAwait(false);
        Interlocked.Decrement(ref _open);
    }
}
