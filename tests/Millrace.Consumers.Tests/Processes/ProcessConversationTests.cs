using System.Text.Json;
using Millrace.Commands;
using Millrace.Events;
using Millrace.ProcessManagers;

namespace Millrace.Tests.Processes;

/// <summary>Tests that the steps of an instance share one correlation id, whichever node continues it.</summary>
public sealed class ProcessConversationTests
{
    [Fact]
    public async Task All_steps_have_the_correlation_id_of_the_start_of_the_instance()
    {
        await using var bench = await ProcessTestHarness.Start(Reserving);

        await bench.Take(new Agreed("t", 4));
        await bench.Take(new Agreed("u", 4));
        await bench.Work("t");
        await bench.Work("u");

        var (first, second) = (await ConversationsOf(bench, "t"), await ConversationsOf(bench, "u"));
        Assert.NotEqual(Assert.Single(first.Distinct()), Assert.Single(second.Distinct()));
        // The start, an event of each step besides the effect of its command, and the end.
        Assert.Equal(6, first.Count);
        Assert.DoesNotContain(null, first.Concat(second));
    }

    [Fact]
    public async Task An_instance_from_an_earlier_version_keeps_its_derived_correlation_id()
    {
        await using var bench = await ProcessTestHarness.Start(Reserving);
        NewEvent[] begun =
        [
            Told(
                ProcessEvents.Started,
                new ProcessNote
                {
                    Version = 1,
                    Outline = ["reserve", "pay"],
                    Event = "agreed",
                    Position = 1,
                }
            ),
            Told(ProcessEvents.StepBegun, new ProcessNote { Step = "reserve" }),
        ];
        await bench.Store.Append(ProcessNames.StreamOf("trade", "t"), ExpectedVersion.NoStream, begun);

        await bench.Work();

        Assert.Equal(["reserve", "pay"], await bench.Done());
        var conversations = (await ConversationsOf(bench, "t")).Distinct().ToList();
        Assert.Equal([null, CommandIds.Of("trade", "t")], conversations.Order());
    }

    private static void Reserving(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"))
        .Step("pay", id => new DoWork(id, "pay"));

    private static NewEvent Told(string type, ProcessNote note) =>
        NewEvent.FromBytes(type, JsonSerializer.SerializeToUtf8Bytes(note, ProcessJson.Default.ProcessNote));

    /// <summary>Returns the correlation ids of the events of an instance and of its commands.</summary>
    private static async Task<List<Guid?>> ConversationsOf(ProcessTestHarness bench, string id) =>
        [
            .. await bench
                .Store.ReadStream(ProcessNames.StreamOf("trade", id))
                .Select(one => one.CorrelationId)
                .ToListAsync(),
            .. await bench.Store.ReadStream(Trade.StreamOf(id)).Select(one => one.CorrelationId).ToListAsync(),
        ];
}
