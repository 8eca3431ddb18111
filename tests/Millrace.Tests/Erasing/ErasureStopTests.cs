using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that operators can stop erasures, and that a legal hold that is placed meanwhile wins.</summary>
public sealed class ErasureStopTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.
    private Func<IReadOnlyList<CommitRequest>, ValueTask>? _beforeCommit;

    private Erasures Erasures => _sample.Erasures;

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create(inner => new FaultInjectingStorage(inner)
        {
            BeforeCommit = (batch, _) => _beforeCommit?.Invoke(batch) ?? default,
        });
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_erasure_that_has_not_started_is_refused(bool isApproved)
    {
        await Erasures.Request(ErasureSample.RequestOf());
        if (isApproved)
            await Erasures.Approve("e1", "lawyer");

        var stopped = await Tool().Stop("e1", "ben", "requested by mistake");
        var carriedOut = await Erasures.CarryOut("e1");

        Assert.Equal((ErasureState.Refused, "requested by mistake"), (stopped.State, stopped.Refusal));
        Assert.Equal(("refused", "ben"), (stopped.Steps[^1].Name, stopped.Steps[^1].By));
        Assert.Equal(ErasureState.Refused, carriedOut.State);
        Assert.Contains(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("erasures.started", false)]
    [InlineData("keys-gone", true)]
    [InlineData("erasures.keys-destroyed", true)]
    [InlineData("erasures.copies-removed", true)]
    [InlineData("erasures.verified", true)]
    public async Task A_started_erasure_that_was_stopped_is_not_continued(string step, bool isErased)
    {
        await Interrupt(step);

        var stopped = await Erasures.Stop("e1", "ben", "key store lost");
        var again = await Erasures.Stop("e1", "eve", "repeated");
        var resumed = await Erasures.Resume();

        Assert.Equal((ErasureState.Stopped, "key store lost"), (stopped.State, stopped.StopReason));
        Assert.Equal(("stopped", "ben"), (stopped.Steps[^1].Name, stopped.Steps[^1].By));
        Assert.Equal(isErased, stopped.Steps.Any(done => done.Name == "keys-destroyed"));
        Assert.Equal(isErased, stopped.KeyIds.Count > 0);
        Assert.Null(stopped.Certificate);
        Assert.Equal(stopped.Steps.Count, again.Steps.Count);
        Assert.Equal(0, resumed);
        Assert.Equal(ErasureState.Stopped, (await Erasures.CarryOut("e1")).State);
        Assert.Equal(
            !isErased,
            (await _sample.Payloads(ErasureSample.Ada))[0].Contains(ErasureSample.Email, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("erasures.started")]
    [InlineData("erasures.copies-removed")]
    public async Task Another_request_erases_what_a_stopped_erasure_left(string step)
    {
        await _sample.GivenCopies();
        await Interrupt(step);
        await Erasures.Stop("e1", "ben", "key store lost");

        var info = await _sample.Erase("e2");

        Assert.True(info.IsFinal);
        Assert.NotNull(info.Certificate);
        Assert.Equal(step == "erasures.started" ? ErasureState.Confirmed : ErasureState.Incomplete, info.State);
        Assert.DoesNotContain(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_legal_hold_can_be_placed_after_a_started_erasure_was_stopped()
    {
        await Interrupt("erasures.started");
        await Assert.ThrowsAsync<ErasureRefusedException>(() => Erasures.Hold(ErasureSample.Ada, "lawsuit", "ann"));

        await Erasures.Stop("e1", "ben", "lawsuit");
        await Erasures.Hold(ErasureSample.Ada, "lawsuit", "ann");

        Assert.Equal(ErasureState.Refused, (await Erasures.Request(ErasureSample.RequestOf("e2"))).State);
        Assert.Contains(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_started_erasure_is_not_stopped_while_a_node_carries_it_out()
    {
        Exception? refused = null;
        _sample.Options.AfterStep = step =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            if (step == "erasures.keys-destroyed")
                refused = Record.ExceptionAsync(() => Tool().Stop("e1", "ben", "impatient", limit.Token))
                    .GetAwaiter().GetResult();
        };

        var info = await _sample.Erase();

        Assert.IsAssignableFrom<OperationCanceledException>(refused);
        Assert.Equal(ErasureState.Confirmed, info.State);
    }

    [Fact]
    public async Task Only_an_erasure_that_exists_and_has_no_certificate_can_be_stopped()
    {
        await _sample.Erase();

        await Assert.ThrowsAsync<ErasureRefusedException>(() => Erasures.Stop("e1", "ben", "late"));
        await Assert.ThrowsAsync<ErasureNotFoundException>(() => Erasures.Stop("e2", "ben", "none"));
        await Assert.ThrowsAsync<ArgumentException>(() => Erasures.Stop("e1", "ben", ""));

        Assert.Equal(ErasureState.Confirmed, (await Erasures.Find("e1"))!.State);
    }

    [Fact]
    public async Task A_legal_hold_that_is_placed_while_an_erasure_starts_wins()
    {
        await Erasures.Request(ErasureSample.RequestOf());
        await Erasures.Approve("e1", "lawyer");
        var other = await _sample.Sample.Open();
        var isPlaced = false;
        _beforeCommit = async batch =>
        {
            if (isPlaced || !batch.Any(IsStart))
                return;
            isPlaced = true; // The erasure has read the holds, and its start is about to be committed.
            await Tool(other).Hold(ErasureSample.Ada, "lawsuit", "ben");
        };

        var info = await Erasures.CarryOut("e1");

        Assert.True(isPlaced);
        Assert.Equal(ErasureState.Refused, info.State);
        Assert.DoesNotContain("started", info.Steps.Select(step => step.Name));
        Assert.Contains(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_legal_hold_is_refused_if_an_erasure_starts_while_it_is_placed()
    {
        await Erasures.Request(ErasureSample.RequestOf());
        await Erasures.Approve("e1", "lawyer");
        var other = await _sample.Sample.Open(); // A store commits one batch at a time.
        var isStarted = false;
        _beforeCommit = async batch =>
        {
            if (isStarted || !batch.Any(request =>
                request.Appends.Any(append => append.Stream.Value == "$erasure-holds")))
                return;
            isStarted = true;
            await Interrupt("erasures.started");
        };

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(
            () => Tool(other).Hold(ErasureSample.Ada, "lawsuit", "ben"));

        Assert.Contains("has already started", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await Erasures.ListHolds());
    }

    private static bool IsStart(CommitRequest request) =>
        request.Conditions.Count > 0 && request.Appends.Any(append => append.Stream.Value == "$erasure-e1");

    /// <summary>Requests an erasure and ends its execution after a step.</summary>
    private async Task Interrupt(string step)
    {
        _sample.Options.AfterStep = done =>
        {
            if (done == step)
                throw new InvalidOperationException("The program ends.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _sample.Erase());
        _sample.Options.AfterStep = null;
    }

    /// <summary>Returns the erasures as a tool without keys has them.</summary>
    private Erasures Tool(EventStore? store = null) => Millrace.Erasures.Of(store ?? _sample.Store);
}
