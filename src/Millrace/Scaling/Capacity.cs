using Millrace.Scaling;
using Millrace.Storage;

namespace Millrace;

/// <summary>Shows and sets the number of nodes of an application that uses <c>UseCapacity</c>.</summary>
public sealed class Capacity
{
    private const int MaxAttempts = 10;

    private readonly CapacityStore _store;
    private readonly StoreClock _clock;

    internal Capacity(EventStore store)
    {
        _store = new CapacityStore(store);
        _clock = new StoreClock(() => store.Storage, store.Time);
    }

    /// <summary>Returns the capacity of a store that is opened without its application, such as in a tool.</summary>
    public static Capacity Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Capacity(store);
    }

    /// <summary>Returns the number of nodes with its bounds and its last changes.</summary>
    public async Task<CapacityStatus> GetStatus(CancellationToken cancellationToken = default)
    {
        var (record, _) = await _store.Read(cancellationToken).ConfigureAwait(false);
        return new CapacityStatus
        {
            Nodes = record.Nodes,
            MinNodes = record.MinNodes,
            MaxNodes = record.MaxNodes,
            CoolsDownUntil = record.ChangedAt + record.CoolDown,
            Changes = record.Changes,
        };
    }

    /// <summary>
    /// Sets the number of nodes. The node that decides calls the hook at its next check. The usual pause follows, and
    /// then the load decides again.
    /// </summary>
    /// <param name="nodes">The number of nodes, within the bounds.</param>
    /// <param name="by">The name of the user.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside the bounds.</exception>
    /// <exception cref="CapacityConflictException">The application does not use capacity, or another change is
    /// pending.</exception>
    public async Task<CapacityChange> SetNodes(
        int nodes, string by, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        for (var attempt = 1; ; attempt++)
        {
            var (record, version) = await _store.Read(cancellationToken).ConfigureAwait(false);
            if (record.Nodes is not { } previous)
                throw new CapacityConflictException(
                    "No application with UseCapacity has run with this store, so that nothing would set the number.");
            if (nodes < record.MinNodes || nodes > record.MaxNodes)
                throw new ArgumentOutOfRangeException(
                    nameof(nodes), nodes, $"The number of nodes must be from {record.MinNodes} to {record.MaxNodes}.");
            if (record.Pending is { } pending)
                throw new CapacityConflictException(
                    $"A change to {pending.Nodes} nodes is pending since {pending.At:u}. Wait until it has ended.");
            var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
            var change = new CapacityChange
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                Nodes = nodes,
                PreviousNodes = previous,
                Reason = CapacityReason.Operator,
                Explanation = reason,
                At = now,
                By = by,
            };
            if (await _store.TryWrite(record.With(change, 0), version, cancellationToken).ConfigureAwait(false))
                return change;
            if (attempt == MaxAttempts)
                throw new CapacityConflictException("The number of nodes is being changed. Try again.");
        }
    }
}

/// <summary>Thrown when the number of nodes cannot be set now.</summary>
/// <param name="message">The reason, and what to do.</param>
public sealed class CapacityConflictException(string message) : MillraceException(message);
