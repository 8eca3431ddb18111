namespace Millrace.Model.Tests.Aggregates;

/// <summary>
/// Tests aggregates whose ids are times. Each time has its own stream, and streams of earlier builds are still found.
/// </summary>
public sealed class KeyedAggregateTests
{
    private static readonly TimeOnly HalfPastNine = new(9, 30);

    private sealed class Slot : Aggregate<TimeOnly>
    {
        public long Taken { get; private set; }

        public void Take() => Raise(new MoneyDeposited(1));

        protected override void Evolve(object @event) => Taken++;
    }

    private sealed record TakeSlot(TimeOnly Slot) : ICommand;

    private sealed record TakeDay(DateOnly Day) : ICommand;

    [Fact]
    public async Task Two_times_of_one_minute_are_two_aggregates()
    {
        await using var host = await Start();

        await host.Commands.Send(new TakeSlot(HalfPastNine.Add(TimeSpan.FromSeconds(15))));
        await host.Commands.Send(new TakeSlot(HalfPastNine.Add(TimeSpan.FromSeconds(45))));

        Assert.Equal(1, (await host.Aggregates.Load<Slot, TimeOnly>(HalfPastNine.Add(TimeSpan.FromSeconds(45)))).Taken);
        await Assert.ThrowsAsync<AggregateNotFoundException>(async () =>
            await host.Aggregates.Load<Slot, TimeOnly>(HalfPastNine));
    }

    [Fact]
    public async Task A_stream_named_by_an_earlier_build_is_found_and_continued()
    {
        await using var host = await Start();
        await host.Store.Append(new StreamId("slot-09:30"), ExpectedVersion.NoStream, [new MoneyDeposited(1)]);

        var slot = await host.Aggregates.Load<Slot, TimeOnly>(HalfPastNine);
        slot.Take();
        await host.Aggregates.Save<Slot, TimeOnly>(slot);
        var refused = await Assert.ThrowsAsync<AggregateExistsException>(async () =>
            await host.Commands.Send(new TakeSlot(HalfPastNine)));
        await host.Commands.Send(new TakeSlot(HalfPastNine.Add(TimeSpan.FromSeconds(1))));

        Assert.Equal("slot-09:30", refused.Stream.Value);
        Assert.Equal(2, (await host.Aggregates.Load<Slot, TimeOnly>(HalfPastNine)).Taken);
        Assert.Empty(await host.Store.ReadStream(StreamId.For("slot", HalfPastNine)).ToListAsync());
    }

    [Fact]
    public async Task A_decider_continues_a_stream_named_by_an_earlier_build()
    {
        await using var host = await Start();
        await host.Store.Append(new StreamId("day-02/01/2026"), ExpectedVersion.NoStream, [new MoneyDeposited(1)]);

        await host.Commands.Send(new TakeDay(new DateOnly(2026, 2, 1)));
        await host.Commands.Send(new TakeDay(new DateOnly(2026, 1, 2)));

        Assert.Equal(2, (await host.Store.ReadStream(new StreamId("day-02/01/2026")).ToListAsync()).Count);
        Assert.Single(await host.Store.ReadStream(new StreamId("day-2026-01-02")).ToListAsync());
    }

    private static Task<BankHost> Start()
    {
        var days = new Decider<long>("day", static () => 0, static (count, _) => count + 1);
        return BankHost.Start(millrace =>
            millrace.AddModel(model =>
                model
                    .Aggregate(
                        new AggregateDefinition<Slot, TimeOnly>("slot", static () => new Slot())
                        {
                            ParseId = KeyText.Parse<TimeOnly>,
                        }
                    )
                    .Decider(days)
                    .Command(
                        new CommandDefinition<TakeSlot, Nothing>(
                            "take-slot",
                            static async (command, context, cancellationToken) =>
                            {
                                (await context.New<Slot, TimeOnly>(command.Slot, cancellationToken)).Take();
                                return default;
                            }
                        )
                    )
                    .Command(
                        new CommandDefinition<TakeDay, Nothing>(
                            "take-day",
                            async (command, context, cancellationToken) =>
                            {
                                await context.Decide(
                                    days, command.Day, static _ => [new MoneyDeposited(1)], cancellationToken);
                                return default;
                            }
                        )
                    )
            )
        );
    }
}
