using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>
/// Adds messages to streams: sent without waiting in between, and confirmed one by one as Redis answers. They go over several lanes, a key
/// always over the same: Redis takes a piece of each before it has what it took on the disk, and so syncs less often.
/// </summary>
internal sealed class StreamPublisher : IAsyncDisposable
{
    private const int Lanes = 4;

    /// <summary>How much is sent in one piece; what comes after waits until the connection has taken it.</summary>
    private const int PieceBytes = 256 * 1024;

    private readonly RedisOptions _options;
    private readonly SharedConnection[] _lanes;

    public StreamPublisher(RedisConnector connector, RedisOptions options)
    {
        _options = options;
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
        var pieces = new List<(int First, RedisReplies Replies)>();
        Exception? failure = null;
        IRedisConnection? line = null;
        try
        {
            line = await lane.Get(cancellationToken).ConfigureAwait(false);
            // Before anything is added: what is not confirmed then is added once more with each attempt.
            if (_options.Replicas > 0 && await ReplicaCheck.Problem(line, _options, cancellationToken).ConfigureAwait(false) is { } absent)
                throw new RedisLostException(absent);
            await Send(line, places, messages, pieces, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisLostException or RedisErrorException)
        {
            failure = exception;
        }
        var isUnsent = failure is not null && pieces.Count == 0;
        foreach (var (first, replies) in pieces)
        {
            await replies.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            failure ??= replies.Failure;
            for (var i = 0; i < replies.Come; i++)
                outcomes[places[first + i]] = OutcomeOf(replies[i]);
        }
        for (var i = 0; failure is not null && i < places.Count; i++)
        {
            if (outcomes[places[i]] == default)
                outcomes[places[i]] = PublishOutcome.Unconfirmed(failure.Message);
        }
        if (_options.Replicas > 0 && failure is null)
            await WaitForReplicas(line!, places, outcomes, cancellationToken).ConfigureAwait(false); // Without a line there is a failure.
        return isUnsent ? failure : null;
    }

    /// <summary>Takes their confirms from messages that too few replicas have.</summary>
    private async ValueTask WaitForReplicas(
        IRedisConnection line, List<int> places, PublishOutcome[] outcomes, CancellationToken cancellationToken)
    {
        string? behind;
        try
        {
            behind = await ReplicaCheck.Problem(line, _options, cancellationToken).ConfigureAwait(false);
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

    private async ValueTask Send(
        IRedisConnection line,
        List<int> places,
        IReadOnlyList<OutgoingMessage> messages,
        List<(int First, RedisReplies Replies)> pieces,
        CancellationToken cancellationToken)
    {
        var fields = new List<(string Name, string Value)>();
        for (var next = 0; next < places.Count;)
        {
            var first = next;
            var commands = new RedisCommands();
            for (; next < places.Count && commands.Length < PieceBytes; next++)
            {
                var outgoing = messages[places[next]];
                EntryForm.Write(commands, _options.KeyPrefix + outgoing.Destination, _options.MaxLength, outgoing, fields);
            }
            pieces.Add((first, await line.Send(commands, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false)));
        }
    }

    private string? ProblemOf(Message message) => message.Body.Length > _options.MaxBodyBytes
        ? $"its body has {message.Body.Length:N0} bytes, and {_options.MaxBodyBytes:N0} are the most."
        : null;

    private static PublishOutcome OutcomeOf(RespValue answer) => answer.Kind switch
    {
        RespKind.Bulk or RespKind.Simple => PublishOutcome.Confirmed,
        RespKind.Error => PublishOutcome.Unconfirmed(answer.Text),
        _ => PublishOutcome.Unconfirmed($"it was answered with {answer}, which is no entry."),
    };
}
