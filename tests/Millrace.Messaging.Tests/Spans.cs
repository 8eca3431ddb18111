using System.Diagnostics;

namespace Millrace.Messaging.Tests;

/// <summary>Hears of every span of Millrace that ends, in this order; also of those of other tests.</summary>
internal sealed class Spans : IDisposable
{
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public Spans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MillraceTelemetry.ActivitySourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (_ended)
                    _ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Those that have ended, by their name.</summary>
    public Activity[] Of(string name)
    {
        lock (_ended)
            return [.. _ended.Where(span => span.OperationName == name)];
    }

    public void Dispose() => _listener.Dispose();
}
