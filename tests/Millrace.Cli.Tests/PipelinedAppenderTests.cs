using Millrace.Cli.CloudEvents;
using Millrace.Storage.InMemory;

namespace Millrace.Cli.Tests;

/// <summary>Tests that imports into one store exclude each other, and that each writes only its first lines.</summary>
public sealed class PipelinedAppenderTests
{
    [Fact]
    public async Task An_import_whose_claim_was_taken_over_writes_no_more_lines_even_after_the_end_of_the_other()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        var first = new PipelinedAppender(store);
        var second = new PipelinedAppender(store);
        await first.Send([Request("a", 0)], default);

        var (done, _) = await second.Send([Request("b", 0)], default);
        var (whileOtherRuns, conflict) = await first.Send([Request("a", 1), Request("a", 2)], default);
        await second.End();
        await first.End();

        Assert.Single(done);
        Assert.Empty(whileOtherRuns);
        Assert.True(PipelinedAppender.IsChainConflict(conflict!)); // The claim was taken.
        Assert.Equal(1, (await store.GetStream(new StreamId("a")))!.Version);
        Assert.Null(await store.FindClaim("millrace-import", "turn"));
    }

    [Fact]
    public async Task A_rejected_line_rejects_the_later_lines_while_another_import_starts_and_ends()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        var first = new PipelinedAppender(store);
        var second = new PipelinedAppender(store);
        await first.Send([Request("a", 0)], default);

        var rejected = first.Send([Request("a", 7), Request("a", 1)], default);
        await second.Send([Request("b", 0)], default);
        await second.End();
        var (done, problem) = await rejected;
        await first.End();

        Assert.Empty(done);
        Assert.True(problem is VersionConflictException or ClaimTakenException, $"{problem}");
        Assert.Equal(1, (await store.GetStream(new StreamId("a")))!.Version);
    }

    [Fact]
    public async Task The_claims_are_free_after_the_end()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        var first = new PipelinedAppender(store);
        await first.Send([Request("a", 0), Request("a", 1)], default);
        await first.End();

        var (done, problem) = await new PipelinedAppender(store).Send([Request("a", 2)], default);

        Assert.Null(problem);
        Assert.Single(done);
    }

    private static AppendRequest Request(string stream, long version) => new AppendRequest().To(
        new StreamId(stream), ExpectedVersion.AsRead(version), StoreFile.Event("sale.made", "{}"));
}
