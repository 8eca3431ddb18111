using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>
/// Publishes to destinations that have not accepted a message yet, each over a separate channel. If an exchange does
/// not exist or may not be written to, the broker closes the channel. The shared channel would be lost together with
/// the messages of other callers.
/// </summary>
internal sealed class FirstMessagePublisher(RabbitMqConnection connection, long maxBodyBytes) : IDisposable
{
    private const int AtOnce = 4;
    private const int MaxKnownDestinations = 1_000; // Names may come from outside, such as reply destinations.

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _required = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>Returns true if all messages are for destinations that have accepted one.</summary>
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
    /// Records destinations that were declared here. If one of them is missing, it was removed: the outcome of the
    /// message is unknown, and the publisher declares it again first.
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

    /// <summary>Publishes messages, at least one of which is for a destination that has not accepted any.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="shared">Publishes the messages with known destinations.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages,
        Func<IReadOnlyList<OutgoingMessage>, CancellationToken, Task<IReadOnlyList<PublishOutcome>>> shared,
        CancellationToken cancellationToken)
    {
        var outcomes = new PublishOutcome[messages.Count];
        var places = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            // No destination has an empty name.
            var group = _known.ContainsKey(messages[i].Destination) ? "" : messages[i].Destination;
            if (!places.TryGetValue(group, out var own))
                places[group] = own = [];
            own.Add(i);
        }
        var isFirst = true;
        foreach (var (group, own) in places)
        {
            var ownMessages = own.ConvertAll(place => messages[place]);
            IReadOnlyList<PublishOutcome> outcomesOfGroup;
            try
            {
                outcomesOfGroup = group.Length == 0
                    ? await shared(ownMessages, cancellationToken).ConfigureAwait(false)
                    : await PublishFirst(group, ownMessages, cancellationToken).ConfigureAwait(false);
            }
            catch (MillraceException away)
                when (!isFirst && away is TransportUnavailableException or TransportRefusedException)
            {
                // Others were accepted.
                outcomesOfGroup = [.. ownMessages.Select(_ => PublishOutcome.Unconfirmed(away.Message))];
            }
            for (var i = 0; i < own.Count; i++)
                outcomes[own[i]] = outcomesOfGroup[i];
            isFirst = false;
        }
        return outcomes;
    }

    public void Dispose() => _places.Dispose();

    private async ValueTask<IReadOnlyList<PublishOutcome>> PublishFirst(
        string destination, List<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PublishChannel? line = null;
            await BrokerFailure
                .Told(
                    async () =>
                        line = await PublishChannel
                            .Open(await connection.Get(cancellationToken).ConfigureAwait(false), cancellationToken)
                            .ConfigureAwait(false),
                    cancellationToken)
                .ConfigureAwait(false);
            await using (line!.ConfigureAwait(false)) // Set, or an exception was thrown above.
            {
                var outcomes = await line!.Publish(messages, maxBodyBytes, cancellationToken).ConfigureAwait(false);
                if (line.IsOpen)
                    Note(destination);
                return line.IsExchangeMissing && !_required.ContainsKey(destination)
                    ? [.. outcomes.Select(Unroutable)]
                    : outcomes;
            }
        }
        finally
        {
            _places.Release();
        }
    }

    private static PublishOutcome Unroutable(PublishOutcome outcome) => outcome.Result == PublishResult.Unconfirmed
        ? PublishOutcome.Unroutable(outcome.Problem!) // An unconfirmed outcome has a problem.
        : outcome;

    private void Note(string destination)
    {
        if (_known.Count >= MaxKnownDestinations)
            _known.Clear();
        _known.TryAdd(destination, true);
    }
}
