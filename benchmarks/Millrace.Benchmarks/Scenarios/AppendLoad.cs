using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Raw;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Appends of several writers with the expected version, each going round streams of its own, which have one event each
/// at the beginning.
/// </summary>
/// <param name="writers">How many writers this node has.</param>
/// <param name="events">How many events an append has.</param>
/// <param name="node">Which node this is, from 0.</param>
/// <param name="nodes">How many nodes append, each with as many writers.</param>
internal sealed class AppendLoad(int writers, int events, int node = 0, int nodes = 1)
{
    private readonly long[] _versions = NewVersions();

    /// <summary>The n-th append of a writer, through Millrace.</summary>
    public Func<int, int, ValueTask> Through(EventStore store) => async (writer, i) =>
    {
        var key = KeyOf(writer, i);
        var batch = new object[events];
        for (var j = 0; j < events; j++)
            batch[j] = SampleLines.Instance.Line(key + j);
        await store.Append(SampleLines.Streams[key], ExpectedVersion.AsRead(_versions[key]), batch);
        _versions[key] += events;
    };

    /// <summary>The n-th append of a writer, by hand.</summary>
    public Func<int, int, ValueTask> Through(IRawWriter raw)
    {
        var requests = Enumerable.Range(0, writers).Select(_ => new RawAppend()).ToArray();
        return async (writer, i) =>
        {
            var key = KeyOf(writer, i);
            requests[writer].Prepare(raw.StreamOf(key), _versions[key], events, key);
            if (!await raw.Append(requests[writer]))
                throw new InvalidOperationException("The raw loop refused an append.");
            _versions[key] += events;
        };
    }

    private static long[] NewVersions()
    {
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
        return versions;
    }

    private int KeyOf(int writer, int i)
    {
        var all = writers * nodes;
        return (i % (SampleLines.Keys / all) * all) + (node * writers) + writer;
    }
}
