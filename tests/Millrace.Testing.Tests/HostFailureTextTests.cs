using Bakery;
using Millrace.Storage;

namespace Millrace.Testing.Tests;

/// <summary>Tests the messages of failing host specifications.</summary>
public sealed class HostFailureTextTests
{
    private const int MaxSeconds = 60;

    private static readonly EventFilter Heated = EventFilter.OfTypes("oven.heated");

    [Fact]
    public Task Different_events_are_shown_with_the_earlier_steps() => AssertMessage(
        """
        Expected 1 event, but 1 differs.

        So far
            Given in 'oven-left': OvenHeated {"oven":"left","degrees":250}
            When BakeBread {"oven":"left","kind":"rye"}

        Then (- expected, + actual)
          ~ 1. BreadBaked
               - kind: "wheat"
               + kind: "rye"
        """,
        Baked().Then(new BreadBaked("left", "wheat")));

    [Fact]
    public Task A_different_document_is_shown_with_its_differences() => AssertMessage(
        """
        The document 'rye' of 'loaves' is not as expected.

        So far
            Given in 'oven-left': OvenHeated {"oven":"left","degrees":250}
            When BakeBread {"oven":"left","kind":"rye"}

        Document (- expected, + actual)
            - count: 2
            + count: 1
        """,
        Baked().ThenReadModel("rye", new Loaves("rye", 2)));

    [Fact]
    public async Task Missing_and_unexpected_results_are_reported()
    {
        await AssertStartsWith(
            "There is no document 'oats' of 'loaves'.", Baked().ThenReadModel("oats", new Loaves("oats", 1)));
        await AssertStartsWith(
            "Expected no document 'rye' of 'loaves'.", Baked().ThenNoReadModel<string, Loaves>("rye"));
        await AssertStartsWith("Expected a refusal by 'oven-hot', but 'BakeBread", Baked().ThenRefused("oven-hot"));
        await AssertStartsWith(
            "Expected FormatException to be thrown, but 'BakeBread", Baked().ThenThrew<FormatException>());
        await AssertStartsWith(
            "Expected a dead letter of 'loaves@1', but nothing was parked.", Baked().ThenDeadLetter("loaves@1"));
        await AssertStartsWith(
            "The host has no projection of String by Int32.", Baked().ThenReadModel(1, "no document"));
        await AssertStartsWith(
            "Expected a result, but no command was sent.", Specification.ForHost<BakeryModel>().ThenResult(1));
        await AssertStartsWith(
            "Expected a token, but no command was sent.", Specification.ForHost<BakeryModel>().ThenToken(_ => { }));
    }

    [Fact]
    public async Task An_unexpected_failure_is_reported_at_the_end_of_the_run_at_the_latest()
    {
        var cold = Specification.ForHost<BakeryModel>().Given<Oven>("left", new OvenHeated("left", 20));
        await AssertStartsWith(
            "Expected success, but 'oven-hot' refused: The oven is too cold for bread.",
            cold.When(new BakeBread("left", "rye")));
        var brick = Specification.ForHost<BakeryModel>().Given<Oven>("left", new OvenHeated("left", 250));
        await AssertStartsWith(
            "'loaves@1' could not handle the event at position 2, 'bread.baked' in 'oven-left': "
                + "System.InvalidOperationException: A brick",
            brick.When(new BakeBread("left", "brick")).Then(new BreadBaked("left", "brick")));
    }

    [Fact]
    public async Task A_consumer_that_does_not_finish_is_reported_with_its_current_work()
    {
        // Each round allows more time, until the other consumers finish in time.
        for (var seconds = 2; ; seconds *= 2)
        {
            var slow = Specification
                .ForHost<BakeryModel>()
                .WithTimeout(TimeSpan.FromSeconds(seconds))
                .With(millrace =>
                    millrace.AddConsumer("dreamer", Heated, (_, cancel) => new(Task.Delay(Timeout.Infinite, cancel))))
                .When(new HeatOven("left", 250))
                .ThenNothing();

            var text = (await Assert.ThrowsAsync<TimeoutException>(() => slow.Run())).Message;

            string[] expectedParts =
            [
                $"Not everything settled within {seconds} s.",
                "'dreamer' at position 0: works on position 1, 'oven.heated' in 'oven-left', and has not ended",
                "'loaves@1' at position 1: done",
            ];
            if (seconds < MaxSeconds && !expectedParts.All(part => text.Contains(part, StringComparison.Ordinal)))
                continue;
            Assert.All(expectedParts, part => Assert.Contains(part, text, StringComparison.Ordinal));
            return;
        }
    }

    [Fact]
    public async Task A_stalled_consumer_is_reported_with_its_problem()
    {
        var unavailable = Specification
            .ForHost<BakeryModel>()
            .WithFaults(storage =>
                storage.BeforeCommit = (batch, _) =>
                    batch.Any(request => request.Documents.Count > 0)
                        ? throw new StorageException("The disk is not available.", StorageProblem.Unavailable)
                        : ValueTask.CompletedTask)
            .Given<Oven>("left", new OvenHeated("left", 250))
            .When(new BakeBread("left", "rye"))
            .ThenReadModel("rye", new Loaves("rye", 1));

        var text = (await Assert.ThrowsAsync<SpecificationException>(() => unavailable.Run())).Message;

        Assert.StartsWith("The consumer 'loaves@1' is stuck.", text, StringComparison.Ordinal);
        Assert.Contains("'loaves@1' at position 1: Stalled, tried again in", text, StringComparison.Ordinal);
        Assert.Contains("The disk is not available.", text, StringComparison.Ordinal);
    }

    private static HostSpecification Baked() => Specification.ForHost<BakeryModel>()
        .Given<Oven>("left", new OvenHeated("left", 250))
        .When(new BakeBread("left", "rye"));

    private static async Task AssertMessage(string expected, HostSpecification specification) =>
        Assert.Equal(
            expected.ReplaceLineEndings("\n"),
            (await Assert.ThrowsAsync<SpecificationException>(() => specification.Run())).Message);

    private static async Task AssertStartsWith(string expected, HostSpecification specification) =>
        Assert.StartsWith(
            expected,
            (await Assert.ThrowsAsync<SpecificationException>(() => specification.Run())).Message,
            StringComparison.Ordinal);
}
