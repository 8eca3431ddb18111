using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Compares the sizes of JSON and CBOR, and the cost of writing and reading one event. Also compares both formats with
/// the JSON and CBOR of .NET.
/// </summary>
internal sealed class FormatScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } =
    [
        "size-line", "size-measured", "encode-line-json", "encode-line-cbor", "decode-line-json", "decode-line-cbor",
        "encode-measured-json", "encode-measured-cbor", "decode-measured-json", "decode-measured-cbor",
    ];

    public Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var measured = MicroBenchmark.Of<FormatCost>(run);
        var sample = new FormatCost();
        return Task.FromResult<IReadOnlyList<BenchmarkResult>>(
        [
            Size(Names[0], sample.LineJson, sample.LineCbor, goal: 1.25),
            Size(Names[1], sample.MeasuredJson, sample.MeasuredCbor, goal: 1.5),
            CompareWith(
                Names[2],
                measured,
                nameof(FormatCost.Encode_line_json),
                nameof(FormatCost.Encode_line_platform),
                goal: 0.8),
            CompareWith(
                Names[3], measured, nameof(FormatCost.Encode_line_cbor), nameof(FormatCost.Encode_line_json), goal: 1),
            CompareWith(
                Names[4],
                measured,
                nameof(FormatCost.Decode_line_json),
                nameof(FormatCost.Decode_line_platform),
                goal: 1),
            CompareWith(
                Names[5], measured, nameof(FormatCost.Decode_line_cbor), nameof(FormatCost.Decode_line_json), goal: 1),
            CompareWith(
                Names[6],
                measured,
                nameof(FormatCost.Encode_measured_json),
                nameof(FormatCost.Encode_measured_platform),
                goal: 0.8),
            CompareWith(
                Names[7],
                measured,
                nameof(FormatCost.Encode_measured_cbor),
                nameof(FormatCost.Encode_measured_by_hand),
                goal: 1),
            CompareWith(
                Names[8],
                measured,
                nameof(FormatCost.Decode_measured_json),
                nameof(FormatCost.Decode_measured_platform),
                goal: 1),
            CompareWith(
                Names[9],
                measured,
                nameof(FormatCost.Decode_measured_cbor),
                nameof(FormatCost.Decode_measured_by_hand),
                goal: 1),
        ]);
    }

    /// <summary>Returns the JSON size divided by the CBOR size.</summary>
    private static BenchmarkResult Size(string name, byte[] json, byte[] cbor, double goal)
    {
        var ratio = (double)json.Length / cbor.Length;
        return new BenchmarkResult(
            name, "bytes", cbor.Length, json.Length, ratio, null, null, null, null, goal, ratio >= goal, null);
    }

    private static BenchmarkResult CompareWith(
        string name, MicroBenchmark measured, string ours, string other, double goal)
    {
        var (cost, otherCost) = (measured[ours], measured[other]);
        var ratio = otherCost.Nanoseconds / cost.Nanoseconds;
        return new BenchmarkResult(
            name,
            "ns",
            cost.Nanoseconds,
            otherCost.Nanoseconds,
            ratio,
            null,
            null,
            null,
            cost.Bytes,
            goal,
            ratio >= goal,
            $"Compared with {other.Replace('_', ' ')}, which allocates {otherCost.Bytes:N0} B.");
    }
}

/// <summary>The methods for BenchmarkDotNet.</summary>
public class FormatCost
{
    private readonly EventType _lineType = Formats.Types.Get(typeof(LineAdded));
    private readonly EventType _measuredType = Formats.Types.Get(typeof(DeviceMeasured));
    private readonly DeviceMeasured _measured = DeviceMeasured.Sample;
    private readonly LineAdded _line = SampleLines.Instance.Line(42);

    public FormatCost()
    {
        LineJson = Encode_line_json();
        LineCbor = Encode_line_cbor();
        MeasuredJson = Encode_measured_json();
        MeasuredCbor = Encode_measured_cbor();
        ThrowIf(
            !Encode_measured_by_hand().AsSpan().SequenceEqual(MeasuredCbor),
            "Millrace and the hand-written code must write the same CBOR.");
        ThrowIf(!Decode_measured_by_hand().Equals(_measured), "The hand-written code must read the same event.");
    }

    internal byte[] LineJson { get; }

    internal byte[] LineCbor { get; }

    internal byte[] MeasuredJson { get; }

    internal byte[] MeasuredCbor { get; }

    [Benchmark]
    public byte[] Encode_line_platform() => JsonSerializer.SerializeToUtf8Bytes(_line, DataJson.Default.LineAdded);

    [Benchmark]
    public byte[] Encode_line_json() => _lineType.Write(_line, EventContentType.Json);

    [Benchmark]
    public byte[] Encode_line_cbor() => _lineType.Write(_line, EventContentType.Cbor);

    [Benchmark]
    // The value is not null.
    public object Decode_line_platform() => JsonSerializer.Deserialize(LineJson, DataJson.Default.LineAdded)!;

    [Benchmark]
    public object Decode_line_json() => _lineType.Read(LineJson, EventContentType.Json);

    [Benchmark]
    public object Decode_line_cbor() => _lineType.Read(LineCbor, EventContentType.Cbor);

    [Benchmark]
    public byte[] Encode_measured_platform() =>
        JsonSerializer.SerializeToUtf8Bytes(_measured, FormatsJson.Default.DeviceMeasured);

    [Benchmark]
    public byte[] Encode_measured_json() => _measuredType.Write(_measured, EventContentType.Json);

    [Benchmark]
    public byte[] Encode_measured_cbor() => _measuredType.Write(_measured, EventContentType.Cbor);

    [Benchmark]
    public byte[] Encode_measured_by_hand() => RawCbor.Write(_measured);

    [Benchmark]
    public object Decode_measured_platform() =>
        JsonSerializer.Deserialize(MeasuredJson, FormatsJson.Default.DeviceMeasured)!; // The value is not null.

    [Benchmark]
    public object Decode_measured_json() => _measuredType.Read(MeasuredJson, EventContentType.Json);

    [Benchmark]
    public object Decode_measured_cbor() => _measuredType.Read(MeasuredCbor, EventContentType.Cbor);

    [Benchmark]
    public object Decode_measured_by_hand() => RawCbor.Read(MeasuredCbor);

    private static void ThrowIf(bool isWrong, string message)
    {
        if (isWrong)
            throw new InvalidOperationException(message);
    }
}
