using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>Reads pages of streams. Reads that wait at the same moment share a statement.</summary>
internal sealed class StreamReads
{
    private readonly Database _database;
    private readonly StreamQueries _streams;
    private readonly ReadCoalescer<StreamPageQuery, EventPage> _coalescer;

    public StreamReads(Database database, StreamQueries streams)
    {
        _database = database;
        _streams = streams;
        _coalescer = new ReadCoalescer<StreamPageQuery, EventPage>(ReadAlone, ReadTogether);
    }

    /// <summary>The number of pages that were read in shared statements.</summary>
    public long Joined => _coalescer.Joined;

    public ValueTask<EventPage> Read(StreamPageQuery query, CancellationToken cancellationToken) =>
        query.IsBackwards ? ReadAlone(query, cancellationToken) : _coalescer.Read(query, cancellationToken);

    private ValueTask<EventPage> ReadAlone(StreamPageQuery query, CancellationToken cancellationToken) =>
        _database.Read(
            static (connection, args, cancel) => args._streams.Read(connection, args.query, cancel),
            (_streams, query),
            cancellationToken);

    private async ValueTask ReadTogether(List<PendingRead<StreamPageQuery, EventPage>> batch) => await _database.Read(
        static (connection, args, cancel) => args._streams.Read(connection, args.batch, cancel), (_streams, batch),
        CancellationToken.None).ConfigureAwait(false);
}
