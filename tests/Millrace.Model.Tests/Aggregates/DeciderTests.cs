namespace Millrace.Model.Tests.Aggregates;

public sealed class DeciderTests
{
    private static readonly StreamId Hall = new("hall-main");

    [Fact]
    public async Task A_decision_is_appended_and_returns_the_next_state()
    {
        await using var host = await BankHost.Start();

        var decision = await host.Store.Decide(
            Seats.Decider, Hall, state => Seats.Decide(new TakeSeats("main", 3), state));

        Assert.Equal(new Decision<Seats>(new Seats(7, 3), 3, decision.Appended), decision);
        Assert.Equal(3, decision.Appended!.Value.Version);
        Assert.Equal(decision with { Appended = null }, await host.Store.LoadState(Seats.Decider, Hall));
    }

    [Fact]
    public async Task Deciding_nothing_appends_nothing()
    {
        await using var host = await BankHost.Start();

        var decision = await host.Store.Decide(Seats.Decider, Hall, _ => []);

        Assert.Equal(new Decision<Seats>(new Seats(10, 0), 0, null), decision);
        Assert.Equal(0, await host.Store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Concurrent_decisions_never_take_more_seats_than_there_are()
    {
        await using var host = await BankHost.Start();
        var retry = new ConflictRetry(1_000, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));

        var takers = Enumerable
            .Range(0, 16)
            .Select(_ =>
                Task.Run(async () =>
                {
                    try
                    {
                        await host.Store.Decide(
                            Seats.Decider, Hall, state => Seats.Decide(new TakeSeats("main", 2), state), retry);
                        return true;
                    }
                    catch (InvariantViolatedException)
                    {
                        return false;
                    }
                })
            );
        var taken = await Task.WhenAll(takers);

        Assert.Equal(5, taken.Count(isTaken => isTaken));
        Assert.Equal(new Seats(0, 10), (await host.Store.LoadState(Seats.Decider, Hall)).State);
    }

    [Fact]
    public async Task A_conflict_after_the_last_retry_is_thrown()
    {
        await using var host = await BankHost.Start();

        var refused = await Assert.ThrowsAsync<VersionConflictException>(() => host.Store.Decide(
            Seats.Decider,
            Hall,
            state =>
            {
                host.Store.Append(Hall, ExpectedVersion.Any, [new SeatTaken(99)]).GetAwaiter().GetResult();
                return [new SeatTaken(state.Taken + 1)];
            },
            ConflictRetry.None));

        Assert.Equal(Hall, refused.Stream);
    }

    [Fact]
    public async Task A_command_can_be_handled_by_a_decider()
    {
        await using var host = await BankHost.Start();

        await host.Commands.Send(new TakeSeats("main", 4));
        var result = await host.Commands.Send(new TakeSeats("main", 5));
        var refused = await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new TakeSeats("main", 2)));

        Assert.Equal(9, result.Version);
        Assert.Equal("seats-free", refused.Invariant);
        Assert.Equal(new Seats(1, 9), (await host.Store.LoadState(Seats.Decider, Hall)).State);
    }
}
