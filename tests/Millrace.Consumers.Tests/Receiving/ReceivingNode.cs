using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.Tests.Receiving;

/// <summary>
/// A node that handles messages: those of a key in order, those of different keys at the same time. In the midst of its
/// handlers and before it acknowledges it stands still, until the schedule has it go on or die. All happens on the
/// thread of who asks, so that a schedule plays again as it was.
/// </summary>
internal sealed class ReceivingNode(MessageInbox inbox, SimulatedBroker broker, ReceivingFault fault)
{
    private static readonly AsyncLocal<ReceivingNode?> Current = new();

    private readonly Dictionary<string, Queue<SimulatedDelivery>> _lanes = new(StringComparer.Ordinal);
    private readonly PausePoints _pausePoints = new();
    private readonly List<Task> _work = [];

    public bool IsDead => _pausePoints.IsDead;

    /// <summary>Whether it stands still nowhere.</summary>
    public bool IsCalm
    {
        get => _pausePoints.IsCalm;
        set => _pausePoints.IsCalm = value;
    }

    public int PausedCount => _pausePoints.Count;

    /// <summary>Where the node at work stands still, in the midst of a handler.</summary>
    public static Task PauseCurrentNode() => Current.Value?._pausePoints.PauseHere() ?? Task.CompletedTask;

    /// <summary>Takes messages in hand.</summary>
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

    /// <summary>What it has committed stands; of the rest nobody hears.</summary>
    public void Terminate() => _pausePoints.Terminate(() => broker.Leave(this));

    /// <summary>What went wrong that is no death and no fault of the storage.</summary>
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
            // Nobody hears of it.
        }
        catch (StorageException)
        {
            broker.Leave(this); // It gives up its line, and all that is not acknowledged comes again.
        }
        finally
        {
            _lanes.Remove(key);
        }
    }
}
