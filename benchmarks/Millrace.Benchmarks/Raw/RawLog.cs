using System.Buffers.Binary;
using Millrace.Benchmarks.Data;

namespace Millrace.Benchmarks.Raw;

/// <summary>
/// A hand-written log on the tables and indexes of a store. It uses prepared statements and integer stream keys.
/// </summary>
internal sealed class RawLog : IDisposable
{
    private readonly RawConnection _connection;
    private readonly RawStatement _begin;
    private readonly RawStatement _commit;
    private readonly RawStatement _version;
    private readonly RawStatement _insert;
    private readonly byte[] _id = new byte[16];
    private readonly int[] _streams;
    private readonly long _type;
    private readonly long _contentType;
    private long _position;

    /// <summary>Opens a file. A store has created the streams in it before.</summary>
    public RawLog(string file)
    {
        _connection = new RawConnection(file);
        _connection.Execute(RawSchema.Settings);
        if (_connection.Scalar("PRAGMA synchronous") != 2)
            throw new InvalidOperationException("The raw connection must sync every commit, like the store.");
        _begin = _connection.Prepare("BEGIN IMMEDIATE");
        _commit = _connection.Prepare("COMMIT");
        _version = _connection.Prepare(RawSchema.SelectVersion);
        _insert = _connection.Prepare(RawSchema.InsertEvent);
        _position = _connection.Scalar("SELECT max(position) FROM events");
        _streams = ReadStreams();
        using var names = _connection.Prepare(RawSchema.SelectNames);
        names.Step();
        (_type, _contentType) = (names.Integer(0), names.Integer(1));
    }

    /// <summary>Returns the stored number of the stream of a key.</summary>
    public int StreamOf(int key) => _streams[key];

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>
    /// Appends events to a stream if the stream has the expected version. The caller must have begun a transaction.
    /// </summary>
    public bool TryAppend(RawAppend append, long time)
    {
        var stream = append.Stream;
        var actual = _version.Bind(1, stream).Step() ? _version.Integer(0) : 0;
        _version.Reset();
        if (actual != append.ExpectedVersion)
            return false;
        for (var i = 0; i < append.Events; i++)
        {
            NextId(time);
            _insert
                .Bind(1, ++_position)
                .Bind(2, stream)
                .Bind(3, actual + 1 + i)
                .Bind(4, _type)
                .Bind(5, _contentType)
                .Bind(6, _id)
                .Bind(7, time)
                .Bind(8, _position ^ time)
                .Bind(9, SampleLines.Instance.Payload(append.FirstKey + i))
                .Run();
        }
        return true;
    }

    /// <summary>Appends in a separate transaction, on the calling thread.</summary>
    public void AppendAlone(RawAppend append)
    {
        Begin();
        if (!TryAppend(append, RawClock.Now()))
            throw new InvalidOperationException("The raw log refused an append.");
        Commit();
    }

    public void Dispose()
    {
        foreach (var statement in (RawStatement[])[_begin, _commit, _version, _insert])
            statement.Dispose();
        _connection.Dispose();
    }

    private int[] ReadStreams()
    {
        var streams = new int[SampleLines.Keys];
        using var select = _connection.Prepare(RawSchema.SelectStreams);
        while (select.Step())
            streams[SampleLines.KeyOf(select.Blob(1))] = (int)select.Integer(0);
        return streams;
    }

    /// <summary>Creates an id that increases with time, like a version 7 UUID.</summary>
    private void NextId(long time)
    {
        BinaryPrimitives.WriteInt64BigEndian(_id, time);
        BinaryPrimitives.WriteInt64BigEndian(_id.AsSpan(8), _position * -7_046_029_254_386_353_131L);
    }
}
