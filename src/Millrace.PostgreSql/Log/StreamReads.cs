using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>Reads pages of streams, those that wait at the same moment together.</summary>
internal sealed class StreamReads
{
    private readonly Database _database;
    private readonly StreamQueries _streams;
    private readonly ReadCoalescer<StreamPageQuery, EventPage> _coalescer;

    public StreamReads(Database database, StreamQueries streams)
    {
        (_database, _streams) = (database, streams);
        _coalescer = new ReadCoalescer<StreamPageQuery, EventPage>(ReadAlone, ReadTogether);
    }

    /// <summary>How many pages were read together with others.</summary>
    public long Joined => _coalescer.Joined;

    public ValueTask<EventPage> Read(StreamPageQuery query, CancellationToken cancellationToken) =>
        query.IsBackwards ? ReadAlone(query, cancellationToken) : _coalescer.Read(query, cancellationToken);

    private ValueTask<EventPage> ReadAlone(StreamPageQuery query, CancellationToken cancellationToken) =>
        _database.Read(
            static (connection, ask, cancel) => ask._streams.Read(connection, ask.query, cancel),
            (_streams, query),
            cancellationToken);

    private async ValueTask ReadTogether(List<PendingRead<StreamPageQuery, EventPage>> batch) => await _database.Read(
        static (connection, ask, cancel) => ask._streams.Read(connection, ask.batch, cancel), (_streams, batch),
        CancellationToken.None).ConfigureAwait(false);
}
