using System.Collections.Concurrent;
using System.Diagnostics;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests the traces in which consumers handle events.</summary>
public sealed class ConsumerTraceTests : IDisposable
{
    private const string Name = "traced";

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public ConsumerTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MillraceTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_batch_of_one_trace_continues_the_trace_of_the_append()
    {
        await using var node = await Start(ConsumerDefinition.Each(
            Name, EventFilter.OfTypes("ship.scrapped"), (_, _) => ValueTask.CompletedTask));

        var trace = await AppendTraced(node, "one", new Scrapped("one"));
        await node.WaitUntil(Name, status => status.LagEvents == 0);

        var batch = await Find($"process {Name}", trace);
        var append = await Find("append ship", trace);
        Assert.Equal(append.SpanId, batch.ParentSpanId);
        Assert.Equal(ActivityKind.Consumer, batch.Kind);
        Assert.Empty(batch.Links);
        var handled = await Find("handle ship.scrapped", trace);
        Assert.Equal(batch.SpanId, handled.ParentSpanId);
    }

    [Fact]
    public async Task A_batch_of_several_traces_is_linked_to_them_and_each_receives_a_span()
    {
        var batches = new ConcurrentQueue<int>();
        await using var node = await Start(ConsumerDefinition.Batch(
            Name,
            EventFilter.OfTypes("ship.scrapped"),
            (events, _) =>
            {
                batches.Enqueue(events.Count);
                return ValueTask.CompletedTask;
            }));

        var traces = await AppendWhilePaused(node);
        await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal(3, Assert.Single(batches));
        foreach (var trace in traces)
        {
            var span = await Find($"process {Name}", trace);
            var batchTrace = span.Links.Single().Context.TraceId;
            var batch = Assert.Single(
                _spans, one => one.OperationName == $"process {Name}" && one.TraceId == batchTrace);
            Assert.Equal(traces.Order(), batch.Links.Select(link => link.Context.TraceId.ToHexString()).Order());
            Assert.Equal(3, batch.GetTagItem("messaging.batch.message_count"));
            Assert.Null(batch.Parent);
        }
    }

    [Fact]
    public async Task Each_handler_runs_in_the_trace_of_its_event()
    {
        var current = new ConcurrentDictionary<string, string>();
        await using var node = await Start(ConsumerDefinition.Each(
            Name,
            EventFilter.OfTypes("ship.scrapped"),
            (recorded, _) =>
            {
                current[recorded.Stream.Key] = Activity.Current?.TraceId.ToHexString() ?? "none";
                return ValueTask.CompletedTask;
            }));

        var traces = await AppendWhilePaused(node);
        await node.WaitUntil(Name, status => status.LagEvents == 0);

        string[] handled = [current["a"], current["b"], current["c"]];
        Assert.Equal(traces, handled);
    }

    [Fact]
    public async Task Events_from_ten_minutes_ago_are_only_linked()
    {
        var clock = new ManualClock();
        var storage = new InMemoryStorage(clock);
        string trace;
        await using (var writer = await TestNode.Start(storage, time: clock))
            trace = await AppendTraced(writer, "old", new Scrapped("old"));
        clock.Advance(TimeSpan.FromMinutes(11));
        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, ConsumerDefinition.Each(
            Name, EventFilter.OfTypes("ship.scrapped"), (_, _) => ValueTask.CompletedTask)), time: clock);

        await node.WaitUntil(Name, status => status.LagEvents == 0);

        await Eventually.Until(() => _spans.Any(span => IsLinked(span, $"process {Name}", trace)));
        Assert.DoesNotContain(
            _spans,
            span => span.TraceId.ToHexString() == trace
                && (span.OperationName == $"process {Name}" || span.OperationName == "handle ship.scrapped"));
    }

    [Fact]
    public async Task A_projection_ends_its_span_after_the_commit()
    {
        await using var node = await TestNode.StartCargo();

        var trace = await AppendTraced(node, "ada", new Loaded("ada", 3));
        await node.WaitUntil("cargo@1", status => status.LagEvents == 0);

        var span = await Find("process cargo@1", trace);
        Assert.Equal(3, (await node.Cargo.Get("ada")).Value?.Crates);
        Assert.Equal(1, span.GetTagItem("messaging.batch.message_count"));
    }

    [Fact]
    public async Task A_failed_handler_is_recorded_by_the_type_of_its_error()
    {
        await using var node = await Start(ConsumerDefinition.Each(
            Name,
            EventFilter.OfTypes("ship.scrapped"),
            (_, _) => throw new NotSupportedException("secret text")));

        var trace = await AppendTraced(node, "bad", new Scrapped("bad"));
        await node.WaitForDeadLetters(letters => letters.Count == 1);

        var handled = await Find("handle ship.scrapped", trace);
        Assert.Equal(
            (ActivityStatusCode.Error, null, nameof(NotSupportedException)),
            (handled.Status, handled.StatusDescription, handled.GetTagItem("error.type")));
    }

    private static Task<TestNode> Start(ConsumerDefinition definition) =>
        TestNode.Start(add: host => TestNode.Add(host, definition));

    /// <summary>Appends three events in three traces, so that the consumer handles them in one batch.</summary>
    private static async Task<IReadOnlyList<string>> AppendWhilePaused(TestNode node)
    {
        await node.PauseAndWait(Name);
        string[] traces =
        [
            await AppendTraced(node, "a", new Scrapped("a")),
            await AppendTraced(node, "b", new Scrapped("b")),
            await AppendTraced(node, "c", new Scrapped("c")),
        ];
        await node.Consumers.Resume(Name);
        return traces;
    }

    private static async Task<string> AppendTraced(TestNode node, string ship, object @event)
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C);
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        request.Start();
        await node.Append(ship, @event);
        return request.TraceId.ToHexString();
    }

    private Task<Activity> Find(string name, string trace) => Eventually.Get(
        () => Task.FromResult(
            _spans.FirstOrDefault(span => span.OperationName == name && span.TraceId.ToHexString() == trace)!),
        span => span is not null);

    private static bool IsLinked(Activity span, string name, string trace) =>
        span.OperationName == name && span.Links.Any(link => link.Context.TraceId.ToHexString() == trace);
}
