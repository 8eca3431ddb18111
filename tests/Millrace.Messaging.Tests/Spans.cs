using System.Diagnostics;

namespace Millrace.Messaging.Tests;

/// <summary>Records every span of Millrace in the order of completion, including the spans of other tests.</summary>
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

    /// <summary>Returns the completed spans with the given name.</summary>
    public Activity[] Of(string name)
    {
        lock (_ended)
            return [.. _ended.Where(span => span.OperationName == name)];
    }

    public void Dispose() => _listener.Dispose();
}
