using System.Text;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Messaging;
using Millrace.Redis;
using Servers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Redis as a private server that writes to disk before it answers, and hand-written commands on a bare connection for
/// comparison.
/// </summary>
internal sealed class RedisBroker : IBenchBroker
{
    private const int Batch = 1_000;

    private RedisServer? _server;

    public string Name => RedisTransport.Name;

    private RedisServer Server => _server ?? throw IBenchBroker.Unprepared();

    public async Task Prepare(string destination, int messages) => _server ??= await RedisServer.Start();

    public void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure) =>
        millrace.UseRedis(Server.Address, configure);

    public ITransport NewTransport() =>
        new RedisTransport(new RedisOptions { Address = Server.Address }, TimeProvider.System);

    public Task<Round> PublishBodies(Subscription subscription, int count)
    {
        var (add, stream, next) = (Bytes("XADD"), Bytes(subscription.Destination), Bytes("*"));
        var (id, type, name, data) = (Bytes("id"), Bytes("type"), Bytes(SampleLines.EventType), Bytes("data"));
        return Publish(count, (connection, i) => connection.Add(
            add, stream, next, id, Bytes(Guid.CreateVersion7().ToString()), type, name, data,
            SampleLines.Instance.Payload(SampleLines.KeyOf(i))));
    }

    public Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events)
    {
        var (add, stream, next) = (Bytes("XADD"), Bytes(subscription.Destination), Bytes("*"));
        var (version, one, id, source, none) = (
            Bytes("ce_specversion"), Bytes("1.0"), Bytes("ce_id"), Bytes("ce_source"), Bytes(CloudEventNames.NoSource));
        var (type, name, subject, time) = (
            Bytes("ce_type"), Bytes(SampleLines.EventType), Bytes("ce_subject"), Bytes("ce_time"));
        var (contentType, json, data) = (Bytes("content-type"), Bytes("application/json"), Bytes("data"));
        return Publish(
            events.Length,
            (connection, i) =>
            {
                ref readonly var pending = ref events[i];
                connection.Add(
                    add,
                    stream,
                    next,
                    version,
                    one,
                    id,
                    Bytes(pending.Id.ToString()),
                    source,
                    none,
                    type,
                    name,
                    subject,
                    Bytes(pending.Stream),
                    time,
                    Bytes(pending.TimeText),
                    contentType,
                    json,
                    data,
                    pending.Body);
            }
        );
    }

    public async Task<Round> ReceiveBare(Subscription subscription, int count, IRowWriter rows)
    {
        using var connection = new RawRedisConnection();
        await connection.Connect(Server.Port);
        var (stream, group) = (Bytes(subscription.Destination), Bytes(subscription.Name));
        return await Round.Measure(async begin =>
        {
            var batch = new List<(string Id, ReadOnlyMemory<byte> Body)>(Batch);
            var done = 0;
            while (done < count)
            {
                batch.Clear();
                connection.Add(
                    Bytes("XREADGROUP"),
                    Bytes("GROUP"),
                    group,
                    Bytes("bare"),
                    Bytes("COUNT"),
                    Bytes($"{Batch}"),
                    Bytes("STREAMS"),
                    stream,
                    Bytes(">"));
                await connection.Send();
                if (done == 0)
                    begin();
                var entries = EntriesOf(await connection.Answer());
                foreach (var (id, body) in entries)
                    batch.Add((Encoding.UTF8.GetString(id), body));
                await rows.Write(batch);
                var ids = entries.Select(entry => (ReadOnlyMemory<byte>)entry.Id);
                connection.Add([Bytes("XACK"), stream, group, .. ids]);
                await connection.Send();
                await connection.Answer();
                done += batch.Count;
            }
            return ((long)done, (Latencies?)null);
        });
    }

    public async Task Drop(Subscription subscription) => await Server.Ask($"DEL {subscription.Destination}");

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Round> Publish(int count, Action<RawRedisConnection, int> add)
    {
        using var connection = new RawRedisConnection();
        await connection.Connect(Server.Port);
        return await Round.Measure(async () =>
        {
            for (var sent = 0; sent < count;)
            {
                var first = sent;
                for (var end = Math.Min(count, sent + Batch); sent < end; sent++)
                    add(connection, sent);
                await connection.Send();
                for (; first < sent; first++)
                    await connection.Answer();
            }
            return ((long)count, (Latencies?)null);
        });
    }

    /// <summary>Returns the ids and bodies of the entries of a single stream.</summary>
    private static List<(byte[] Id, byte[] Body)> EntriesOf(object? answer)
    {
        var stream = (object?[])((object?[])answer!)[0]!; // The stream has messages, so it is not null.
        return [.. ((object?[])stream[1]!).Select(entry =>
        {
            var fields = (object?[])((object?[])entry!)[1]!;
            return ((byte[])((object?[])entry)[0]!, (byte[])fields[^1]!);
        })];
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
