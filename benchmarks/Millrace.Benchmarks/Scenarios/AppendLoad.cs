using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Raw;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Appends by several writers with the expected version. Each writer cycles through its own streams. At the start, each
/// stream has one event.
/// </summary>
/// <param name="writers">The number of writers of this node.</param>
/// <param name="events">The number of events per append.</param>
/// <param name="node">The number of this node, from 0.</param>
/// <param name="nodes">The number of nodes that append. All nodes have the same number of writers.</param>
internal sealed class AppendLoad(int writers, int events, int node = 0, int nodes = 1)
{
    private readonly long[] _versions = NewVersions();

    /// <summary>Returns a function that runs the n-th append of a writer through Millrace.</summary>
    public Func<int, int, ValueTask> Through(EventStore store) => async (writer, i) =>
    {
        var key = KeyOf(writer, i);
        var batch = new object[events];
        for (var j = 0; j < events; j++)
            batch[j] = SampleLines.Instance.Line(key + j);
        await store.Append(SampleLines.Streams[key], ExpectedVersion.AsRead(_versions[key]), batch);
        _versions[key] += events;
    };

    /// <summary>Returns a function that runs the n-th append of a writer through hand-written code.</summary>
    public Func<int, int, ValueTask> Through(IRawWriter raw)
    {
        var requests = Enumerable.Range(0, writers).Select(_ => new RawAppend()).ToArray();
        return async (writer, i) =>
        {
            var key = KeyOf(writer, i);
            requests[writer].Prepare(raw.StreamOf(key), _versions[key], events, key);
            if (!await raw.Append(requests[writer]))
                throw new InvalidOperationException("The raw writer refused an append.");
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
        var allWriters = writers * nodes;
        return (i % (SampleLines.Keys / allWriters) * allWriters) + (node * writers) + writer;
    }
}
