using System.Text.Json;
using Millrace.Commands;
using Millrace.Events;
using Millrace.ProcessManagers;

namespace Millrace.Tests.Processes;

/// <summary>
/// Tests that the steps of an instance share one correlation id, also when another node continues the instance.
/// </summary>
public sealed class ProcessConversationTests
{
    [Fact]
    public async Task All_steps_have_the_correlation_id_of_the_start_of_the_instance()
    {
        await using var harness = await ProcessTestHarness.Start(Reserving);

        await harness.Take(new Agreed("t", 4));
        await harness.Take(new Agreed("u", 4));
        await harness.Work("t");
        await harness.Work("u");

        var (first, second) = (await ConversationsOf(harness, "t"), await ConversationsOf(harness, "u"));
        Assert.NotEqual(Assert.Single(first.Distinct()), Assert.Single(second.Distinct()));
        // Four events of the instance (the start, the two steps and the end) and two events of the commands.
        Assert.Equal(6, first.Count);
        Assert.DoesNotContain(null, first.Concat(second));
    }

    [Fact]
    public async Task An_instance_from_an_earlier_version_keeps_its_derived_correlation_id()
    {
        await using var harness = await ProcessTestHarness.Start(Reserving);
        NewEvent[] begun =
        [
            Event(
                ProcessEvents.Started,
                new ProcessNote
                {
                    Version = 1,
                    Outline = ["reserve", "pay"],
                    Event = "agreed",
                    Position = 1,
                }
            ),
            Event(ProcessEvents.StepBegun, new ProcessNote { Step = "reserve" }),
        ];
        await harness.Store.Append(ProcessNames.StreamOf("trade", "t"), ExpectedVersion.NoStream, begun);

        await harness.Work();

        Assert.Equal(["reserve", "pay"], await harness.Effects());
        var conversations = (await ConversationsOf(harness, "t")).Distinct().ToList();
        Assert.Equal([null, CommandIds.Of("trade", "t")], conversations.Order());
    }

    private static void Reserving(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"))
        .Step("pay", id => new DoWork(id, "pay"));

    private static NewEvent Event(string type, ProcessNote note) =>
        NewEvent.FromBytes(type, JsonSerializer.SerializeToUtf8Bytes(note, ProcessJson.Default.ProcessNote));

    /// <summary>Returns the correlation ids of the events of an instance and of its commands.</summary>
    private static async Task<List<Guid?>> ConversationsOf(ProcessTestHarness harness, string id) =>
        [
            .. await harness
                .Store.ReadStream(ProcessNames.StreamOf("trade", id))
                .Select(recorded => recorded.CorrelationId)
                .ToListAsync(),
            .. await harness
                .Store.ReadStream(Trade.StreamOf(id))
                .Select(recorded => recorded.CorrelationId)
                .ToListAsync(),
        ];
}
