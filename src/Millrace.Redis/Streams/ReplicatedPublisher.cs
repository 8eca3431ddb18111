using System.Net;
using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Adds messages to streams of a cluster. Confirms a message if enough replicas of its master have it. Each command is
/// sent to the address of the master and not routed by the key, because <c>WAIT</c> covers the writes over the same
/// connection to the same node.
/// </summary>
internal sealed class ReplicatedPublisher(RedisOptions options, TimeProvider time)
{
    /// <summary>Sets the outcome of each message. Returns why nothing was sent; null if a message was sent.</summary>
    public async Task<Exception?> Publish(
        RedisConnection connection, List<int> indexes, IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        Exception? cause = null;
        var masters = new Dictionary<EndPoint, (IServer Master, List<int> Indexes)>();
        foreach (var index in indexes)
        {
            try
            {
                var master = connection.ServerOwning(StreamOf(messages[index]));
                if (!masters.TryGetValue(master.EndPoint, out var group))
                    masters.Add(master.EndPoint, group = (master, []));
                group.Indexes.Add(index);
            }
            catch (RedisConnectionLostException exception)
            {
                outcomes[index] = PublishOutcome.Unconfirmed(exception.Message);
                cause ??= exception;
            }
        }
        var publishing = masters.Values.Select(one =>
            Publish(connection, one.Master, one.Indexes, messages, outcomes, cancellationToken));
        var unsent = await Task.WhenAll(publishing).ConfigureAwait(false);
        return Array.TrueForAll(unsent, static failure => failure is not null) ? cause ?? unsent[0] : null;
    }

    private async Task<Exception?> Publish(
        RedisConnection connection,
        IServer master,
        List<int> indexes,
        IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        var connectCount = connection.ConnectCount(master.EndPoint);
        // Check before anything is added: otherwise, each attempt would add the unconfirmed messages once more.
        if (await ReplicaCheck.Problem(connection, master, options, cancellationToken)
                .ConfigureAwait(false) is { } cause)
        {
            indexes.ForEach(index => outcomes[index] = PublishOutcome.Unconfirmed(cause.Message));
            return cause;
        }
        var fields = new List<NameValueEntry>();
        var sent = indexes.ConvertAll(index =>
            Add(master, StreamOf(messages[index]), EntryConverter.Write(messages[index], fields)));
        await EntryReplyReader
            .Read(connection, sent, indexes, outcomes, options.AnswerTimeout, time, cancellationToken)
            .ConfigureAwait(false);
        if (!indexes.Exists(index => outcomes[index].IsConfirmed))
            return null;
        var replicaProblem = (
            await ReplicaCheck.Problem(connection, master, options, cancellationToken).ConfigureAwait(false))?.Message;
        if (replicaProblem is null && connection.ConnectCount(master.EndPoint) != connectCount)
            replicaProblem = $"the connection to {master.EndPoint} broke before its replicas were known to have it.";
        foreach (var index in indexes.Where(index => outcomes[index].IsConfirmed))
        {
            if ((replicaProblem ?? RedirectOf(connection, master, StreamOf(messages[index]))) is { } problem)
                outcomes[index] = PublishOutcome.Unconfirmed(problem);
        }
        return null;
    }

    /// <summary>
    /// Adds an entry at this node only: if another node has the stream, the command is not redirected.
    /// </summary>
    private async Task<RedisValue> Add(IServer master, string stream, NameValueEntry[] entry)
    {
        var arguments = new List<object>(5 + (2 * entry.Length)) { (RedisKey)stream };
        if (options.MaxLength > 0)
            arguments.AddRange(["MAXLEN", "~", options.MaxLength]);
        arguments.Add("*");
        foreach (var field in entry)
        {
            arguments.Add(field.Name);
            arguments.Add(field.Value);
        }
        return (RedisValue)
            await master.ExecuteAsync(null, "XADD", arguments, CommandFlags.NoRedirect).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the problem if another master, which may lack the entry, now has a stream; null otherwise.
    /// </summary>
    private static string? RedirectOf(RedisConnection connection, IServer master, string stream)
    {
        try
        {
            return connection.ServerOwning(stream).EndPoint.Equals(master.EndPoint)
                ? null
                : $"another node than {master.EndPoint} now has '{stream}'.";
        }
        catch (RedisConnectionLostException exception)
        {
            return exception.Message;
        }
    }

    private string StreamOf(OutgoingMessage message) => options.KeyPrefix + message.Destination;
}
