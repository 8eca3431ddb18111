using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Telemetry.Tests.Otlp;

/// <summary>Receives traces, metrics and logs over OTLP/HTTP on a free port.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReadOnlyMemory<byte>> _traces = new();
    private readonly ConcurrentQueue<ReadOnlyMemory<byte>> _metrics = new();
    private readonly ConcurrentQueue<ReadOnlyMemory<byte>> _logs = new();

    private OtlpCollector(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Gets the settings with which an application exports to this collector.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    /// <summary>
    /// Gets the spans, each once. The listeners of all applications of a process receive the spans of each.
    /// </summary>
    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. (from request in _traces
           from resource in ProtobufField.All(request, 1)
           from span in ProtobufField.All(resource.Bytes, 2, 2)
           select new ReceivedSpan(
               TextOf(span, 5),
               HexOf(span, 1),
               HexOf(span, 2),
               HexOf(span, 4),
               [.. ProtobufField.All(span.Bytes, 13, 1).Select(trace => trace.Hex)])).DistinctBy(span => span.SpanId),
    ];

    public IReadOnlyList<ReceivedHistogram> Histograms =>
    [
        .. from request in _metrics
           from metric in ProtobufField.All(request, 1, 2, 2)
           from point in ProtobufField.All(metric.Bytes, 9, 1)
           select new ReceivedHistogram(
               TextOf(metric, 1),
               [.. ProtobufField.All(point.Bytes, 7).SelectMany(Doubles)],
               [.. ProtobufField.All(point.Bytes, 8, 5).Select(trace => trace.Hex)]),
    ];

    public IReadOnlyList<string> Metrics =>
        [.. _metrics.SelectMany(request => ProtobufField.All(request, 1, 2, 2)).Select(metric => TextOf(metric, 1))];

    public IReadOnlyList<ReceivedLog> Logs =>
    [
        .. from request in _logs
           from log in ProtobufField.All(request, 1, 2, 2)
           select new ReceivedLog(
               ProtobufField.All(log.Bytes, 5, 1).FirstOrDefault().Text, HexOf(log, 9)),
    ];

    /// <summary>Gets the attributes of the resource of the first traces.</summary>
    public IReadOnlyDictionary<string, string> Resource =>
        _traces.SelectMany(request => ProtobufField.All(request, 1)).Select(one => Attributes(one.Bytes)).First();

    /// <summary>Starts a collector.</summary>
    /// <param name="answers">False for a collector that accepts requests and never answers.</param>
    public static async Task<OtlpCollector> Start(bool answers = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // Requests that are not answered end with the collector.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/traces", http => Receive(http, collector._traces, answers));
        app.MapPost("/v1/metrics", http => Receive(http, collector._metrics, answers));
        app.MapPost("/v1/logs", http => Receive(http, collector._logs, answers));
        await app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task Receive(HttpContext http, ConcurrentQueue<ReadOnlyMemory<byte>> requests, bool answers)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        requests.Enqueue(body.ToArray());
        if (!answers)
            await new TaskCompletionSource().Task.WaitAsync(http.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Response.ContentType = "application/x-protobuf";
    }

    private static Dictionary<string, string> Attributes(ReadOnlyMemory<byte> resource)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in ProtobufField.All(resource, 1, 1))
            attributes[TextOf(pair, 1)] = ProtobufField.All(pair.Bytes, 2, 1).FirstOrDefault().Text;
        return attributes;
    }

    private static IEnumerable<double> Doubles(ProtobufField packed)
    {
        for (var i = 0; i + 8 <= packed.Bytes.Length; i += 8)
            yield return BitConverter.ToDouble(packed.Bytes.Span[i..]);
    }

    private static string TextOf(ProtobufField message, int number) =>
        ProtobufField.All(message.Bytes, number).FirstOrDefault().Text;

    private static string HexOf(ProtobufField message, int number) =>
        ProtobufField.All(message.Bytes, number).FirstOrDefault().Hex;
}
