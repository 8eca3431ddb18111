using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of the outcome of dead letters after a decision.</summary>
public sealed class DeadLetterOutcomeTests
{
    private const string Cargo = "cargo@1";
    private static readonly DeadLetterNote Note = new("ada", "because");

    [Fact]
    public async Task A_retried_or_skipped_event_keeps_its_logged_payload()
    {
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new CorrectedCargoProjection(fix))));
        await node.Append("ada", new Loaded("ada", -1));
        await node.Append("bea", new Loaded("bea", -1));
        await node.Append("cid", new Loaded("cid", -1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 3);
        fix.IsApplied = true;

        await node.DeadLetters.Retry(letters[0].Id, Note);
        await node.DeadLetters.Skip(letters[1].Id, Note);
        await node.DeadLetters.Discard(letters[2].Id, Note);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(
            [(DeadLetterState.Skipped, false), (DeadLetterState.Discarded, false)],
            (await node.ListDeadLetters()).Select(letter => (letter.State, letter.EditedPayload is not null)));
        Assert.Equal(new Cargo("ada", -1, 1, 1), (await node.Cargo.Get("ada")).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replay_does_not_count_events_that_return_after_a_reset_as_passed(bool isEdit)
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", -1));
        await node.WaitForDeadLetters(found => found.Count == 1);
        await node.PauseAndWait(Cargo); // The released event gets no outcome while the consumer is paused.
        var fix = isEdit ? DeadLetterAction.Patch("""{"crates":-2}"""u8.ToArray()) : DeadLetterAction.Retry;

        var replay = node.DeadLetters.Replay(
            new DeadLetterQuery(),
            fix,
            Note,
            new DeadLetterReplayOptions { StopAtErrorShare = 0.5, OutcomeTimeout = TestNode.WaitTimeout }
        );
        await node.WaitForDeadLetters(found => found is [{ State: DeadLetterState.Released }]);
        await node.Consumers.Reset(Cargo);
        await node.Consumers.Resume(Cargo);
        var replayed = await replay;

        Assert.Equal((1, 0, 1), (replayed.Decided, replayed.Succeeded, replayed.Failed));
        Assert.Equal(DeadLetterState.Parked, Assert.Single(await node.ListDeadLetters()).State);
    }

    [Fact]
    public async Task The_operator_can_wait_for_the_blocked_events_as_well()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", -1), new Loaded("ada", 2), new Loaded("ada", 3));
        await node.Append("bea", new Loaded("bea", -1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 4);
        var ofAda = new DeadLetterQuery { Consumer = Cargo, Key = "ada" };

        Assert.False(await node.DeadLetters.WaitUntilDone(ofAda, TimeSpan.FromMilliseconds(1)));
        await node.DeadLetters.Skip(letters[0].Id, Note);
        Assert.True(await node.DeadLetters.WaitUntilDone(ofAda));

        Assert.Equal(new Cargo("ada", 5, 2, 3), (await node.Cargo.Get("ada")).Value);
        Assert.False(await node.DeadLetters.WaitUntilDone(new DeadLetterQuery { Consumer = Cargo }, TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            node.DeadLetters.WaitUntilDone(ofAda, TimeSpan.FromSeconds(-1)));
    }
}
