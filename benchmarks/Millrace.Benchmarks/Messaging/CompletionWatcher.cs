using System.Collections.Concurrent;
using Millrace.Events;
using Millrace.ProcessManagers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Waits for completed process instances, using the recent events that this node keeps in memory. Reads from the store
/// would be measured as well.
/// </summary>
internal sealed class CompletionWatcher(EventStore store)
{
    private const int AtOnce = 1_000;

    private readonly ConcurrentDictionary<StreamId, TaskCompletionSource> _waiting = new();

    /// <summary>Returns a task that completes with an instance; it must be called before the instance starts.</summary>
    public Task Of(string process, string id) =>
        _waiting
            .GetOrAdd(
                ProcessNames.StreamOf(process, id),
                static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .Task;

    /// <summary>Follows the log until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var (position, events) = (store.Tail.Head.Position, new List<RecordedEvent>());
        using var place = store.Tail.StartAfter(position);
        while (true)
        {
            await store.Tail.WaitBeyond(position, cancellationToken);
            events.Clear();
            if (!store.Tail.TryRead(position + 1, AtOnce, events) || events.Count == 0)
                throw new InvalidOperationException($"The node has not kept the events behind position {position}.");
            foreach (var recorded in events)
            {
                if (recorded.Type == ProcessEvents.Completed && _waiting.TryRemove(recorded.Stream, out var waiting))
                    waiting.SetResult();
            }
            position = place.Passed = events[^1].Position;
        }
    }
}
