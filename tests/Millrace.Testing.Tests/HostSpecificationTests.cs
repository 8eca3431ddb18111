using Bakery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Storage;

namespace Millrace.Testing.Tests;

/// <summary>Tests given-when-then specifications of a complete application.</summary>
public sealed class HostSpecificationTests
{
    private static readonly MillId Mill = new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"));

    private static readonly EventFilter Heated = EventFilter.OfTypes("oven.heated");

    [Fact]
    public async Task A_command_after_given_events_is_specified_by_events_and_documents() => await Bakery()
        .Given<Oven>("left", new OvenHeated("left", 250))
        .When(new BakeBread("left", "rye"))
        .Then(new BreadBaked("left", "rye"))
        .ThenIn<Oven>("left", new BreadBaked("left", "rye"))
        .ThenReadModel("rye", new Loaves("rye", 1))
        .ThenNoReadModel<string, Loaves>("wheat")
        .ThenToken(token => Assert.False(token.IsNone))
        .When(new BakeBread("left", "rye"))
        .When(new BakeBread("left", "wheat"))
        .Then(new BreadBaked("left", "wheat"))
        .ThenReadModel("rye", new Loaves("rye", 2), projection: "loaves");

    [Fact]
    public async Task A_refusal_is_expected_by_the_name_of_its_rule() => await Bakery()
        .Given<Oven>("left", new OvenHeated("left", 100))
        .When(new BakeBread("left", "rye"))
        .ThenRefused("oven-hot")
        .ThenNothing();

    [Fact]
    public async Task Another_error_is_expected_by_its_type() => await Bakery()
        .When(new BakeBread("nowhere", "rye"))
        .ThenThrew<AggregateNotFoundException>(error => Assert.Equal("oven-nowhere", error.Stream.Value))
        .ThenNothing();

    [Fact]
    public async Task Events_that_consumers_append_are_included() => await Bakery()
        .With(millrace => millrace.AddConsumer(provider => ConsumerDefinition.Each(
            "baker", Heated, async (heated, cancel) => await provider.GetRequiredService<EventStore>().Append(
                heated.Stream, ExpectedVersion.Any, [new BreadBaked("left", "rye")], cancel))))
        .When(new HeatOven("left", 250))
        .Then(new OvenHeated("left", 250), new BreadBaked("left", "rye"))
        .ThenReadModel("rye", new Loaves("rye", 1));

    [Fact]
    public async Task Services_of_handlers_are_replaced()
    {
        var gauge = new Gauge();
        await Bakery()
            .WithServices(services =>
                services.AddSingleton<IGauge>(_ => throw new InvalidOperationException("The real one.")))
            .WithServices(services => services.Replace(ServiceDescriptor.Singleton<IGauge>(gauge)))
            .With(millrace => millrace.AddConsumer(provider => ConsumerDefinition.Each("gauge", Heated, (heated, _) =>
            {
                provider.GetRequiredService<IGauge>().Show(((OvenHeated)heated.Data).Degrees);
                return ValueTask.CompletedTask;
            })))
            .When(new HeatOven("left", 180));

        Assert.Equal([180], gauge.Shown);
    }

    [Fact]
    public async Task A_temporary_failure_is_retried_without_real_waiting()
    {
        var attempts = 0;
        var times = new List<DateTimeOffset>();
        await Bakery()
            .StartingAt(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))
            .With(millrace =>
                millrace
                    .ConfigureConsumers(options =>
                        (options.RetryDelay, options.MaxRetryDelay) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)))
                    .AddConsumer(provider =>
                        ConsumerDefinition.Each(
                            "gauge",
                            Heated,
                            (_, _) =>
                            {
                                times.Add(provider.GetRequiredService<TimeProvider>().GetUtcNow());
                                return ++attempts < 4
                                    ? throw new TimeoutException("The gauge does not answer.")
                                    : ValueTask.CompletedTask;
                            }
                        )
                    )
            )
            .When(new HeatOven("left", 180))
            .Then(new OvenHeated("left", 180));

        Assert.Equal(4, attempts);
        Assert.True(
            times[^1] - times[0] > TimeSpan.FromMinutes(2),
            "The clock of the application advanced between the attempts.");
    }

    [Fact]
    public async Task A_dead_letter_is_expected_and_later_events_of_its_key_wait() => await Bakery()
        .Given<Oven>("left", new OvenHeated("left", 250))
        .When(new BakeBread("left", "brick"))
        .ThenDeadLetter("loaves@1", letter => Assert.Equal("A brick is no loaf.", letter.Message))
        .Then(new BreadBaked("left", "brick"))
        .When(new BakeBread("left", "rye"))
        .ThenReadModel("rye", new Loaves("rye", 1))
        .When(async (host, cancel) =>
        {
            var letter = Assert.Single(await host.DeadLetters.List(new DeadLetterQuery(), cancel));
            var note = new DeadLetterNote("ada", "a slip");
            await host.DeadLetters.Edit(letter.Id, """{"oven":"left","kind":"rye"}"""u8.ToArray(), note, cancel);
        })
        .ThenReadModel("rye", new Loaves("rye", 2))
        .ThenNothing();

    [Fact]
    public async Task Faults_of_the_storage_are_injected()
    {
        var commits = 0;
        await Bakery()
            .WithFaults(storage =>
                storage.BeforeCommit = (batch, _) =>
                    batch.Any(request => request.Documents.Count > 0) && ++commits < 3
                        ? throw new StorageException("The disk is not available.", StorageProblem.Unavailable)
                        : ValueTask.CompletedTask)
            .Given<Oven>("left", new OvenHeated("left", 250))
            .When(new BakeBread("left", "rye"))
            .ThenReadModel("rye", new Loaves("rye", 1));

        Assert.Equal(3, commits);
    }

    [Fact]
    public async Task Time_advances_only_when_the_specification_advances_it() =>
        await Bakery()
            .StartingAt(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))
            .Given(new StreamId("mill-1"), new GrainGround(Mill, "rye", 1))
            .When(TimeSpan.FromDays(3))
            .ThenNothing()
            .When(
                (host, cancel) =>
                    host.Store.Append(
                        new StreamId("mill-1"),
                        ExpectedVersion.Any,
                        [new GrainGroundV1(Mill, "rye", 4)],
                        cancel))
            .ThenReadModel("rye", new Ground("rye", 3, new DateOnly(2026, 3, 4)));

    [Fact]
    public async Task Events_can_be_given_in_their_old_stored_form() => await Bakery()
        .GivenStored(new StreamId("mill-1"), "grain.ground", 1, $$"""{"mill":"{{Mill}}","grain":"rye","pounds":100}""")
        .ThenReadModel("rye", new Ground("rye", 50, new DateOnly(2024, 1, 1)));

    [Fact]
    public async Task Several_specifications_run_in_sequence_on_one_host()
    {
        await using var host = await MillraceTestHost.Start(
            millrace => millrace.AddModel<BakeryModel>(), time: new ManualTimeProvider());

        await host.Specify().Given<Oven>("left", new OvenHeated("left", 250)).When(new BakeBread("left", "rye"))
            .ThenResult(default(Nothing));
        await host.Specify().When(new BakeBread("left", "rye")).ThenReadModel("rye", new Loaves("rye", 2));

        Assert.Throws<InvalidOperationException>(() => host.Specify().StartingAt(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task A_dead_letter_of_one_step_does_not_satisfy_the_next_step()
    {
        HostSpecification Heat() =>
            Bakery()
                .With(millrace =>
                    millrace.AddConsumer("gauge", Heated, (_, _) => throw new NotSupportedException("It burns.")))
                .When(
                    async (host, cancel) =>
                    {
                        await host.Store.Append(
                            new StreamId("oven-left"),
                            ExpectedVersion.Any,
                            [new OvenHeated("left", 250)],
                            cancel);
                        await host.Store.Append(
                            new StreamId("oven-right"),
                            ExpectedVersion.Any,
                            [new OvenHeated("right", 250)],
                            cancel);
                    }
                );

        await Heat()
            .ThenDeadLetter("gauge")
            .ThenDeadLetter("gauge")
            .When(new BakeBread("left", "rye"))
            .Then(new BreadBaked("left", "rye"));
        foreach (var wrong in new[]
            {
                Heat().ThenDeadLetter("gauge").When(new BakeBread("left", "rye")).ThenDeadLetter("gauge"),
                Heat()
                    .ThenDeadLetter("gauge")
                    .Given(new StreamId("mill-1"), new DustSettled(Mill))
                    .ThenDeadLetter("gauge"),
            }
        )
        {
            var failure = await Assert.ThrowsAsync<SpecificationException>(() => wrong.Run());
            Assert.StartsWith(
                "'gauge' could not handle the event at position 2", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_dead_letter_that_is_parked_again_after_a_retry_is_a_new_failure()
    {
        var attempts = 0;
        HostSpecification TriedAgain() => Bakery()
            .Given<Oven>("left", new OvenHeated("left", 250))
            .When(new BakeBread("left", "brick"))
            .ThenDeadLetter("loaves@1", letter => attempts = letter.Attempts)
            .When(async (host, cancel) =>
            {
                var letter = Assert.Single(await host.DeadLetters.List(new DeadLetterQuery(), cancel));
                await host.DeadLetters.Retry(letter.Id, new DeadLetterNote("ada", "once more"), cancel);
            });

        var failure = await Assert.ThrowsAsync<SpecificationException>(() => TriedAgain().Run());
        Assert.StartsWith(
            "'loaves@1' could not handle the event at position 2", failure.Message, StringComparison.Ordinal);

        await TriedAgain().ThenDeadLetter("loaves@1", letter => Assert.True(letter.Attempts > attempts));
        await TriedAgain()
            .ThenDeadLetter("loaves@1")
            .When(new BakeBread("left", "rye"))
            .ThenReadModel("rye", new Loaves("rye", 1));
    }

    [Fact]
    public async Task Timeouts_and_cancellations_of_the_application_are_ordinary_errors()
    {
        await Bakery()
            .When((_, _) => throw new TimeoutException("The bank does not answer."))
            .ThenThrew<TimeoutException>(error => Assert.Equal("The bank does not answer.", error.Message))
            .When((_, _) => throw new OperationCanceledException("The customer went away."))
            .ThenThrew<OperationCanceledException>();

        var failure = await Assert.ThrowsAsync<SpecificationException>(
            () => Bakery().When((_, _) => throw new TimeoutException("The bank does not answer.")).Run());
        Assert.StartsWith(
            "Expected success, but TimeoutException was thrown: The bank does not answer.",
            failure.Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() =>
            Bakery()
                .WithTimeout(TimeSpan.FromMilliseconds(500))
                .When((_, cancel) => Task.Delay(Timeout.Infinite, cancel))
                .ThenThrew<TimeoutException>()
                .Run());
        using var stopped = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Bakery()
            .When((_, cancel) => stopped.CancelAsync()).When((_, cancel) => Task.Delay(Timeout.Infinite, cancel))
            .ThenThrew<OperationCanceledException>().Run(stopped.Token));
    }

    private static HostSpecification Bakery() => Specification.ForHost<BakeryModel>();

    private interface IGauge
    {
        void Show(int degrees);
    }

    private sealed class Gauge : IGauge
    {
        public List<int> Shown { get; } = [];

        public void Show(int degrees) => Shown.Add(degrees);
    }
}
