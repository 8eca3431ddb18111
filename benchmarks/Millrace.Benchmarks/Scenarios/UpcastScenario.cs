using BenchmarkDotNet.Attributes;
using Millrace.Benchmarks.Harness;
using Millrace.Events;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures reading an event of an older version, which needs one or three upcasts. The comparison is reading the
/// newest version.
/// </summary>
internal sealed class UpcastScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } =
        ["upcast-0", "upcast-1-record", "upcast-3-records", "upcast-1-json", "upcast-3-json", "upcast-3-records-cbor"];

    public Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var measured = MicroBenchmark.Of<UpcastCost>(run);
        return Task.FromResult<IReadOnlyList<BenchmarkResult>>(
        [
            CompareWith(Names[0], measured, nameof(UpcastCost.Newest), goal: 1),
            CompareWith(Names[1], measured, nameof(UpcastCost.One_record), goal: 0.5),
            CompareWith(Names[2], measured, nameof(UpcastCost.Three_records), goal: 0.4),
            CompareWith(Names[3], measured, nameof(UpcastCost.One_json), goal: 0.1),
            CompareWith(Names[4], measured, nameof(UpcastCost.Three_json), goal: 0.07),
            CompareWith(Names[5], measured, nameof(UpcastCost.Three_records_cbor), goal: 0.4),
        ]);
    }

    private static BenchmarkResult CompareWith(string name, MicroBenchmark measured, string method, double goal)
    {
        var (cost, newest) = (measured[method], measured[nameof(UpcastCost.Newest)]);
        var ratio = newest.Nanoseconds / cost.Nanoseconds;
        return new BenchmarkResult(
            name, "ns", cost.Nanoseconds, newest.Nanoseconds, ratio, null, null, null, cost.Bytes, goal, ratio >= goal,
            $"Reading the newest version allocates {newest.Bytes:N0} B.");
    }
}

/// <summary>The methods for BenchmarkDotNet.</summary>
public class UpcastCost
{
    private const int WarmUp = 20_000;

    private static readonly Guid Id = Guid.Parse("0193f0c2-1f2e-7000-8000-0000000000aa");
    private static readonly DateOnly Day = new(2011, 12, 5);

    private readonly EventSerializer _serializer = new(Formats.Types, new EventLimits());
    private readonly RecordedEvent _newest;
    private readonly RecordedEvent _oneRecord;
    private readonly RecordedEvent _threeRecords;
    private readonly RecordedEvent _threeRecordsCbor;
    private readonly RecordedEvent _oneJson;
    private readonly RecordedEvent _threeJson;

    public UpcastCost()
    {
        var third = new ParcelSentV3(Id, "Mill Lane 1", "London", 2000, Day);
        var first = new ParcelSentV1(Id, "Mill Lane 1", 2, Day);
        _newest = Record(new ParcelSent(Id, "Mill Lane 1", "London", "GB", 2000, Day), EventContentType.Json);
        _oneRecord = Record(third, EventContentType.Json);
        _threeRecords = Record(first, EventContentType.Json);
        _threeRecordsCbor = Record(first, EventContentType.Cbor);
        _oneJson = Record("parcel.moved", 3, _oneRecord.Payload, EventContentType.Json);
        _threeJson = Record("parcel.moved", 1, _threeRecords.Payload, EventContentType.Json);
        // Calls all methods often, so that the runtime compiles them completely before the first measurement.
        for (var i = 0; i < WarmUp; i++)
        {
            foreach (var read in new[]
                {
                    Newest(),
                    One_record(),
                    Three_records(),
                    Three_records_cbor(),
                    One_json(),
                    Three_json(),
                }
            )
            {
                if (read is not ParcelSent and not ParcelMoved)
                    throw new InvalidOperationException($"The event was read as {read}.");
            }
        }
    }

    [Benchmark(Baseline = true)]
    public object Newest() => _serializer.Decode(_newest);

    [Benchmark]
    public object One_record() => _serializer.Decode(_oneRecord);

    [Benchmark]
    public object Three_records() => _serializer.Decode(_threeRecords);

    [Benchmark]
    public object Three_records_cbor() => _serializer.Decode(_threeRecordsCbor);

    [Benchmark]
    public object One_json() => _serializer.Decode(_oneJson);

    [Benchmark]
    public object Three_json() => _serializer.Decode(_threeJson);

    private static RecordedEvent Record(object value, string contentType)
    {
        var type = Formats.Types.Get(value.GetType());
        return Record(type.Name, type.SchemaVersion, type.Write(value, contentType), contentType);
    }

    private static RecordedEvent Record(string type, int version, ReadOnlyMemory<byte> payload, string contentType) =>
        new()
        {
            Id = Id,
            Stream = new StreamId("parcel-1"),
            Version = 1,
            Position = 1,
            Type = type,
            SchemaVersion = version,
            ContentType = contentType,
            Timestamp = DateTimeOffset.UnixEpoch,
            Payload = payload,
        };
}
