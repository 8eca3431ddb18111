using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JasperFx;
using JasperFx.Events;
using Marten;
using Millrace.Benchmarks.Events;
using MartenLifecycle = JasperFx.Events.Projections.ProjectionLifecycle;
using MartenOptions = Marten.StoreOptions;

namespace Millrace.Benchmarks.Http.Peers;

/// <summary>
/// Runs the loads of the PostgreSQL benchmarks on Marten, with the same events in the same streams. Each load prints
/// one JSON object with the total time, the processor time of this process, and the time of each operation.
/// </summary>
internal sealed class MartenPeer : IAsyncDisposable
{
    /// <summary>The number of streams.</summary>
    public const int Streams = 10_000;

    private readonly DocumentStore _store;

    private MartenPeer(DocumentStore store) => _store = store;

    /// <summary>Runs the load that the arguments specify.</summary>
    public static async Task Run(string database, string load, int[] numbers)
    {
        await using var peer = await Open(database, hasTotals: load == "rebuild");
        var answer = (load, numbers) switch
        {
            ("append", [var writers, var events, var appends]) => await new MartenAppends(
                peer, writers, events, appends).Run(),
            ("decide", [var senders, var events]) => await new MartenDecisions(peer, senders, events).Run(),
            ("rebuild", [var events]) => await MartenRebuilds.Run(peer, events),
            _ => throw new InvalidOperationException(
                "Usage: marten append WRITERS EVENTS APPENDS | marten decide SENDERS EVENTS | marten rebuild EVENTS"),
        };
        Console.WriteLine(JsonSerializer.Serialize(answer, JsonSerializerOptions.Web));
    }

    /// <summary>Returns the name of the stream of a key.</summary>
    public static string StreamOf(int key) => string.Create(CultureInfo.InvariantCulture, $"order-{key:D6}");

    /// <summary>Returns the event of a key.</summary>
    public static LineAdded Line(int key) =>
        new(
            Guid.CreateVersion7(),
            key,
            (key % 39) + 1,
            string.Create(CultureInfo.InvariantCulture, $"{10_000 + (key % 90_000)}A"),
            "WHITE HANGING HEART T-LIGHT HOLDER",
            (key % 47) + 1,
            50 + ((key % 4_950) / 100m),
            "GBP",
            "United Kingdom",
            new DateTimeOffset(2011, 1, 1, 8, 26, 0, TimeSpan.Zero),
            string.Create(CultureInfo.InvariantCulture, $"customer-{12_000 + (key % 6_500)}"),
            string.Create(CultureInfo.InvariantCulture, $"Leave with the neighbours at number {key % 200}"));

    /// <summary>Measures work that records the times of its operations in <paramref name="durations"/>.</summary>
    public static async Task<Answer> Measure(List<double>[] durations, Func<Task> work)
    {
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await work();
        return new Answer(
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            [.. durations.SelectMany(static times => times)]);
    }

    /// <summary>Runs an action with several workers concurrently.</summary>
    public static Task ByAll(int workers, Func<int, Task> act) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => act(worker))));

    /// <summary>Gets the store.</summary>
    public IDocumentStore Store => _store;

    /// <summary>Appends to a stream at an expected version.</summary>
    public async Task Append(int key, long version, int count)
    {
        await using var session = _store.LightweightSession();
        var events = Enumerable.Range(0, count).Select(i => (object)Line(key + i)).ToArray();
        session.Events.Append(StreamOf(key), version + count, events);
        await session.SaveChangesAsync();
    }

    /// <summary>Fills every stream with events.</summary>
    public Task Fill(int workers, int events) => ByAll(workers, async worker =>
    {
        for (var key = worker; key < Streams; key += workers)
            await Append(key, 0, events);
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static async Task<MartenPeer> Open(string database, bool hasTotals)
    {
        var store = DocumentStore.For((MartenOptions options) =>
        {
            options.Connection(database);
            options.AutoCreateSchemaObjects = AutoCreate.All;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.Quick;
            options.UseSystemTextJsonForSerialization();
            if (hasTotals)
                options.Projections.Add<PeerTotals>(MartenLifecycle.Async);
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        return new MartenPeer(store);
    }

    /// <summary>The result of a load.</summary>
    internal sealed record Answer(double Seconds, double ProcessorSeconds, double[] Milliseconds);
}
