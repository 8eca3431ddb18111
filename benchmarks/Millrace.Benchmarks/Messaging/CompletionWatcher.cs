using System.Collections.Concurrent;
using Millrace.Events;
using Millrace.ProcessManagers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Waits for completed process instances. It reads the recent events that the node has in memory, because reads from
/// the store would change the measurement.
/// </summary>
internal sealed class CompletionWatcher(EventStore store)
{
    private const int MaxEventsPerRead = 1_000;

    private readonly ConcurrentDictionary<StreamId, TaskCompletionSource> _waiting = new();

    /// <summary>
    /// Returns a task that completes when an instance completes. The caller must call it before the instance starts.
    /// </summary>
    public Task WaitFor(string process, string id) =>
        _waiting
            .GetOrAdd(
                ProcessNames.StreamOf(process, id),
                static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .Task;

    /// <summary>Reads new events until the token is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var (position, events) = (store.Tail.Head.Position, new List<RecordedEvent>());
        using var reading = store.Tail.StartAfter(position);
        while (true)
        {
            await store.Tail.WaitBeyond(position, cancellationToken);
            events.Clear();
            if (!store.Tail.TryRead(position + 1, MaxEventsPerRead, events) || events.Count == 0)
                throw new InvalidOperationException(
                    $"The node no longer has the events after position {position} in memory.");
            foreach (var recorded in events)
            {
                if (recorded.Type == ProcessEvents.Completed && _waiting.TryRemove(recorded.Stream, out var waiting))
                    waiting.SetResult();
            }
            position = reading.ReleasedPosition = events[^1].Position;
        }
    }
}
