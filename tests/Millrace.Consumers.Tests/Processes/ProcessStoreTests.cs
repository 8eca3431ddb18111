using System.Diagnostics;
using System.Text.Json;
using Millrace.Events;
using Millrace.ProcessManagers;
using Millrace.Storage;

namespace Millrace.Tests.Processes;

/// <summary>Tests of the stored data of an instance.</summary>
public sealed class ProcessStoreTests
{
    [Fact]
    public async Task The_end_of_a_step_and_the_start_of_the_next_are_one_event_and_two_history_entries()
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve"))
            .Step("pay", id => new DoWork(id, "pay")));

        await harness.Take(new Agreed("t", 4));
        await harness.Work();

        var types = await harness
            .Store.ReadStream(ProcessNames.StreamOf("trade", "t"))
            .Select(recorded => recorded.Type)
            .ToListAsync();
        var history = await harness.Processes.History("trade", "t");
        Assert.Equal(
            [ProcessEvents.Started, ProcessEvents.StepDone, ProcessEvents.StepDone, ProcessEvents.Completed], types);
        Assert.Equal(
            [
                "1 started ",
                "1 step-begun reserve",
                "2 step-done reserve",
                "2 step-begun pay",
                "3 step-done pay",
                "4 completed ",
            ],
            history.Select(entry => $"{entry.Version} {entry.Kind} {entry.Step}"));
    }

    [Fact]
    public async Task An_instance_that_another_node_loads_has_the_trace_of_its_last_event()
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve")));
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        await harness.Take(new Agreed("t", 4));
        request.Stop();

        var instance = await ProcessStore.Load(harness.Store, "trade", "t", CancellationToken.None);

        Assert.Contains(request.TraceId.ToHexString(), instance?.TraceParent, StringComparison.Ordinal);
        Assert.Equal(instance?.ChangedAt, instance?.TracedAt);
    }

    [Fact]
    public async Task A_repeated_event_is_reported_again_in_case_its_instance_was_not_continued()
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve")));
        var committed = new List<(string Id, bool IsNow, bool IsDue)>();

        await harness.Take(
            new Agreed("t", 4), times: 2,
            (instance, version) => committed.Add((instance.Id, version != 0, instance.Due <= instance.ChangedAt)));

        Assert.Equal([("t", true, true), ("t", false, true)], committed);
    }

    [Fact]
    public async Task An_instance_is_found_by_the_second_of_its_last_change_and_has_the_exact_time()
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve")));
        var second = harness.Time.GetUtcNow();
        harness.Time.Advance(TimeSpan.FromMilliseconds(700));

        await harness.Take(new Agreed("t", 4));
        await harness.Work();

        var ofSecond = await harness.Store.Storage.Documents.Count(
            ProcessNames.CollectionOf("trade"),
            [new FieldCondition(ProcessStore.ChangedField, Comparison.Equal, FieldValue.Microseconds(second))],
            default);
        var listed = Assert.Single((await harness.Processes.List(new ProcessQuery { Process = "trade" })).Instances);
        Assert.Equal(1, ofSecond);
        Assert.Equal(second.AddMilliseconds(700), listed.ChangedAt);
    }

    [Theory]
    [InlineData(false, "pay")]
    [InlineData(true, "ship")]
    public async Task The_outdated_document_of_a_running_instance_is_written_when_it_is_found(
        bool anotherSecond, string step)
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve"))
            .Step("pay", id => new DoWork(id, "pay"))
            .Step("ship", id => new DoWork(id, "ship")));

        await harness.Take(new Agreed("t", 4));
        await harness.WorkUntil(
            "ship",
            name => harness.Time.Advance(TimeSpan.FromMilliseconds(anotherSecond && name == "pay" ? 1_000 : 10)));

        Assert.Equal([step], (await RecordOf(harness)).Steps);
        Assert.Equal(["ship"], (await Listed(harness)).Steps);
        Assert.Equal((await harness.Find()).ChangedAt, (await Listed(harness)).ChangedAt);
        await harness.Work();
        Assert.Equal(nameof(ProcessState.Completed), (await RecordOf(harness)).State);
        Assert.Equal(ProcessState.Completed, (await Listed(harness)).State);
    }

    private static async Task<ProcessRecord> RecordOf(ProcessTestHarness harness)
    {
        var document = await harness.Store.Storage.Documents.Get(ProcessNames.CollectionOf("trade"), "t", default);
        // Every instance has a document.
        return JsonSerializer.Deserialize(document!.Body.Span, ProcessJson.Default.ProcessRecord)!;
    }

    private static async Task<ProcessInfo> Listed(ProcessTestHarness harness) =>
        Assert.Single((await harness.Processes.List(new ProcessQuery { Process = "trade" })).Instances);
}
