using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Starts copies of the log that stay open from page to page, as many as the node's connection limit allows.
/// </summary>
internal sealed class LogCopyPool(Database database, LogQueries queries, TimeProvider time)
{
    private const int ReservedConnections = 3; // One to commit, one to listen, one to read.

    private readonly int _maxCopies = Math.Max(0, database.Options.MaxConnections - ReservedConnections) / 4;
    private int _open;

    /// <summary>The number of open copies.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The number of copies started.</summary>
    public long StartCount { get; private set; }

    public TimeProvider Time => time;

    /// <summary>Returns the pages of the log from a given page on.</summary>
    public IEventPages PagesOf(ILogStorage log, LogPageQuery first) =>
        first.Filter.IsAll && _maxCopies > 0 && !database.SharesConnections
            ? new CopyPageReader(log, this, first)
            : new SeparatePages(log, first);

    /// <summary>
    /// Starts to copy a page and further pages of the same size; null if that would exceed the connection limit.
    /// </summary>
    public async ValueTask<OpenLogCopy?> Start(LogPageQuery first, int pages, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _open) > _maxCopies)
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
                StartCount++;
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

    /// <summary>Closes a copy, and releases its connection.</summary>
    public async ValueTask End(OpenLogCopy copy)
    {
        await copy.DisposeAsync().ConfigureAwait(false);
        Interlocked.Decrement(ref _open);
    }
}
