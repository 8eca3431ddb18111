using Millrace.Messaging.Receiving;
using Millrace.Storage;

namespace Millrace.Tests.Receiving;

/// <summary>
/// A node that handles messages. Messages of a key are handled in order, and messages of different keys concurrently.
/// The node pauses in the middle of its handlers and before each acknowledgement, until the schedule resumes or kills
/// it. All code runs on the calling thread, so that a schedule replays identically.
/// </summary>
internal sealed class ReceivingNode(MessageInbox inbox, SimulatedBroker broker, ReceivingFault fault)
{
    private static readonly AsyncLocal<ReceivingNode?> Current = new();

    private readonly Dictionary<string, Queue<SimulatedDelivery>> _lanes = new(StringComparer.Ordinal);
    private readonly PausePoints _pausePoints = new();
    private readonly List<Task> _work = [];

    public bool IsDead => _pausePoints.IsDead;

    /// <summary>Gets or sets whether the node runs without pauses.</summary>
    public bool IsPausingDisabled
    {
        get => _pausePoints.IsPausingDisabled;
        set => _pausePoints.IsPausingDisabled = value;
    }

    public int PausedCount => _pausePoints.Count;

    /// <summary>Pauses the current node in the middle of a handler.</summary>
    public static Task PauseCurrentNode() => Current.Value?._pausePoints.PauseHere() ?? Task.CompletedTask;

    /// <summary>Receives messages.</summary>
    public void Take(IReadOnlyList<SimulatedDelivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            if (fault == ReceivingFault.EarlyAcknowledgement)
                broker.Acknowledge(this, delivery);
            var key = delivery.Message.Key;
            if (_lanes.TryGetValue(key, out var lane))
            {
                lane.Enqueue(delivery);
                continue;
            }
            _lanes[key] = lane = new Queue<SimulatedDelivery>([delivery]);
            _work.Add(HandleLane(key, lane));
        }
    }

    public void Resume(int index) => _pausePoints.Resume(index);

    /// <summary>Kills the node. Its commits are kept, and the rest of its work is dropped.</summary>
    public void Terminate() => _pausePoints.Terminate(() => broker.Leave(this));

    /// <summary>Throws the errors of completed work, except deaths and storage faults.</summary>
    public async Task Check()
    {
        foreach (var work in _work.Where(work => work.IsCompleted).ToList())
        {
            _work.Remove(work);
            await work;
        }
        Assert.True(
            _pausePoints.Count > 0 || _work.Count == 0,
            "Some code waits for another thread, so the seed cannot be replayed.");
    }

    private async Task HandleLane(string key, Queue<SimulatedDelivery> lane)
    {
        Current.Value = this;
        try
        {
            while (lane.TryPeek(out var delivery))
            {
                await inbox.Handle(delivery, CancellationToken.None);
                await _pausePoints.PauseHere();
                broker.Acknowledge(this, delivery);
                lane.Dequeue();
            }
        }
        catch (OperationCanceledException) when (IsDead)
        {
            // The node died, and the result is dropped.
        }
        catch (StorageException)
        {
            broker.Leave(this); // All messages that are not acknowledged are redelivered.
        }
        finally
        {
            _lanes.Remove(key);
        }
    }
}
