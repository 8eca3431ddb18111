using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults;

/// <summary>
/// A node that appends to streams in several shards until a test kills it. With a third store, it adds this shard in
/// the meantime. After each append has returned, it writes a line "ACK stream version position id".
/// </summary>
internal static class StreamShardsNode
{
    /// <summary>The environment variable with the addresses of the stores, separated by spaces.</summary>
    public const string Variable = "MILLRACE_FAULTS_STREAM_SHARDS";

    /// <summary>The number of shards of the first start.</summary>
    public const int FirstShards = 2;

    private const int PaymentsPerStream = 3;
    private const int Payees = 20;

    private static readonly TimeSpan AppendInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Configures an application whose streams are distributed over stores.</summary>
    public static MillraceBuilder Configure(MillraceBuilder millrace, IReadOnlyList<string> stores) => millrace
        .UseShards(shards =>
        {
            for (var i = 0; i < stores.Count; i++)
            {
                var address = stores[i];
                shards.Add(NameOf(i), store => Use(store, address));
            }
            shards.PlaceByStream().Configure(options =>
                (options.CheckEvery, options.CheckTimeout) =
                    (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)));
        })
        .AddModel(ShardPayments.Register)
        .ConfigureConsumers(options =>
        {
            // A killed node leaves its leases, which the next node waits for.
            options.LeaseDuration = TimeSpan.FromSeconds(1);
            options.LookEvery = TimeSpan.FromMilliseconds(50);
        });

    /// <summary>Returns the name of a shard.</summary>
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"s{index + 1}");

    public static async Task Run(IReadOnlyList<string> stores, int writers, int seed)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(millrace, stores));
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var output = TextWriter.Synchronized(
            new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1) { AutoFlush = true });
        await output.WriteLineAsync("READY");
        var work = Enumerable.Range(0, writers)
            .Select(writer => Task.Run(() => Write(store, output, writer, seed)))
            .Append(Task.Run(() => AddLast(host.Services.GetRequiredService<Shards>(), stores.Count)))
            .ToList();
        while (work.Count > 0)
        {
            var ended = await Task.WhenAny(work);
            work.Remove(ended);
            await ended; // A failure ends the node.
        }
    }

    private static MillraceBuilder Use(MillraceBuilder builder, string address) =>
        address.StartsWith("postgres:", StringComparison.Ordinal)
            ? builder.UsePostgreSql(address)
            : builder.UseSqlite(address);

    /// <summary>Adds the shards after the first ones. An addition that a kill has interrupted continues.</summary>
    private static async Task AddLast(Shards shards, int count)
    {
        for (var i = FirstShards; i < count; i++)
            await shards.Add(new ShardId(NameOf(i)));
    }

    /// <summary>Appends an event, also if a change of the map refuses new streams for long.</summary>
    private static async Task<AppendResult> AppendAgain(EventStore store, StreamId stream, NewEvent appended)
    {
        while (true)
        {
            try
            {
                return await store.Append(stream, ExpectedVersion.Any, [appended]);
            }
            catch (MillraceException exception) when (exception.IsTransient)
            {
                await Console.Error.WriteLineAsync(exception.Message); // The id makes the repetition safe.
            }
        }
    }

    private static async Task Write(EventStore store, TextWriter output, int writer, int seed)
    {
        var random = new Random((seed * 100) + writer);
        using var timer = new PeriodicTimer(AppendInterval);
        for (var sequence = 0; await timer.WaitForNextTickAsync(); sequence++)
        {
            var payer = string.Create(CultureInfo.InvariantCulture, $"{seed}x{writer}x{sequence / PaymentsPerStream}");
            var number = string.Create(CultureInfo.InvariantCulture, $"{seed}x{writer}x{sequence}");
            var payee = string.Create(CultureInfo.InvariantCulture, $"{random.Next(Payees)}");
            var paid = new ShardPaid(number, payee, random.Next(1, 100), random.Next(ShardPayments.Buckets));
            var stream = StreamId.For("payer", payer);
            var id = Guid.CreateVersion7();
            var result = await AppendAgain(store, stream, new NewEvent(paid) { Id = id });
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"ACK {stream} {result.Version} {result.Position} {id}"));
        }
    }
}
