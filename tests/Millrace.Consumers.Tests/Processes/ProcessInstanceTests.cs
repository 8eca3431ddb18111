using System.Text.Json;
using Millrace.Events;
using Millrace.ProcessManagers;
using Millrace.Storage;

namespace Millrace.Tests.Processes;

/// <summary>Tests of instances that the event router hands over to the runner.</summary>
public sealed class ProcessInstanceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    // Each event changes another part of the instance.
    private static readonly (string Type, ProcessNote Note)[] Story =
    [
        (
            ProcessEvents.Started,
            new()
            {
                Version = 2,
                Outline = ["a", "b", "c", "d", "e", "f"],
                Event = "agreed",
                Position = 3,
            }
        ),
        (ProcessEvents.StepBegun, new() { Step = "a" }),
        (ProcessEvents.StepDone, new() { Step = "a" }),
        (ProcessEvents.Decided, new() { Step = "b", Branch = "then" }),
        (ProcessEvents.ReceivedEarly, new() { Event = "paid", Position = 5 }),
        (ProcessEvents.Awaiting, new() { Step = "c", Event = "arrived", Until = Now.AddDays(3) }),
        (ProcessEvents.Received, new() { Step = "c", Event = "arrived", Position = 7 }),
        (ProcessEvents.PassedNoReturn, new() { Step = "d" }),
        (ProcessEvents.StepBegun, new() { Step = "e" }),
        (
            ProcessEvents.AttemptFailed,
            new()
            {
                Step = "e",
                Attempt = 1,
                Reason = "It is away.",
                RetryAt = Now.AddHours(1),
            }
        ),
        (ProcessEvents.Held, new() { Reason = "Somebody has to look." }),
        (ProcessEvents.Resumed, new() { Step = "e", By = "ann" }),
        (ProcessEvents.StepBegun, new() { Step = "f" }),
        (ProcessEvents.Compensating, new() { Reason = "It is too late." }),
        (ProcessEvents.CompensationBegun, new() { Step = "f" }),
        (
            ProcessEvents.CompensationAttemptFailed,
            new()
            {
                Step = "f",
                Reason = "It is busy.",
                RetryAt = Now.AddHours(2),
            }
        ),
        (ProcessEvents.CancelRequested, new() { Reason = "Nobody wants it.", By = "bob" }),
        (ProcessEvents.Ignored, new() { Event = "arrived", Position = 9 }),
        (ProcessEvents.CompensationDone, new() { Step = "f" }),
        (ProcessEvents.Compensated, new() { Reason = "It is too late." }),
    ];

    [Fact]
    public void A_copy_of_an_instance_is_equal_in_each_state_and_independent()
    {
        var instance = new ProcessInstance("trade", "t");
        for (var i = 0; i < Story.Length; i++)
        {
            instance.ApplyStored(Story[i].Type, Story[i].Note, Now.AddMinutes(i), i + 1);
            var before = TextOf(instance);
            var copy = instance.Copy();

            Assert.Equal(before, TextOf(copy));
            foreach (var (type, note) in Story)
                copy.Apply(type, note with { Position = note.Position + 100 }, Now.AddDays(1));
            copy.NoteCommitted(Story.Length);
            Assert.Equal(before, TextOf(instance));
        }
        Assert.NotEqual(TextOf(CreateInstance("t", 1)), TextOf(instance)); // The text contains the complete state.
    }

    [Theory]
    [InlineData(ProcessEvents.Resumed, "b", 2)]
    [InlineData(ProcessEvents.Moved, "c", 2)]
    [InlineData(ProcessEvents.Moved, "a", 2)]
    public void A_step_that_an_operator_resumes_from_is_another_run_even_if_it_never_started(
        string type, string step, int run)
    {
        var instance = CreateInstance("t", 0);
        instance.ApplyStored(
            ProcessEvents.Started, new ProcessNote { Version = 1, Outline = ["a", "b", "c", "d"] }, Now, 1);
        instance.ApplyStored(ProcessEvents.StepBegun, new ProcessNote { Step = "a" }, Now, 2);
        instance.ApplyStored(ProcessEvents.Held, new ProcessNote { Reason = "Somebody has to look." }, Now, 3);

        instance.ApplyStored(type, new ProcessNote { Step = step, By = "ann" }, Now, 4);

        Assert.Equal(run, instance.StepOf(step).Run);
        Assert.Equal(1, instance.StepOf("d").Run);
    }

    [Fact]
    public void Steps_that_an_event_starts_equal_steps_started_by_separate_events()
    {
        var (together, apart) = (CreateInstance("t", 1), CreateInstance("t", 1));
        var done = new ProcessNote { Step = "a" };

        together.ApplyStored(ProcessEvents.StepDone, done.Beginning("e").Beginning("f"), Now, 2);
        apart.ApplyStored(ProcessEvents.StepDone, done, Now, 2);
        apart.ApplyStored(ProcessEvents.StepBegun, new ProcessNote { Step = "e" }, Now, 3);
        apart.ApplyStored(ProcessEvents.StepBegun, new ProcessNote { Step = "f" }, Now, 4);

        Assert.Equal((2, 4), (together.StreamVersion, apart.StreamVersion));
        together.NoteCommitted(2);
        Assert.Equal(TextOf(apart), TextOf(together));
    }

    [Fact]
    public void An_instance_is_handed_over_once_and_only_with_the_version_of_its_document()
    {
        var handoff = new InstanceHandoff();
        var (first, second, third) = (CreateInstance("1", 2), CreateInstance("2", 2), CreateInstance("3", 2));
        handoff.Keep(first, 7);
        handoff.Keep(second, 7);
        handoff.Keep(third, 0); // A version of zero means that the version is unknown.

        Assert.Same(first, handoff.Take(Document("1", 7)));
        Assert.Null(handoff.Take(Document("1", 7)));
        Assert.Null(handoff.Take(Document("2", 8)));
        Assert.Null(handoff.Take(Document("2", 7)));
        Assert.Null(handoff.Take(Document("3", 0)));
    }

    [Fact]
    public void Waiting_instances_are_not_cached_and_others_up_to_a_limit()
    {
        var handoff = new InstanceHandoff();
        handoff.Keep(CreateInstance("waits", 6), 7);
        for (var i = 0; i <= InstanceHandoff.MaxCount; i++)
            handoff.Keep(CreateInstance($"{i}", 2), 7);
        var newer = CreateInstance("0", 2);
        handoff.Keep(newer, 8);

        Assert.Null(handoff.Take(Document("waits", 7)));
        Assert.Same(newer, handoff.Take(Document("0", 8)));
        Assert.Null(handoff.Take(Document($"{InstanceHandoff.MaxCount}", 7)));
        handoff.Clear();
        Assert.Null(handoff.Take(Document("1", 7)));
    }

    private static ProcessInstance CreateInstance(string id, int events)
    {
        var instance = new ProcessInstance("trade", id);
        for (var i = 0; i < events; i++)
            instance.ApplyStored(Story[i].Type, Story[i].Note, Now, i + 1);
        return instance;
    }

    private static Document Document(string key, long version) => new(key, version, 1, ReadOnlyMemory<byte>.Empty);

    private static string TextOf(ProcessInstance instance) =>
        JsonSerializer.Serialize(instance)
        + string.Join(' ', Enumerable.Range(0, 200).Where(position => instance.HasSeen(position)));
}
