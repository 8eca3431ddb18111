using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>What becomes of dead letters after an operator has decided.</summary>
public sealed class DeadLetterOutcomeTests
{
    private const string Cargo = "cargo@1";
    private static readonly DeadLetterNote Note = new("ada", "because");

    [Fact]
    public async Task What_is_retried_or_passed_over_stays_as_the_log_holds_it()
    {
        var gate = new Gate();
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new CorrectedCargoProjection(gate))));
        await node.Append("ada", new Loaded("ada", -1));
        await node.Append("bea", new Loaded("bea", -1));
        await node.Append("cid", new Loaded("cid", -1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 3);
        gate.IsOpen = true;

        await node.DeadLetters.Retry(letters[0].Id, Note);
        await node.DeadLetters.Skip(letters[1].Id, Note);
        await node.DeadLetters.Discard(letters[2].Id, Note);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(
            [(DeadLetterState.Skipped, false), (DeadLetterState.Discarded, false)],
            (await node.Letters()).Select(letter => (letter.State, letter.EditedPayload is not null)));
        Assert.Equal(new Cargo("ada", -1, 1, 1), (await node.Cargo.Get("ada")).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replay_takes_nothing_for_passed_that_comes_again_after_a_reset(bool isEdit)
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", -1));
        await node.WaitForDeadLetters(found => found.Count == 1);
        await node.Rest(Cargo); // Nothing becomes of it yet.
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

        Assert.Equal((1, 0, 1), (replayed.Released, replayed.Passed, replayed.Failed));
        Assert.Equal(DeadLetterState.Parked, Assert.Single(await node.Letters()).State);
    }

    [Fact]
    public async Task Whoever_decided_can_wait_until_what_waited_behind_is_done_as_well()
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
