using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>
/// Publishes to destinations that have not accepted a message yet, each over a separate channel. If an exchange does
/// not exist or may not be written to, the broker closes the channel. On the shared channel, this would also affect the
/// messages of other callers.
/// </summary>
internal sealed class FirstMessagePublisher(RabbitMqConnection connection, long maxBodyBytes) : IDisposable
{
    private const int MaxConcurrent = 4;
    private const int MaxKnownDestinations = 1_000; // Names may come from outside, such as reply destinations.

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _required = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _slots = new(MaxConcurrent);

    /// <summary>Returns true if every destination of the messages has already accepted a message.</summary>
    public bool HasPublishedToAll(IReadOnlyList<OutgoingMessage> messages)
    {
        string? last = null;
        for (var i = 0; i < messages.Count; i++)
        {
            var destination = messages[i].Destination;
            if (!ReferenceEquals(destination, last) && !_known.ContainsKey(destination))
                return false;
            last = destination;
        }
        return true;
    }

    /// <summary>
    /// Records destinations that were declared here. If one of them is missing later, it was removed. Its messages are
    /// then unconfirmed, and the publisher declares it again before it retries.
    /// </summary>
    public void Require(IEnumerable<string> destinations)
    {
        foreach (var destination in destinations)
            _required.TryAdd(destination, true);
    }

    /// <summary>
    /// Clears the known destinations, because one of them does not exist any more or refuses messages.
    /// </summary>
    public void Forget() => _known.Clear();

    /// <summary>Publishes messages. At least one of their destinations has not accepted a message yet.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="publishShared">Publishes the messages with known destinations, over the shared channel.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages,
        Func<IReadOnlyList<OutgoingMessage>, CancellationToken, Task<IReadOnlyList<PublishOutcome>>> publishShared,
        CancellationToken cancellationToken)
    {
        var outcomes = new PublishOutcome[messages.Count];
        var indexesByDestination = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            // The empty name means all known destinations, because no destination has it.
            var group = _known.ContainsKey(messages[i].Destination) ? "" : messages[i].Destination;
            if (!indexesByDestination.TryGetValue(group, out var indexes))
                indexesByDestination[group] = indexes = [];
            indexes.Add(i);
        }
        var isFirst = true;
        foreach (var (group, indexes) in indexesByDestination)
        {
            var ownMessages = indexes.ConvertAll(index => messages[index]);
            IReadOnlyList<PublishOutcome> outcomesOfGroup;
            try
            {
                outcomesOfGroup = group.Length == 0
                    ? await publishShared(ownMessages, cancellationToken).ConfigureAwait(false)
                    : await PublishFirst(group, ownMessages, cancellationToken).ConfigureAwait(false);
            }
            catch (MillraceException failure)
                when (!isFirst && failure is TransportUnavailableException or TransportRefusedException)
            {
                // An earlier group was published: an exception would hide its outcomes.
                outcomesOfGroup = [.. ownMessages.Select(_ => PublishOutcome.Unconfirmed(failure.Message))];
            }
            for (var i = 0; i < indexes.Count; i++)
                outcomes[indexes[i]] = outcomesOfGroup[i];
            isFirst = false;
        }
        return outcomes;
    }

    public void Dispose() => _slots.Dispose();

    private async ValueTask<IReadOnlyList<PublishOutcome>> PublishFirst(
        string destination, List<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PublishChannel? channel = null;
            await BrokerFailure
                .ConvertErrors(
                    async () =>
                        channel = await PublishChannel
                            .Open(await connection.Get(cancellationToken).ConfigureAwait(false), cancellationToken)
                            .ConfigureAwait(false),
                    cancellationToken)
                .ConfigureAwait(false);
            await using (channel!.ConfigureAwait(false)) // Set, or an exception was thrown above.
            {
                var outcomes = await channel!.Publish(messages, maxBodyBytes, cancellationToken).ConfigureAwait(false);
                if (channel.IsOpen)
                    AddKnown(destination);
                return channel.IsExchangeMissing && !_required.ContainsKey(destination)
                    ? [.. outcomes.Select(Unroutable)]
                    : outcomes;
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    private static PublishOutcome Unroutable(PublishOutcome outcome) => outcome.Result == PublishResult.Unconfirmed
        ? PublishOutcome.Unroutable(outcome.Problem!) // An unconfirmed outcome has a problem.
        : outcome;

    private void AddKnown(string destination)
    {
        if (_known.Count >= MaxKnownDestinations)
            _known.Clear();
        _known.TryAdd(destination, true);
    }
}
