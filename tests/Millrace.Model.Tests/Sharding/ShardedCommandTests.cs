using Millrace.Storage;

namespace Millrace.Model.Tests.Sharding;

/// <summary>Tests the services of an application whose streams are in several shards.</summary>
public sealed class ShardedCommandTests
{
    [Fact]
    public async Task Commands_and_reads_use_the_shard_of_the_stream()
    {
        using var bank = new ShardedBank();
        await using var host = await bank.Start("eu-1", "eu-2", "eu-3");

        var accounts = new List<Guid>();
        for (var i = 0; i < 30; i++)
            accounts.Add(await host.Open(i));

        for (var i = 0; i < accounts.Count; i++)
        {
            Assert.Equal(i, await host.BalanceOf(accounts[i]));
            Assert.Equal(
                [(await host.Shards().FindShard(ShardedBankExtensions.StreamOf(accounts[i]))).Value],
                await host.ShardsWith(accounts[i]));
        }
        Assert.All(
            await Task.WhenAll(Names("eu-1", "eu-2", "eu-3").Select(async shard =>
                await host.Shards().StoreOf(shard).Count(EventFilter.InStreams("account-")))),
            count => Assert.InRange(count, 1, 58));
    }

    [Fact]
    public async Task A_command_for_streams_of_two_shards_is_refused_and_writes_nothing()
    {
        using var bank = new ShardedBank();
        await using var host = await bank.Start("eu-1", "eu-2");
        var accounts = await host.OpenInEach(balance: 10, "eu-1", "eu-2");

        var refused = await Assert.ThrowsAsync<StreamsOnSeveralShardsException>(
            async () => await host.Commands.Send(new Transfer(accounts["eu-1"], accounts["eu-2"], 4)));

        Assert.Equal(["eu-1", "eu-2"], refused.Streams.Select(stream => stream.Shard.Value));
        Assert.Equal(
            [accounts["eu-1"], accounts["eu-2"]],
            refused.Streams.Select(stream => Guid.Parse(stream.Stream.Key)));
        Assert.Contains("process", refused.Message, StringComparison.Ordinal);
        Assert.Equal(10, await host.BalanceOf(accounts["eu-1"]));
        Assert.Equal(10, await host.BalanceOf(accounts["eu-2"]));
    }

    [Fact]
    public async Task A_command_for_two_streams_of_one_shard_is_handled()
    {
        using var bank = new ShardedBank();
        await using var host = await bank.Start("eu-1", "eu-2");
        var from = (await host.OpenInEach(balance: 10, "eu-2"))["eu-2"];
        Guid to;
        do
            to = await host.Open();
        while ((await host.ShardsWith(to))[0] != "eu-2");

        await host.Commands.Send(new Transfer(from, to, 4));

        Assert.Equal((6, 4), (await host.BalanceOf(from), await host.BalanceOf(to)));
    }

    [Fact]
    public async Task An_idempotency_key_returns_the_first_answer_with_its_token()
    {
        using var bank = new ShardedBank();
        await using var host = await bank.Start("eu-1", "eu-2");
        var account = (await host.OpenInEach(balance: 0, "eu-2"))["eu-2"];
        var options = new SendOptions { IdempotencyKey = "once" };

        var first = await host.Commands.Send(new Deposit(account, 5), options);
        var second = await host.Commands.Send(new Deposit(account, 5), options);

        Assert.False(first.WasRepeated);
        Assert.True(second.WasRepeated);
        Assert.Equal(first.Token, second.Token);
        Assert.Equal(5, await host.BalanceOf(account));
    }

    [Fact]
    public async Task Snapshots_are_written_and_read_in_the_shard_of_the_stream()
    {
        using var bank = new ShardedBank();
        await using var host = await bank.Start("eu-1", "eu-2");
        var account = (await host.OpenInEach(balance: 0, "eu-2"))["eu-2"];

        for (var i = 0; i < 25; i++)
            await host.Commands.Send(new Deposit(account, 1));

        var loaded = await host.Aggregates.Load<Account, Guid>(account);
        Assert.Equal(25, loaded.Balance);
        Assert.InRange(loaded.Evolved, 0, 10);
    }

    [Fact]
    public async Task What_needs_one_log_is_refused_and_what_can_be_combined_is_combined()
    {
        using var bank = new ShardedBank();
        await using var host = await bank.Start("eu-1", "eu-2");
        var accounts = await host.OpenInEach(balance: 1, "eu-1", "eu-2");
        var stream = ShardedBankExtensions.StreamOf(accounts["eu-1"]);

        await Assert.ThrowsAsync<NotAcrossShardsException>(async () =>
            await host.Store.ReadPage(new LogPageQuery(EventFilter.All, 1, IsBackwards: false, 1)));
        await Assert.ThrowsAsync<NotAcrossShardsException>(() => host.Store.Append(
            new AppendRequest().To(stream, ExpectedVersion.Any, new MoneyDeposited(1))
                .With(Claim.Acquire("email", "ada@example.org", "ada"))));
        await Assert.ThrowsAsync<NotAcrossShardsException>(() => host.Store.Append(
            new AppendRequest().To(stream, ExpectedVersion.Any, new MoneyDeposited(1))
                .OnlyIf(new AppendCondition(EventFilter.OfTypes("money.deposited"), 0))));

        var all = await host.Store.Count(EventFilter.InStreams("account-"));
        var streams = await host.Store.ListStreams("account-").ToListAsync();
        Assert.Equal(all, (await Task.WhenAll(Names("eu-1", "eu-2").Select(async shard =>
            await host.Shards().StoreOf(shard).Count(EventFilter.InStreams("account-"))))).Sum());
        var names = streams.Select(one => one.Stream.Value).ToArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Superset(
            accounts.Values.Select(ShardedBankExtensions.StreamOf).ToHashSet(),
            streams.Select(one => one.Stream).ToHashSet());
        var opened = (await host.Store.ReadStream(stream).ToListAsync())[0];
        Assert.Equal(stream, (await host.Store.Find(opened.Id))!.Stream);
    }

    [Fact]
    public async Task Features_that_need_one_log_are_refused_at_the_start()
    {
        using var bank = new ShardedBank();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            bank.Start(TimeSpan.FromMinutes(1), millrace => millrace.AddLogAudit(), "eu-1", "eu-2"));

        Assert.Contains("AddLogAudit", refused.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<ShardId> Names(params string[] names) => names.Select(name => new ShardId(name));
}
