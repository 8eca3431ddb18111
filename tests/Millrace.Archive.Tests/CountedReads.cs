using System.Reflection;
using System.Runtime.ExceptionServices;
using Millrace.Storage;

namespace Millrace.Archive.Tests;

/// <summary>Counts the pages and events that are read from a storage.</summary>
internal sealed class CountedReads
{
    private long _pages;
    private long _events;

    /// <summary>Returns the numbers since the last call.</summary>
    public (long Pages, long Events) Take() =>
        (Interlocked.Exchange(ref _pages, 0), Interlocked.Exchange(ref _events, 0));

    /// <summary>Returns a storage whose reads are counted.</summary>
    public IStorage Over(IStorage storage) => Wrap(storage);

    private T Wrap<T>(T inner)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, CountingProxy>();
        var counting = (CountingProxy)(object)proxy;
        (counting.Inner, counting.Reads) = (inner, this);
        return proxy;
    }

    private async Task<EventPage> Count(Task<EventPage> reading)
    {
        var page = await reading;
        Interlocked.Increment(ref _pages);
        Interlocked.Add(ref _events, page.Events.Count);
        return page;
    }

    /// <summary>Passes calls of an interface to its implementation, and counts pages.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it.
    public class CountingProxy : DispatchProxy
#pragma warning restore CA1852
    {
        internal object Inner { get; set; } = null!; // Set when the proxy is created.

        internal CountedReads Reads { get; set; } = null!; // Set when the proxy is created.

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                return targetMethod!.Invoke(Inner, args) switch // Calls have a method.
                {
                    ILogStorage log => Reads.Wrap(log),
                    IEventPages pages => Reads.Wrap(pages),
                    ValueTask<EventPage> reading => new ValueTask<EventPage>(Reads.Count(reading.AsTask())),
                    var other => other,
                };
            }
            catch (TargetInvocationException failure) when (failure.InnerException is { } inner)
            {
                ExceptionDispatchInfo.Throw(inner);
                throw;
            }
        }
    }
}
