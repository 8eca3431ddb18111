using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>Adds messages to streams: sent without waiting in between, and confirmed one by one as Redis answers.</summary>
internal sealed class StreamPublisher(RedisOptions options)
{
    /// <summary>How much is sent in one piece; what comes after waits until the connection has taken it.</summary>
    private const int PieceBytes = 256 * 1024;

    /// <exception cref="RedisLostException">The connection is broken, and nothing was sent.</exception>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IRedisConnection line, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var outcomes = new PublishOutcome[messages.Count];
        var pieces = new List<(int[] Indexes, RedisReplies Replies)>();
        var failure = await Send(line, messages, outcomes, pieces, cancellationToken).ConfigureAwait(false);
        if (failure is not null && pieces.Count == 0)
            throw new RedisLostException(failure.Message, failure);
        foreach (var (indexes, replies) in pieces)
        {
            await replies.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            failure ??= replies.Failure;
            for (var i = 0; i < replies.Come; i++)
                outcomes[indexes[i]] = OutcomeOf(replies[i]);
        }
        for (var i = 0; failure is not null && i < outcomes.Length; i++)
        {
            if (outcomes[i] == default)
                outcomes[i] = PublishOutcome.Unconfirmed(failure.Message);
        }
        return outcomes;
    }

    /// <summary>Sends all that can be sent; returns why it stopped before the end, if it did.</summary>
    private async ValueTask<RedisLostException?> Send(
        IRedisConnection line,
        IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        List<(int[] Indexes, RedisReplies Replies)> pieces,
        CancellationToken cancellationToken)
    {
        var indexes = new List<int>();
        var fields = new List<(string Name, string Value)>();
        for (var next = 0; next < messages.Count;)
        {
            indexes.Clear();
            var commands = new RedisCommands();
            for (; next < messages.Count && commands.Length < PieceBytes; next++)
            {
                if (ProblemOf(messages[next].Message) is { } problem)
                {
                    outcomes[next] = PublishOutcome.Refused(problem);
                    continue;
                }
                EntryForm.Write(commands, options.KeyPrefix + messages[next].Destination, options.MaxLength, messages[next], fields);
                indexes.Add(next);
            }
            if (indexes.Count == 0)
            {
                commands.Dispose();
                continue;
            }
            try
            {
                pieces.Add(([.. indexes], await line.Send(commands, options.AnswerTimeout, cancellationToken).ConfigureAwait(false)));
            }
            catch (RedisLostException exception)
            {
                return exception;
            }
        }
        return null;
    }

    private string? ProblemOf(Message message) => message.Body.Length > options.MaxBodyBytes
        ? $"its body has {message.Body.Length:N0} bytes, and {options.MaxBodyBytes:N0} are the most."
        : null;

    private static PublishOutcome OutcomeOf(RespValue answer) => answer.Kind switch
    {
        RespKind.Bulk or RespKind.Simple => PublishOutcome.Confirmed,
        RespKind.Error => PublishOutcome.Unconfirmed(answer.Text),
        _ => PublishOutcome.Unconfirmed($"it was answered with {answer}, which is no entry."),
    };
}
