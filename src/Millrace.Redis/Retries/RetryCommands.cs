using System.Globalization;
using System.Text;

namespace Millrace.Redis;

/// <summary>Asks Redis about the retries of a group, for one receiver of it.</summary>
/// <param name="group">The group, over the receiver's own connections.</param>
/// <param name="hold">How the receiver has its part of the group.</param>
/// <param name="own">What keys are leased for: of this receiver alone.</param>
internal sealed class RetryCommands(GroupAsker group, IGroupHold hold, string own)
{
    private const int MostProblem = 1_000;
    private const long LostCode = -1;
    private const long KeptCode = 1;
    private const long GoneCode = 2;

    private readonly string _due = group.Name.KeyOf("retry:due");
    private readonly string[] _others =
        [.. ((string[])["order", "items", "notes", "owners", "next"]).Select(part => group.Name.KeyOf($"retry:{part}"))];

    private readonly string _holder = group.Name.KeyOf("holder");

    public GroupAsker Group => group;

    /// <summary>Whether nobody else adds to the queue as long as the receiver has the group.</summary>
    public bool IsSole => hold.Owner.Length > 0;

    /// <summary>Moves an entry into the queue, in one step with its acknowledgement.</summary>
    /// <param name="delivery">The entry.</param>
    /// <param name="pause">After how long it is due; null to join only behind others of its key.</param>
    /// <param name="problem">Why it could not be handled.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<RetryAnswer> Add(
        RedisDelivery delivery, TimeSpan? pause, string problem, CancellationToken cancellationToken)
    {
        var commands = Begin(RetryScripts.Add, 4 + delivery.Fields.Length).Add(delivery.Message.Key).Add(delivery.Id);
        commands.Add(pause is { } some ? Milliseconds(some) : "").Add(Clip(problem));
        for (var i = 0; i < delivery.Fields.Length; i++)
            commands.Add(delivery.Fields[i].Span);
        var answer = await Ask(commands, cancellationToken).ConfigureAwait(false);
        return answer.Code == LostCode
            ? throw new RedisLostException($"the subscription '{group.Name.Group}' is another node's by now.")
            : new RetryAnswer(answer.Code == KeptCode, answer.Code == GoneCode, answer.OfKey, answer.InAll);
    }

    /// <summary>Has a message wait again that has failed once more.</summary>
    public async ValueTask<RetryAnswer> Again(
        RetryDelivery delivery, TimeSpan pause, string problem, CancellationToken cancellationToken)
    {
        var commands = Begin(RetryScripts.Again, 4).Add(delivery.Key).Add(delivery.Number).Add(Milliseconds(pause)).Add(Clip(problem));
        var answer = await Ask(commands, cancellationToken).ConfigureAwait(false);
        return new RetryAnswer(answer.Code == KeptCode, answer.Code == LostCode, answer.OfKey, answer.InAll);
    }

    /// <summary>Leases what is due.</summary>
    /// <param name="most">The most messages.</param>
    /// <param name="bytes">About how many bytes of them at the most.</param>
    /// <param name="asked">A key of which is to be told how many wait.</param>
    /// <param name="isFirst">Whether it is the first time: who has the group alone has no need to wait for leases of those before.</param>
    /// <param name="isLeft">Whether no pauses are kept any more: all that nobody has leased is due.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<DueRetries> Take(
        int most, long bytes, string asked, bool isFirst, bool isLeft, CancellationToken cancellationToken)
    {
        var commands = Begin(RetryScripts.Take, 6).Add(Milliseconds(group.TakeOverAfter)).Add(most).Add(bytes).Add(asked);
        commands.Add(isFirst && IsSole ? "1"u8 : "0"u8).Add(isFirst && isLeft ? "1"u8 : "0"u8);
        var answer = await group.Tell(commands, cancellationToken).ConfigureAwait(false);
        if (answer.Array("what is due") is not [var next, var inAll, var ofKey, var taken])
            throw RedisLostException.Odd($"what is due is {answer}");
        var deliveries = new List<RetryDelivery>();
        foreach (var one in taken.Array("the messages that are due"))
            deliveries.Add(Read(one));
        return new DueRetries(
            next.Integer < 0 ? null : TimeSpan.FromMilliseconds(next.Integer), inAll.Integer < 0 ? null : inAll.Integer, ofKey.Integer,
            deliveries);
    }

    /// <summary>Removes what is done; returns how many wait.</summary>
    public async ValueTask<long> Remove(
        IReadOnlyList<(RetryDelivery Delivery, bool IsLast)> done, CancellationToken cancellationToken)
    {
        var commands = Begin(RetryScripts.Remove, 3 * done.Count);
        for (var i = 0; i < done.Count; i++)
            commands.Add(done[i].Delivery.Key).Add(done[i].Delivery.Number).Add(done[i].IsLast ? "1"u8 : "0"u8);
        return (await group.Tell(commands, cancellationToken).ConfigureAwait(false)).Integer;
    }

    /// <summary>Leases keys for longer.</summary>
    public ValueTask<RespValue> Renew(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        group.Tell(AddAll(Begin(RetryScripts.Renew, 1 + keys.Count).Add(Milliseconds(group.TakeOverAfter)), keys), cancellationToken);

    /// <summary>Gives keys back.</summary>
    public ValueTask<RespValue> Release(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        group.Tell(AddAll(Begin(RetryScripts.Release, keys.Count), keys), cancellationToken);

    /// <summary>Asks which of some keys wait.</summary>
    /// <returns>For each of them, in the order given.</returns>
    public async ValueTask<bool[]> Wait(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var commands = AddAll(new RedisCommands().Begin(2 + keys.Count).Add("ZMSCORE"u8).Add(_due), keys);
        var scores = (await group.Tell(commands, cancellationToken).ConfigureAwait(false)).Array("which keys wait");
        return scores.Length == keys.Count
            ? Array.ConvertAll(scores, static score => !score.IsNull)
            : throw RedisLostException.Odd($"it was asked about {keys.Count} keys, and told of {scores.Length}");
    }

    private RedisCommands Begin(string script, int arguments)
    {
        var commands = new RedisCommands().Begin(3 + 3 + _others.Length + 4 + arguments).Add("EVAL"u8).Add(script);
        commands.Add(3 + _others.Length).Add(group.Name.Stream).Add(_holder).Add(_due);
        foreach (var key in _others)
            commands.Add(key);
        return commands.Add(group.Name.Group).Add(hold.Consumer).Add(hold.Owner).Add(own);
    }

    private static RedisCommands AddAll(RedisCommands commands, IReadOnlyCollection<string> keys)
    {
        foreach (var key in keys)
            commands.Add(key);
        return commands;
    }

    private async ValueTask<(long Code, long OfKey, long InAll)> Ask(RedisCommands commands, CancellationToken cancellationToken)
    {
        var answer = await group.Tell(commands, cancellationToken).ConfigureAwait(false);
        return answer.Array("what became of a message") switch
        {
            [var code, var ofKey, var inAll] => (code.Integer, ofKey.Integer, inAll.Integer),
            [var code] => (code.Integer, 0, 0),
            _ => throw RedisLostException.Odd($"what became of a message is {answer}"),
        };
    }

    private static RetryDelivery Read(RespValue one)
    {
        if (one.Array("a message that is due") is not [var key, var number, var attempts, var fields])
            throw RedisLostException.Odd($"a message that is due is {one}");
        var (message, problem) = EntryForm.Read(fields.Array("the fields of a message"));
        return new RetryDelivery(
            Encoding.UTF8.GetString(key.Content("a key")), Encoding.UTF8.GetString(number.Content("a number")), (int)attempts.Integer,
            message, problem);
    }

    private static string Milliseconds(TimeSpan span) =>
        ((long)Math.Ceiling(span.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);

    private static string Clip(string text) => text.Length <= MostProblem ? text : string.Concat(text.AsSpan(0, MostProblem - 1), "…");
}
