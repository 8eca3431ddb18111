using Millrace.Messaging;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// Adds messages to streams: sent without waiting in between, and confirmed one by one as Redis answers. They go over several lanes, a key
/// always over the same: Redis takes a piece of each before it has what it took on the disk, and so syncs less often.
/// </summary>
internal sealed class StreamPublisher : IAsyncDisposable
{
    private const int Lanes = 4;

    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly SharedConnection[] _lanes;

    public StreamPublisher(RedisConnector connector, RedisOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _lanes = new SharedConnection[Lanes];
        for (var i = 0; i < _lanes.Length; i++)
            _lanes[i] = new SharedConnection(connector);
    }

    /// <summary>The lane for everything else.</summary>
    public SharedConnection First => _lanes[0];

    /// <exception cref="RedisLostException">No connection can be had, and nothing was sent.</exception>
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
            ? throw new RedisLostException(unsent[0]!.Message, unsent[0])
            : outcomes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Which messages go over which lane; those that are refused over none.</summary>
    private List<int>?[] Divide(IReadOnlyList<OutgoingMessage> messages, PublishOutcome[] outcomes)
    {
        var places = new List<int>?[Lanes];
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i].Message;
            if (ProblemOf(message) is { } problem)
                outcomes[i] = PublishOutcome.Refused(problem);
            else
                (places[(uint)message.Key.GetHashCode(StringComparison.Ordinal) % Lanes] ??= new(messages.Count / 2)).Add(i);
        }
        return places;
    }

    /// <summary>Publishes over one lane. Returns why nothing was sent over it; null when something was.</summary>
    private async Task<Exception?> Publish(
        SharedConnection lane,
        List<int> places,
        IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        Exception? failure = null;
        RedisConnection? line = null;
        Task<RedisValue>[] sent = [];
        try
        {
            line = await lane.Get(cancellationToken).ConfigureAwait(false);
            // Before anything is added: what is not confirmed then is added once more with each attempt.
            if (_options.Replicas > 0
                && await ReplicaProblem(line, places, messages, cancellationToken).ConfigureAwait(false) is { } absent)
            {
                throw new RedisLostException(absent);
            }
            sent = Send(line, places, messages);
        }
        catch (Exception exception) when (exception is RedisLostException or RedisErrorException)
        {
            failure = exception;
        }
        var isUnsent = failure is not null && sent.Length == 0;
        try
        {
            for (var i = 0; i < sent.Length; i++)
                (outcomes[places[i]], failure) = await OutcomeOf(line!, sent[i], failure, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Array.ForEach(sent, RedisConnection.Ignore);
            throw;
        }
        for (var i = 0; failure is not null && i < places.Count; i++)
        {
            if (outcomes[places[i]] == default)
                outcomes[places[i]] = PublishOutcome.Unconfirmed(failure.Message);
        }
        if (_options.Replicas > 0 && failure is null)
        {
            // Without a line there is a failure.
            await WaitForReplicas(line!, places, messages, outcomes, cancellationToken).ConfigureAwait(false);
        }
        return isUnsent ? failure : null;
    }

    /// <summary>Takes their confirms from messages that too few replicas have.</summary>
    private async ValueTask WaitForReplicas(
        RedisConnection line, List<int> places, IReadOnlyList<OutgoingMessage> messages, PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        string? behind;
        try
        {
            behind = await ReplicaProblem(line, places, messages, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisLostException or RedisErrorException)
        {
            behind = exception.Message;
        }
        for (var i = 0; behind is not null && i < places.Count; i++)
        {
            if (outcomes[places[i]].IsConfirmed)
                outcomes[places[i]] = PublishOutcome.Unconfirmed(behind);
        }
    }

    private ValueTask<string?> ReplicaProblem(
        RedisConnection line, List<int> places, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var streams = places.Select(place => _options.KeyPrefix + messages[place].Destination).ToHashSet(StringComparer.Ordinal);
        return ReplicaCheck.Problem(line, streams, _options, cancellationToken);
    }

    private Task<RedisValue>[] Send(RedisConnection line, List<int> places, IReadOnlyList<OutgoingMessage> messages)
    {
        var fields = new List<NameValueEntry>();
        var sent = new Task<RedisValue>[places.Count];
        var batch = line.Database.CreateBatch();
        for (var i = 0; i < sent.Length; i++)
        {
            var outgoing = messages[places[i]];
            sent[i] = batch.StreamAddAsync(
                _options.KeyPrefix + outgoing.Destination, EntryForm.Write(outgoing, fields),
                maxLength: _options.MaxLength > 0 ? _options.MaxLength : null, useApproximateMaxLength: true);
        }
        batch.Execute();
        return sent;
    }

    private string? ProblemOf(Message message) => message.Body.Length > _options.MaxBodyBytes
        ? $"its body has {message.Body.Length:N0} bytes, and {_options.MaxBodyBytes:N0} are the most."
        : null;

    /// <summary>Waits for an answer, of which the first and each further one may take so long.</summary>
    /// <returns>What became of the message, and why it is not known of those after it; null as long as it is.</returns>
    private async ValueTask<(PublishOutcome Outcome, Exception? Failure)> OutcomeOf(
        RedisConnection line, Task<RedisValue> sent, Exception? failure, CancellationToken cancellationToken)
    {
        try
        {
            var limit = failure is null ? _options.AnswerTimeout : TimeSpan.Zero;
            var id = await sent.WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
            var outcome = id.IsNull
                ? PublishOutcome.Unconfirmed("it was answered with nothing, which is no entry.")
                : PublishOutcome.Confirmed;
            return (outcome, failure);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            RedisConnection.Ignore(sent);
            var meant = line.FailureOf(exception);
            return (PublishOutcome.Unconfirmed(meant.Message), meant is RedisErrorException ? failure : failure ?? meant);
        }
    }
}
