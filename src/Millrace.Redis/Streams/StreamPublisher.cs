using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Adds messages to streams: sent without waits in between, and confirmed one by one as Redis answers. They are sent
/// over several connections, a key always over the same one: Redis reads from each connection before it syncs its log
/// to the disk, and therefore syncs less often.
/// </summary>
internal sealed class StreamPublisher : IAsyncDisposable
{
    private const int Lanes = 4;

    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly SharedConnection[] _lanes;
    private readonly ReplicatedPublisher _replicated;

    public StreamPublisher(RedisConnector connector, RedisOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _replicated = new ReplicatedPublisher(options, time);
        _lanes = new SharedConnection[Lanes];
        for (var i = 0; i < _lanes.Length; i++)
            _lanes[i] = new SharedConnection(connector);
    }

    /// <summary>Gets the connection for everything else.</summary>
    public SharedConnection First => _lanes[0];

    /// <exception cref="RedisConnectionLostException">No connection could be opened, and nothing was sent.</exception>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var outcomes = new PublishOutcome[messages.Count];
        var places = Divide(messages, outcomes);
        var publishing = new List<Task<Exception?>>(Lanes);
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] is { } own)
                publishing.Add(Publish(_lanes[i], own, messages, outcomes, cancellationToken));
        }
        var unsent = await Task.WhenAll(publishing).ConfigureAwait(false);
        return unsent.Length > 0 && Array.TrueForAll(unsent, static failure => failure is not null)
            ? throw new RedisConnectionLostException(unsent[0]!.Message, unsent[0])
            : outcomes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Assigns messages to connections; refused messages to none.</summary>
    private List<int>?[] Divide(IReadOnlyList<OutgoingMessage> messages, PublishOutcome[] outcomes)
    {
        var places = new List<int>?[Lanes];
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i].Message;
            if (ProblemOf(message) is { } problem)
                outcomes[i] = PublishOutcome.Refused(problem);
            else
                (
                    places[(uint)message.Key.GetHashCode(StringComparison.Ordinal) % Lanes] ??= new(messages.Count / 2)
                ).Add(i);
        }
        return places;
    }

    /// <summary>Publishes over one connection. Returns why nothing was sent over it; null if something was.</summary>
    private async Task<Exception?> Publish(
        SharedConnection lane,
        List<int> places,
        IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        RedisConnection line;
        try
        {
            line = await lane.Get(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisConnectionLostException or RedisErrorException)
        {
            return Unsent(exception, places, outcomes);
        }
        if (_options.Replicas > 0 && line.IsCluster)
            return await _replicated.Publish(line, places, messages, outcomes, cancellationToken).ConfigureAwait(false);
        // Before anything is added: each attempt would add unconfirmed messages once more.
        if (_options.Replicas > 0
            && await ReplicaCheck.Problem(line, null, _options, cancellationToken).ConfigureAwait(false) is { } absent)
        {
            return Unsent(absent, places, outcomes);
        }
        var (sent, failure) = Send(line, places, messages);
        if (failure is not null)
        {
            sent.ForEach(RedisConnection.Ignore);
            Unsent(failure, places, outcomes);
            return null; // A part may have been sent.
        }
        await EntryReplyReader
            .Read(line, sent, places, outcomes, _options.AnswerTimeout, _time, cancellationToken)
            .ConfigureAwait(false);
        if (_options.Replicas > 0)
            await WaitForReplicas(line, places, outcomes, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static Exception Unsent(Exception failure, List<int> places, PublishOutcome[] outcomes)
    {
        places.ForEach(place => outcomes[place] = PublishOutcome.Unconfirmed(failure.Message));
        return failure;
    }

    /// <summary>Revokes the confirms of messages that too few replicas have.</summary>
    private async ValueTask WaitForReplicas(
        RedisConnection line, List<int> places, PublishOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var confirmed = places.FindAll(place => outcomes[place].IsConfirmed);
        if (confirmed.Count > 0
            && await ReplicaCheck.Problem(line, null, _options, cancellationToken).ConfigureAwait(false) is { } behind)
        {
            confirmed.ForEach(place => outcomes[place] = PublishOutcome.Unconfirmed(behind.Message));
        }
    }

    /// <summary>
    /// Sends all messages, and returns the pending answers, with the error if the library did not accept all.
    /// </summary>
    private (List<Task<RedisValue>> Sent, Exception? Failure) Send(
        RedisConnection line, List<int> places, IReadOnlyList<OutgoingMessage> messages)
    {
        var fields = new List<NameValueEntry>();
        var entries = places.ConvertAll(place => EntryConverter.Write(messages[place], fields));
        var sent = new List<Task<RedisValue>>(places.Count);
        try
        {
            var batch = line.Database.CreateBatch();
            for (var i = 0; i < places.Count; i++)
            {
                sent.Add(batch.StreamAddAsync(
                    _options.KeyPrefix + messages[places[i]].Destination, entries[i],
                    maxLength: _options.MaxLength > 0 ? _options.MaxLength : null, useApproximateMaxLength: true));
            }
            batch.Execute();
            return (sent, null);
        }
        catch (Exception exception)
        {
            return (sent, line.FailureOf(exception));
        }
    }

    private string? ProblemOf(Message message) => message.Body.Length > _options.MaxBodyBytes
        ? $"its body has {message.Body.Length:N0} bytes, and at most {_options.MaxBodyBytes:N0} are allowed."
        : null;
}
