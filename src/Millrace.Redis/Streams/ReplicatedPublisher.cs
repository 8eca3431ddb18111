using System.Net;
using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Adds messages to streams of a cluster, and confirms those that enough replicas of their master have. Each command is
/// sent to the address of the master and not routed by the key, because <c>WAIT</c> covers the writes over the same
/// connection to the same node.
/// </summary>
internal sealed class ReplicatedPublisher(RedisOptions options, TimeProvider time)
{
    /// <summary>Sets the outcome of each message. Returns why nothing was sent; null if something was.</summary>
    public async Task<Exception?> Publish(
        RedisConnection line, List<int> places, IReadOnlyList<OutgoingMessage> messages, PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        Exception? absent = null;
        var masters = new Dictionary<EndPoint, (IServer Master, List<int> Places)>();
        foreach (var place in places)
        {
            try
            {
                var master = line.ServerOwning(StreamOf(messages[place]));
                if (!masters.TryGetValue(master.EndPoint, out var own))
                    masters.Add(master.EndPoint, own = (master, []));
                own.Places.Add(place);
            }
            catch (RedisConnectionLostException exception)
            {
                outcomes[place] = PublishOutcome.Unconfirmed(exception.Message);
                absent ??= exception;
            }
        }
        var publishing = masters.Values.Select(one =>
            Publish(line, one.Master, one.Places, messages, outcomes, cancellationToken));
        var unsent = await Task.WhenAll(publishing).ConfigureAwait(false);
        return Array.TrueForAll(unsent, static failure => failure is not null) ? absent ?? unsent[0] : null;
    }

    private async Task<Exception?> Publish(
        RedisConnection line,
        IServer master,
        List<int> places,
        IReadOnlyList<OutgoingMessage> messages,
        PublishOutcome[] outcomes,
        CancellationToken cancellationToken)
    {
        var connectCount = line.ConnectCount(master.EndPoint);
        // Before anything is added: each attempt would add unconfirmed messages once more.
        if (await ReplicaCheck.Problem(line, master, options, cancellationToken).ConfigureAwait(false) is { } absent)
        {
            places.ForEach(place => outcomes[place] = PublishOutcome.Unconfirmed(absent.Message));
            return absent;
        }
        var fields = new List<NameValueEntry>();
        var sent = places.ConvertAll(place =>
            Add(master, StreamOf(messages[place]), EntryConverter.Write(messages[place], fields)));
        await EntryReplyReader
            .Read(line, sent, places, outcomes, options.AnswerTimeout, time, cancellationToken)
            .ConfigureAwait(false);
        if (!places.Exists(place => outcomes[place].IsConfirmed))
            return null;
        var behind = (
            await ReplicaCheck.Problem(line, master, options, cancellationToken).ConfigureAwait(false))?.Message;
        if (behind is null && line.ConnectCount(master.EndPoint) != connectCount)
            behind = $"the connection to {master.EndPoint} broke before its replicas were known to have it.";
        foreach (var place in places.Where(place => outcomes[place].IsConfirmed))
        {
            if ((behind ?? RedirectOf(line, master, StreamOf(messages[place]))) is { } problem)
                outcomes[place] = PublishOutcome.Unconfirmed(problem);
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
    private static string? RedirectOf(RedisConnection line, IServer master, string stream)
    {
        try
        {
            return line.ServerOwning(stream).EndPoint.Equals(master.EndPoint)
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
