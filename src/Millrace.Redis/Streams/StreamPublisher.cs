using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Adds messages to streams. They are sent without waits in between, and each one is confirmed when Redis answers. They
/// are sent over several connections (lanes), those of a key always over the same one. Redis reads from all connections
/// before it syncs its log to the disk, and therefore syncs less often.
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

    /// <summary>Gets the connection for all other commands.</summary>
    public SharedConnection First => _lanes[0];

    /// <exception cref="RedisConnectionLostException">No connection could be opened, and nothing was sent.</exception>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var outcomes = new PublishOutcome[messages.Count];
        var indexes = Divide(messages, outcomes);
        var publishing = new List<Task<Exception?>>(Lanes);
        for (var i = 0; i < indexes.Length; i++)
        {
            if (indexes[i] is { } laneIndexes)
                publishing.Add(Publish(_lanes[i], laneIndexes, messages, outcomes, cancellationToken));
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

    /// <summary>Assigns messages to connections. Refused messages get an outcome and no connection.</summary>
    private List<int>?[] Divide(IReadOnlyList<OutgoingMessage> messages, PublishOutcome[] outcomes)
    {
        var indexes = new List<int>?[Lanes];
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i].Message;
            if (ProblemOf(message) is { } problem)
                outcomes[i] = PublishOutcome.Refused(problem);
            else
                (
                    indexes[(uint)message.Key.GetHashCode(StringComparison.Ordinal) % Lanes] ??= new(messages.Count / 2)
                ).Add(i);
        }
        return indexes;
    }

    /// <summary>Publishes over one connection. Returns why nothing was sent; null if a message was sent.</summary>
    private async Task<Exception?> Publish(
        SharedConnection lane,
        List<int> indexes,
        IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        RedisConnection connection;
        try
        {
            connection = await lane.Get(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisConnectionLostException or RedisErrorException)
        {
            return Unsent(exception, indexes, outcomes);
        }
        if (_options.Replicas > 0 && connection.IsCluster)
            return await _replicated.Publish(connection, indexes, messages, outcomes, cancellationToken)
                .ConfigureAwait(false);
        // Check before anything is added: otherwise, each attempt would add the unconfirmed messages once more.
        if (_options.Replicas > 0
            && await ReplicaCheck.Problem(connection, null, _options, cancellationToken)
                .ConfigureAwait(false) is { } problem)
        {
            return Unsent(problem, indexes, outcomes);
        }
        var (sent, failure) = Send(connection, indexes, messages);
        if (failure is not null)
        {
            sent.ForEach(RedisConnection.Ignore);
            Unsent(failure, indexes, outcomes);
            return null; // A part may have been sent.
        }
        await EntryReplyReader
            .Read(connection, sent, indexes, outcomes, _options.AnswerTimeout, _time, cancellationToken)
            .ConfigureAwait(false);
        if (_options.Replicas > 0)
            await WaitForReplicas(connection, indexes, outcomes, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static Exception Unsent(Exception failure, List<int> indexes, PublishOutcome[] outcomes)
    {
        indexes.ForEach(index => outcomes[index] = PublishOutcome.Unconfirmed(failure.Message));
        return failure;
    }

    /// <summary>Revokes the confirms of messages that too few replicas have.</summary>
    private async ValueTask WaitForReplicas(
        RedisConnection connection, List<int> indexes, PublishOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var confirmed = indexes.FindAll(index => outcomes[index].IsConfirmed);
        if (confirmed.Count > 0
            && await ReplicaCheck.Problem(connection, null, _options, cancellationToken)
                .ConfigureAwait(false) is { } problem)
        {
            confirmed.ForEach(index => outcomes[index] = PublishOutcome.Unconfirmed(problem.Message));
        }
    }

    /// <summary>
    /// Sends all messages. Returns the pending answers, and an error if the library did not accept all messages.
    /// </summary>
    private (List<Task<RedisValue>> Sent, Exception? Failure) Send(
        RedisConnection connection, List<int> indexes, IReadOnlyList<OutgoingMessage> messages)
    {
        var fields = new List<NameValueEntry>();
        var entries = indexes.ConvertAll(index => EntryConverter.Write(messages[index], fields));
        var sent = new List<Task<RedisValue>>(indexes.Count);
        try
        {
            var batch = connection.Database.CreateBatch();
            for (var i = 0; i < indexes.Count; i++)
            {
                sent.Add(batch.StreamAddAsync(
                    _options.KeyPrefix + messages[indexes[i]].Destination, entries[i],
                    maxLength: _options.MaxLength > 0 ? _options.MaxLength : null, useApproximateMaxLength: true));
            }
            batch.Execute();
            return (sent, null);
        }
        catch (Exception exception)
        {
            return (sent, connection.FailureOf(exception));
        }
    }

    private string? ProblemOf(Message message) => message.Body.Length > _options.MaxBodyBytes
        ? $"its body has {message.Body.Length:N0} bytes, and at most {_options.MaxBodyBytes:N0} are allowed."
        : null;
}
