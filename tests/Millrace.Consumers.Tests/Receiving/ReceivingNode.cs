using Millrace.Messaging.Receiving;
using Millrace.Storage;

namespace Millrace.Tests.Receiving;

/// <summary>
/// A node that handles messages: those of a key in order, those of different keys concurrently. It pauses in the middle
/// of its handlers and before it acknowledges, until the schedule resumes or kills it. Everything runs on the calling
/// thread, so that a schedule replays identically.
/// </summary>
internal sealed class ReceivingNode(MessageInbox inbox, SimulatedBroker broker, ReceivingFault fault)
{
    private static readonly AsyncLocal<ReceivingNode?> Current = new();

    private readonly Dictionary<string, Queue<SimulatedDelivery>> _lanes = new(StringComparer.Ordinal);
    private readonly PausePoints _pausePoints = new();
    private readonly List<Task> _work = [];

    public bool IsDead => _pausePoints.IsDead;

    /// <summary>True when the node is not paused.</summary>
    public bool IsCalm
    {
        get => _pausePoints.IsCalm;
        set => _pausePoints.IsCalm = value;
    }

    public int PausedCount => _pausePoints.Count;

    /// <summary>The pause point of the current node, in the middle of a handler.</summary>
    public static Task PauseCurrentNode() => Current.Value?._pausePoints.PauseHere() ?? Task.CompletedTask;

    /// <summary>Receives messages.</summary>
    public void Take(IReadOnlyList<SimulatedDelivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            if (fault == ReceivingFault.AcknowledgedTooEarly)
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

    public void GoOn(int which) => _pausePoints.GoOn(which);

    /// <summary>Kills the node: its commits stay, and the rest is dropped.</summary>
    public void Terminate() => _pausePoints.Terminate(() => broker.Leave(this));

    /// <summary>The errors other than deaths and storage faults.</summary>
    public async Task Check()
    {
        foreach (var work in _work.Where(work => work.IsCompleted).ToList())
        {
            _work.Remove(work);
            await work;
        }
        Assert.True(
            _pausePoints.Count > 0 || _work.Count == 0,
            "Something waits for another thread: then a seed does not play again.");
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
            // The result is dropped.
        }
        catch (StorageException)
        {
            broker.Leave(this); // It closes its connection, and all messages that are not acknowledged are redelivered.
        }
        finally
        {
            _lanes.Remove(key);
        }
    }
}
