using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Millrace.Consuming.Partitions;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests of dead letters of partitioned consumers, and of consumers that cannot be partitioned.</summary>
public sealed class PartitionDeadLetterTests
{
    private const string Cargo = "cargo@1";

    [Fact]
    public async Task A_failing_event_blocks_its_key_in_its_partition_until_a_decision()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        for (var i = 0; i < 2; i++)
            await nodes.StartCargo(4);
        await nodes.WaitUntilShared(Cargo, 4);

        await nodes[0].Append("s3", new Loaded("s3", -1));
        var token = await PartitionTests.LoadShips(nodes[0], ships: 12, rounds: 2);
        var letters = await nodes[0]
            .WaitForDeadLetters(all => all.Count == 3 && all[0].State == DeadLetterState.Parked);
        var others = await nodes[1].Cargo.Query(new ReadQuery { Limit = 100 }, token);
        var partition = PartitionKeys.All(4).Single(share => share.Owns("s3")).Partition;

        Assert.Equal(11, others.Items.Count);
        Assert.All(letters, letter => Assert.Equal(("s3", partition), (letter.Key, letter.Partition)));
        Assert.Equal(3, (await nodes[1].Consumers.Get(Cargo)).OpenDeadLetters);
        await nodes[1].Decide(letters[0], DeadLetterDecision.Skip);
        await nodes[0].WaitForDeadLetters(all => all.All(letter => !letter.IsOpen));
        Assert.Equal(2, (await nodes[1].Cargo.Get("s3", token)).Value!.Changes);
    }

    [Fact]
    public async Task An_event_with_an_unknown_key_blocks_its_stream_in_every_partition_and_is_folded_once_in_each()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        var fix = new ErrorFix();
        var definition = Harbour.Cargo(create: () => new UnknownKeyCargoProjection(fix));
        for (var i = 0; i < 2; i++)
            await nodes.Start(host => TestNode.Add(host, definition), ("cargo", 3));
        await nodes.WaitUntilShared(Cargo, 3);

        await nodes[0].Append("ada", new Loaded("bob", 5), new Loaded("ada", 1), new Loaded("ada", 1));
        await nodes[0].Append("cyd", new Loaded("cyd", 1));
        var parked = await nodes[0]
            .WaitForDeadLetters(all => all.Count(letter => letter.State == DeadLetterState.Parked) == 3);
        fix.IsApplied = true;
        foreach (var letter in parked.Where(letter => letter.State == DeadLetterState.Parked))
            await nodes[1].Decide(letter, DeadLetterDecision.Retry);
        await nodes[0].WaitForDeadLetters(all => all.Count == 0);

        Assert.Equal(
            [0, 1, 2],
            parked.Where(letter => letter.State == DeadLetterState.Parked).Select(letter => letter.Partition).Order());
        Assert.Equal(5, (await nodes[0].Cargo.Get("bob")).Value!.Crates);
        Assert.Equal((2, 2), (await nodes[1].Cargo.Get("ada")).Value is { } ada ? (ada.Crates, ada.Changes) : default);
        Assert.Empty(
            (await new Projections(nodes[0].Host, [definition]).Check(Cargo, TestNode.WaitTimeout)).Differences);
    }

    [Fact]
    public async Task A_dead_letter_of_one_partition_shows_only_its_own_blocked_events()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.Start(
            host => TestNode.Add(host, Harbour.Cargo(create: () => new UnknownKeyCargoProjection(new ErrorFix()))),
            ("cargo", 4));
        await nodes.WaitUntilShared(Cargo, 4);
        var partition = PartitionKeys.All(4).Single(share => share.Owns("ada")).Partition;

        await nodes[0].Append("ada", new Loaded("bob", 5), new Loaded("ada", 1), new Loaded("ada", 1));
        var letters = await nodes[0].WaitForDeadLetters(all => all.Count == 6);
        var shown = new List<DeadLetterView>();
        foreach (var parked in letters.Where(letter => letter.State == DeadLetterState.Parked))
            shown.Add(await nodes[0].DeadLetters.Show(parked.Id));
        var last = letters.Where(letter => letter.State == DeadLetterState.Waiting).MaxBy(letter => letter.Position)!;
        var refused = await Assert.ThrowsAsync<DeadLetterRefusedException>(
            () => nodes[0].DeadLetters.Retry(last.Id, new DeadLetterNote("ada")));

        Assert.Equal(4, shown.Count);
        Assert.All(shown, view => Assert.Equal(view.DeadLetter.Partition == partition ? 2 : 0, view.WaitingCount));
        var head = shown.Single(view => view.DeadLetter.Partition == partition).DeadLetter;
        Assert.Equal((partition, head.Id), (last.Partition, (await nodes[0].DeadLetters.Show(last.Id)).BlockedBy?.Id));
        Assert.Contains($"waits for dead letter {head.Id}.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_correction_cannot_move_an_event_to_another_partition()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.StartCargo(16);
        await nodes.WaitUntilShared(Cargo, 16);
        var partition = PartitionKeys.All(16).Single(share => share.Owns("bad"));
        var near = Enumerable.Range(0, 1_000).Select(number => $"n{number}").First(key => partition.Owns(key));
        var far = Enumerable.Range(0, 1_000).Select(number => $"f{number}").First(key => !partition.Owns(key));
        await nodes[0].Append("x", new Loaded("bad", -1));
        var letter = (
            await nodes[0].WaitForDeadLetters(all => all.Any(item => item.State == DeadLetterState.Parked))
        )[0];

        await nodes[0].Decide(letter, DeadLetterDecision.Retry, Payload(far));
        var refused = await nodes[0]
            .WaitForDeadLetters(all => all[0].State == DeadLetterState.Parked && all[0].Revision > letter.Revision + 1);
        await nodes[0].Decide(refused[0], DeadLetterDecision.Retry, Payload(near));
        await nodes[0].WaitForDeadLetters(all => all[0].State == DeadLetterState.Corrected);

        Assert.Contains($"to the key '{far}', which belongs to another partition of 'cargo@1'", refused[0].Message);
        Assert.Equal(7, (await nodes[0].Cargo.Get(near)).Value!.Crates);
        Assert.Null((await nodes[0].Cargo.Get(far)).Value);
    }

    [Fact]
    public async Task A_correction_to_another_key_applies_in_a_partitioned_rebuild()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.Start(PartitionedNodes.AddCargo);
        await nodes[0].Append("x", new Loaded("bad", -1));
        var letter = (
            await nodes[0].WaitForDeadLetters(all => all.Any(item => item.State == DeadLetterState.Parked))
        )[0];
        await nodes[0].Decide(letter, DeadLetterDecision.Retry, Payload("far"));
        await nodes[0].WaitForDeadLetters(all => all[0].State == DeadLetterState.Corrected);
        await nodes.StartCargo(16);
        await nodes.WaitUntilShared(Cargo, 16);

        await nodes[1].Projections.Rebuild(Cargo).WaitAsync(TestNode.WaitTimeout);

        Assert.Equal(7, (await nodes[0].Cargo.Get("far")).Value!.Crates);
        Assert.True((await nodes[0].Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    [Fact]
    public async Task Different_decisions_per_partition_apply_in_a_rebuild()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        var definition = Harbour.Cargo(create: () => new UnknownKeyCargoProjection(new ErrorFix()));
        await nodes.Start(host => TestNode.Add(host, definition), ("cargo", 4));
        await nodes.WaitUntilShared(Cargo, 4);
        var ships = PartitionKeys.All(4).Select(
            share => Enumerable.Range(0, 1_000).Select(number => $"n{number}").First(key => share.Owns(key))).ToArray();
        foreach (var ship in ships)
            await nodes[0].Append(ship, new Loaded("bob", 5), new Loaded(ship, 1));
        var letters = await nodes[0]
            .WaitForDeadLetters(all => all.Count(letter => letter.State == DeadLetterState.Parked) == 16);

        foreach (var letter in letters.Where(letter => letter.State == DeadLetterState.Parked))
        {
            var isOwn = letter.Stream == Harbour.StreamOf(ships[letter.Partition]);
            await nodes[0]
                .Decide(
                    letter,
                    isOwn ? DeadLetterDecision.Retry : DeadLetterDecision.Skip,
                    isOwn ? Payload(letter.Stream.Key) : null);
        }
        await nodes[0].WaitForDeadLetters(all => all.All(letter => !letter.IsOpen));
        var before = await Crates();
        await nodes[0].Projections.Rebuild(Cargo).WaitAsync(TestNode.WaitTimeout);

        Assert.Equal([8, 8, 8, 8], before);
        Assert.Equal(before, await Crates());
        Assert.Empty(
            (await new Projections(nodes[0].Host, [definition]).Check(Cargo, TestNode.WaitTimeout)).Differences);

        async Task<int[]> Crates()
        {
            var token = await nodes[0].Store.GetToken();
            var found = new List<int>();
            foreach (var ship in ships)
                found.Add((await nodes[0].Cargo.Get(ship, token)).Value!.Crates);
            return [.. found];
        }
    }

    [Fact]
    public async Task A_consumer_with_an_open_dead_letter_is_repartitioned_after_the_decision()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.Start(PartitionedNodes.AddCargo);
        await nodes[0].Append("s1", new Loaded("s1", -1));
        var letter = (
            await nodes[0].WaitForDeadLetters(all => all.Any(item => item.State == DeadLetterState.Parked))
        )[0];
        await nodes.StartCargo(2);
        var token = await PartitionTests.LoadShips(nodes[0], ships: 5, rounds: 1);
        await nodes[0].Cargo.Get("s2", token);
        Assert.Empty((await nodes[0].Consumers.Get(Cargo)).Partitions);

        await nodes[0].Decide(letter, DeadLetterDecision.Skip);

        await nodes.WaitUntilShared(Cargo, 2);
        Assert.True((await nodes[1].Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    [Theory]
    [InlineData("nobody", 2, "no consumer has that name. The consumers are: cargo@1, clerk, copies.")]
    [InlineData("copies", 2, "it cannot be divided. Handlers of single events and asynchronous projections can be")]
    public void A_consumer_that_cannot_be_partitioned_is_reported_at_the_start(
        string consumer, int partitions, string problem)
    {
        using var host = Build(options => options.Partitions[consumer] = partitions);

        var refused = Assert.Throws<PartitioningNotSupportedException>(host.Services.GetRequiredService<Consumers>);

        Assert.Equal(consumer, refused.Consumer);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void Numbers_of_partitions_have_limits(int partitions)
    {
        using var host = Build(options => options.Partitions["clerk"] = partitions);

        var refused = Assert.Throws<OptionsValidationException>(host.Services.GetRequiredService<Consumers>);

        Assert.Contains(
            $"Partitions:clerk: must be from 1 to 64, but is {partitions}.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_are_set_by_configuration()
    {
        var builder = Builder(static _ => { });
        builder.Configuration["Millrace:Consumers:Partitions:cargo"] = "3";
        builder.Configuration["Millrace:Consumers:Partitions:clerk"] = "2";
        using var host = builder.Build();
        await host.StartAsync();
        var consumers = host.Services.GetRequiredService<Consumers>();

        await Millrace.Testing.Eventually.Get(
            consumers, Cargo, status => status.Partitions.Count == 3, TestNode.WaitTimeout);
        await Millrace.Testing.Eventually.Get(
            consumers, "clerk", status => status.Partitions.Count == 2, TestNode.WaitTimeout);
        await host.StopAsync();
    }

    private static IHost Build(Action<ConsumerOptions> configure) => Builder(configure).Build();

    private static HostApplicationBuilder Builder(Action<ConsumerOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UseStorage(_ => new InMemoryStorage())
                .AddModel(model => Harbour.Register(model).Projection(Harbour.Cargo()))
                .AddConsumer("clerk", EventFilter.All, static (_, _) => ValueTask.CompletedTask)
                .AddConsumer(_ =>
                    ConsumerDefinition.Batch("copies", EventFilter.All, static (_, _) => ValueTask.CompletedTask))
                .ConfigureConsumers(configure);
        });
        return builder;
    }

    private static byte[] Payload(string ship) => Encoding.UTF8.GetBytes($$"""{"ship":"{{ship}}","crates":7}""");
}
