using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Events;
using Millrace.Testing;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Retention;

/// <summary>Tests that runs erase personal data before they remove events, and only data that has expired.</summary>
public sealed class RetentionErasureTests : IDisposable
{
    private const string Ada = """{"name":"Ada Lovelace-King"}""";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly PeopleKeys _keys = new();
    private readonly ManualClock _clock = new();
    private Action<string>? _afterStep;
    private Action<string>? _afterErasureStep;
    private bool _requiresSecondUser;

    public void Dispose() => _key.Dispose();

    [Theory]
    [StoreKinds]
    public async Task Expired_personal_data_is_erased_before_its_streams_are_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        using var host = await Run(shared);
        await Append(host, "person-1", "person.imported", Ada);
        await Expire(host);
        var retention = host.Services.GetRequiredService<RetentionService>();

        var tool = await ToolOf(shared);
        var plan = await retention.Plan();
        var run = await retention.Run("ann", "run-1");

        var kept = Assert.Single(Assert.Single(tool.Results).Kept);
        Assert.Equal(0, tool.Events);
        Assert.Equal(
            "may contain personal data that is not erased yet; only the application erases it", kept.Reason);
        foreach (var result in new[] { Assert.Single(plan.Results), Assert.Single(run.Results) })
        {
            Assert.Equal((1, 1), (result.ErasedSubjects, result.Events));
            Assert.Empty(result.Kept);
        }
        var erasure = Assert.Single(await host.Services.GetRequiredService<Erasures>().List());
        Assert.Equal(ErasureState.Confirmed, erasure.State);
        Assert.NotEmpty(erasure.KeyIds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_are_kept_while_the_data_of_a_person_is_not_erased(bool isBefore)
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        _requiresSecondUser = true;
        using var host = await Run(shared);
        await Append(host, "person-1", "person.imported", Ada);
        await Expire(host);
        var retention = host.Services.GetRequiredService<RetentionService>();

        if (isBefore)
            await retention.DeleteBefore("person", _clock.GetUtcNow(), "ann", ["people"]);
        else
            await retention.Run("ann", "run-1");

        var run = Assert.Single(await retention.List());
        Assert.Equal((0, 0), (run.Events, run.Results.Sum(result => result.ErasedSubjects)));
        var reasons = run.Results.SelectMany(result => result.Kept).Select(kept => kept.Reason).ToArray();
        Assert.Contains("contains personal data that is not erased yet", reasons);
        Assert.Equal(!isBefore, reasons.Contains("another user must approve its erasure"));
        Assert.Contains("Ada Lovelace-King", await PayloadOf(host, "person-1"), StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task A_person_with_data_that_was_appended_after_the_search_is_kept(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        using var host = await Run(shared);
        await Append(host, "person-1", "person.imported", Ada);
        await Append(host, "person-2", "person.imported", """{"name":"Bob Smith-Jones"}""");
        await Expire(host);
        _afterStep = step =>
        {
            if (step != "erasure-approved")
                return;
            _afterStep = null;
            Append(host, "person-1", "person.rated", """{"stars":5}""").GetAwaiter().GetResult();
        };

        var run = await host.Services.GetRequiredService<RetentionService>().Run("ann", "run-1");

        Assert.Null(_afterStep);
        var result = Assert.Single(run.Results);
        Assert.Equal(1, result.ErasedSubjects);
        Assert.Contains("has younger data, or data under another policy", result.Kept.Select(kept => kept.Reason));
        Assert.Contains("Ada Lovelace-King", await PayloadOf(host, "person-1"), StringComparison.Ordinal);
        Assert.Equal(
            [ErasureState.Confirmed, ErasureState.Refused],
            (await host.Services.GetRequiredService<Erasures>().List()).Select(erasure => erasure.State).Order()
                .Reverse());
    }

    [Fact]
    public async Task A_continued_run_does_not_erase_a_person_with_new_data()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        using var host = await Run(shared);
        await Append(host, "person-1", "person.imported", Ada);
        await Expire(host);
        _afterStep = step =>
        {
            if (step == "erasure-approved")
                throw new InvalidOperationException("The program ends.");
        };
        var retention = host.Services.GetRequiredService<RetentionService>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => retention.Run("ann", "run-1"));
        _afterStep = null;
        await Append(host, "person-1", "person.rated", """{"stars":5}""");
        var erasures = host.Services.GetRequiredService<Erasures>();

        Assert.Equal(0, await erasures.Resume());
        await retention.Resume();

        Assert.Contains("Ada Lovelace-King", await PayloadOf(host, "person-1"), StringComparison.Ordinal);
        Assert.Equal(ErasureState.Refused, Assert.Single(await erasures.List()).State);
        Assert.Equal(0, Assert.Single((await retention.Find("run-1"))!.Results).ErasedSubjects);
    }

    [Fact]
    public async Task An_erasure_that_left_data_is_reported_as_incomplete()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        using var host = await Run(shared);
        await Append(host, "person-1", "person.imported", Ada);
        await Expire(host);
        _afterErasureStep = step =>
        {
            if (step == ErasureEvents.CopiesRemoved)
                GivenCopy(host).GetAwaiter().GetResult();
        };

        var run = await host.Services.GetRequiredService<RetentionService>().Run("ann", "run-1");

        var erasure = Assert.Single(await host.Services.GetRequiredService<Erasures>().List());
        Assert.Equal(ErasureState.Incomplete, erasure.State);
        var result = Assert.Single(run.Results);
        Assert.Equal(0, result.ErasedSubjects);
        var kept = Assert.Single(result.Kept);
        Assert.Equal("its erasure is incomplete: the certificate lists remaining data", kept.Reason);
        Assert.Equal(["person-1"], kept.Examples);
    }

    [Fact]
    public async Task A_tool_without_keys_keeps_all_streams_while_there_is_a_legal_hold()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        using var host = await Run(shared, options => options.Category("visit").DeleteAfter());
        await Append(host, "visit-1", "visit.logged", """{"note":"Ada Lovelace-King called"}""");
        await host.Services.GetRequiredService<Erasures>().Hold("person-1", "lawsuit", "ben");
        await Expire(host);

        var tool = await ToolOf(shared);

        Assert.Equal(0, tool.Events);
        Assert.Equal("legal hold", Assert.Single(Assert.Single(tool.Results).Kept).Reason);
    }

    private static Task GivenCopy(IHost host) => RetentionSample.GivenDocument(
        host.Services.GetRequiredService<EventStore>(),
        "copies",
        "person-1",
        """{"person":"person-1","name":"Ada Lovelace-King"}""");

    private async Task<IHost> Run(SharedStore shared, Action<RetentionOptions>? configure = null)
    {
        configure ??= options => options.Category("person").ErasePersonalDataAfter(RetentionPeriod.Days(20))
            .DeleteAfter().EvenIfReadBy("people");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => shared.OpenWithNodeClock())
            .AddRetention(options =>
            {
                options.AfterStep = step => _afterStep?.Invoke(step);
                configure(options);
            })
            .AddModel(People.Register).ConfigureConsumers(TestNode.UseShortIntervals)
            .UseKeys(_ => _keys.Store, options => options.MasterKey = _keys.Master)
            .AddErasures(options =>
            {
                options.PrivateKeyPem = _key.ExportPkcs8PrivateKeyPem();
                options.SettleTime = TimeSpan.Zero;
                options.RequiresSecondUser = _requiresSecondUser;
                options.AfterStep = step => _afterErasureStep?.Invoke(step);
            }));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Plans and runs the recorded policies as a tool does.</summary>
    private async Task<RetentionRun> ToolOf(SharedStore shared)
    {
        await using var store = await EventStore.Open(
            shared.OpenWithNodeClock(),
            EventTypeMap.Empty,
            new StoreOptions { ReadsWithoutKeys = true },
            _clock);
        var tool = RetentionService.Of(store);
        await Eventually.Get(() => tool.ListPolicies(), policies => policies.Count == 1);
        Assert.Equal(0, (await tool.Plan()).Events);
        return await tool.Run("tool", "run-tool");
    }

    private Task<AppendResult> Append(IHost host, string stream, string type, string json) =>
        host.Services.GetRequiredService<EventStore>().Append(
            new AppendRequest { RecordedAt = _clock.GetUtcNow() }.To(
                new StreamId(stream), ExpectedVersion.Any, NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))));

    /// <summary>Lets all data expire, and waits until the read model has read it.</summary>
    private Task Expire(IHost host)
    {
        _clock.Advance(TimeSpan.FromDays(40));
        return RetentionSample.SettlePeople(host.Services.GetRequiredService<EventStore>(), _clock);
    }

    private static async Task<string> PayloadOf(IHost host, string stream)
    {
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>().ReadStream(new StreamId(stream)))
            return Encoding.UTF8.GetString(recorded.Payload.Span);
        return "";
    }
}
