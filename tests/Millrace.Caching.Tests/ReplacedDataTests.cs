using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests that changes of data without an event invalidate cached answers: rebuilds and removals.</summary>
public sealed class ReplacedDataTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IDisposable
{
    private readonly ShopFile _file = new();
    private readonly string _place = $"place {Guid.NewGuid():N}";

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Answers_from_a_collection_that_a_rebuild_replaced_are_not_used()
    {
        await using var node = await Node.Start(_file.Open());
        var moved = await node.Move("1", _place);
        await node.Ask(new GetParcel("1"), moved);
        Assert.Equal(AnswerSource.ProcessCache, (await node.Ask(new GetParcel("1"))).Source);

        await Rebuild(node);

        await Eventually.Get(
            () => node.Ask(new GetParcel("1")), answer => answer.Value?.Place == "corrected", Node.WaitTimeout);
        Assert.Equal("corrected", (await node.Ask(new GetParcel("1"), moved)).Value?.Place);
        Assert.Equal("corrected", (await node.AskUntilCached(new GetParcel("1"))).Value?.Place);
    }

    [RedisFact]
    public async Task A_shared_answer_from_a_replaced_collection_is_not_used()
    {
        await using var node = await Node.Start(
            _file.Open(), redis.Server.Address, options: all => all.KeyPrefix = "rebuilt:");
        var moved = await node.Move("1", _place);
        await node.Ask(new GetParcel("1"), moved);
        await Eventually.Get(() => redis.Server.AskAll("KEYS *rebuilt:*"), keys => keys.Count > 0);
        await Rebuild(node);

        await using var other = await Node.Start(
            _file.Open(), redis.Server.Address, options: all => all.KeyPrefix = "rebuilt:");
        var answer = await other.Ask(new GetParcel("1"), moved);

        Assert.Equal(("corrected", AnswerSource.Handler), (answer.Value?.Place, answer.Source));
    }

    [Fact]
    public async Task A_removal_invalidates_answers_that_were_read_from_streams()
    {
        await using var node = await Node.Start(_file.Open());
        await using var other = await Node.Start(_file.Open());
        await node.Move("1", "hall");
        await node.Ask(new GetParcel("1"), await node.Move("2", "hall"));
        foreach (var each in new[] { node, other })
        {
            await each.AskUntilCached(new GetLabel("1"));
            await each.AskUntilCached(new CountMoves("1"));
        }

        await node.Store.Delete(new StreamId("parcel-1"), ExpectedVersion.Any, "wrong");
        var label = await node.Ask(new GetLabel("1"));
        var moves = await node.Ask(new CountMoves("1"), await node.Store.GetToken());
        var document = await node.Ask(new GetParcel("1"));
        await Eventually.Get(() => other.Ask(new GetLabel("1")), answer => answer.Value is null);
        await Eventually.Get(() => other.Ask(new CountMoves("1")), answer => answer.Value.Parcels == 0);
        var cached = await node.AskUntilCached(new GetLabel("1"));

        Assert.Null(label.Value);
        Assert.Equal(0, moves.Value.Parcels);
        Assert.Equal(AnswerSource.ProcessCache, document.Source);
        Assert.Null(cached.Value);
    }

    [Fact]
    public async Task A_new_epoch_invalidates_all_answers()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));
        await node.AskUntilCached(new GetParcel("1"));

        await node.Store.Storage.Maintenance.StartEpoch(CancellationToken.None);
        var token = await node.Store.GetToken();
        var answer = await node.Ask(new GetParcel("1"), token);

        Assert.Equal(("hall", AnswerSource.Handler), (answer.Value?.Place, answer.Source));
        await Eventually.Get(
            () => node.Ask(new GetParcel("1")),
            cached => cached.Source == AnswerSource.ProcessCache && cached.Reflects == token,
            Node.WaitTimeout);
    }

    [RedisFact]
    public async Task A_shared_answer_from_before_a_removal_is_not_used()
    {
        await using var node = await Node.Start(
            _file.Open(), redis.Server.Address, options: all => all.KeyPrefix = "removed:");
        await node.Move("1", "hall");
        await node.AskUntilCached(new GetLabel("1"));
        await Eventually.Get(() => redis.Server.AskAll("KEYS *removed:*"), keys => keys.Count > 0);
        await node.Store.Delete(new StreamId("parcel-1"), ExpectedVersion.Any, "wrong");

        await using var other = await Node.Start(
            _file.Open(), redis.Server.Address, options: all => all.KeyPrefix = "removed:");
        var answer = await other.Ask(new GetLabel("1"));

        Assert.Equal((null, AnswerSource.Handler), (answer.Value, answer.Source));
    }

    /// <summary>Rebuilds the parcels with a corrected projection. The log does not change.</summary>
    private async Task Rebuild(Node node)
    {
        ParcelProjection.Corrections[_place] = "corrected";
        await node.Services.GetRequiredService<Projections>().RebuildBeside("parcels").WaitAsync(Node.WaitTimeout);
    }
}
