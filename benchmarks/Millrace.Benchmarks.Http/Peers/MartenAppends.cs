using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JasperFx;
using JasperFx.Events;
using Marten;
using Millrace.Benchmarks.Events;
using MartenOptions = Marten.StoreOptions;

namespace Millrace.Benchmarks.Http.Peers;

/// <summary>
/// Appends with Marten: the same events, streams and expected versions as the other peers (<c>benchmarks/peers/peer.mjs</c>), with the same
/// answer: one JSON object with the time of all appends, the processor time of this side, and the time of each append.
/// </summary>
internal sealed class MartenAppends(string database, int writers, int perAppend, int appends)
{
    private const int Streams = 10_000;

    private readonly long[] _versions = new long[Streams];
    private readonly List<double>[] _milliseconds = [.. Enumerable.Range(0, writers).Select(_ => new List<double>(appends))];

    /// <summary>Runs it with the arguments <c>WRITERS EVENTS APPENDS</c>.</summary>
    public static Task Run(string database, string[] numbers)
    {
        var parsed = Array.ConvertAll(numbers, static text => int.Parse(text, CultureInfo.InvariantCulture));
        return new MartenAppends(database, parsed[0], parsed[1], parsed[2]).Run();
    }

    private async Task Run()
    {
        await using var store = DocumentStore.For((MartenOptions options) =>
        {
            options.Connection(database);
            options.AutoCreateSchemaObjects = AutoCreate.All;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.Quick;
            options.UseSystemTextJsonForSerialization();
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await ByAll(writer => Fill(store, writer));
        await ByAll(writer => Write(store, writer, Math.Max(1, appends / 10), notes: null)); // Warms up.
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await ByAll(writer => Write(store, writer, appends, _milliseconds[writer]));
        var answer = new
        {
            seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            processorSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            milliseconds = _milliseconds.SelectMany(static one => one),
        };
        Console.WriteLine(JsonSerializer.Serialize(answer));
    }

    private static LineAdded Line(int key) => new(
        Guid.CreateVersion7(), key, (key % 39) + 1, string.Create(CultureInfo.InvariantCulture, $"{10_000 + (key % 90_000)}A"),
        "WHITE HANGING HEART T-LIGHT HOLDER", (key % 47) + 1, 50 + ((key % 4_950) / 100m), "GBP", "United Kingdom",
        new DateTimeOffset(2011, 1, 1, 8, 26, 0, TimeSpan.Zero),
        string.Create(CultureInfo.InvariantCulture, $"customer-{12_000 + (key % 6_500)}"),
        string.Create(CultureInfo.InvariantCulture, $"Leave with the neighbours at number {key % 200}"));

    private Task ByAll(Func<int, Task> act) => Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => act(writer))));

    private int KeyOf(int writer, int i) => (i % (Streams / writers) * writers) + writer;

    private async Task Fill(DocumentStore store, int writer)
    {
        for (var i = 0; i < Streams / writers; i++)
            await Append(store, KeyOf(writer, i), 1);
    }

    private async Task Write(DocumentStore store, int writer, int count, List<double>? notes)
    {
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await Append(store, KeyOf(writer, i), perAppend);
            notes?.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private async Task Append(DocumentStore store, int key, int count)
    {
        await using var session = store.LightweightSession();
        var events = Enumerable.Range(0, count).Select(i => (object)Line(key + i)).ToArray();
        var version = _versions[key] += count;
        session.Events.Append(string.Create(CultureInfo.InvariantCulture, $"order-{key:D6}"), version, events);
        await session.SaveChangesAsync();
    }
}
