using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>
/// Publishes to destinations that have not taken a message yet, each over a channel of its own: where there is no such
/// exchange, or it may not be written to, the broker closes the channel. The one that all share would be lost with what
/// others have on it.
/// </summary>
internal sealed class FirstMessagePublisher(RabbitMqConnection connection, long maxBodyBytes) : IDisposable
{
    private const int AtOnce = 4;
    private const int MaxKnownDestinations = 1_000; // Names may come from outside, as where to reply to.

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _required = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>Whether all messages are for destinations that have taken one.</summary>
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
    /// Notes destinations that were declared from here. Where one of them is missing after all it was removed: nobody
    /// knows what became of the message, and who publishes has it declared anew first.
    /// </summary>
    public void Require(IEnumerable<string> destinations)
    {
        foreach (var destination in destinations)
            _required.TryAdd(destination, true);
    }

    /// <summary>Forgets which destinations have taken a message: one of them is not there any more, or takes
    /// none.</summary>
    public void Forget() => _known.Clear();

    /// <summary>Publishes messages, at least one of which is for a destination that has not taken any.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="shared">Publishes those whose destinations are known.</param>
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
            // No destination has no name.
            var group = _known.ContainsKey(messages[i].Destination) ? "" : messages[i].Destination;
            if (!places.TryGetValue(group, out var own))
                places[group] = own = [];
            own.Add(i);
        }
        var isFirst = true;
        foreach (var (group, own) in places)
        {
            var some = own.ConvertAll(place => messages[place]);
            IReadOnlyList<PublishOutcome> told;
            try
            {
                told = group.Length == 0
                    ? await shared(some, cancellationToken).ConfigureAwait(false)
                    : await PublishFirst(group, some, cancellationToken).ConfigureAwait(false);
            }
            catch (MillraceException away)
                when (!isFirst && away is TransportUnavailableException or TransportRefusedException)
            {
                told = [.. some.Select(_ => PublishOutcome.Unconfirmed(away.Message))]; // Others are taken over.
            }
            for (var i = 0; i < own.Count; i++)
                outcomes[own[i]] = told[i];
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
            await using (line!.ConfigureAwait(false)) // Made, or the lines before have thrown.
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
        ? PublishOutcome.Unroutable(outcome.Problem!) // What is not confirmed says why.
        : outcome;

    private void Note(string destination)
    {
        if (_known.Count >= MaxKnownDestinations)
            _known.Clear();
        _known.TryAdd(destination, true);
    }
}
