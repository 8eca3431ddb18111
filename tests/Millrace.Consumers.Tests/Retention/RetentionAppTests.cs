using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Retention;

/// <summary>Tests retention in running applications: the schedule, the erasure of personal data, and tenants.</summary>
public sealed class RetentionAppTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 28, 12, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly PeopleKeys _keys = new();
    private readonly ManualTimeProvider _time = new(Start);
    private readonly ManualClock _clock = new();

    public void Dispose() => _key.Dispose();

    [Theory]
    [StoreKinds]
    public async Task Personal_data_is_erased_when_all_events_of_the_person_have_expired(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await Run(shared, options =>
            options.Category("person").ErasePersonalDataAfter(RetentionPeriod.Years(3)), withPeople: true);
        await Append(app, "person-1", "person.imported", """{"name":"Ada Lovelace-King"}""");
        await Append(app, "person-2", "person.imported", """{"name":"Bob Smith-Jones"}""");
        await Append(app, "person-3", "person.imported", """{"name":"Cyd Charisse-Finklea"}""");
        _clock.Advance(TimeSpan.FromDays(1_200));
        await Append(app, "person-2", "person.rated", """{"stars":5}""");
        await app.Services.GetRequiredService<Erasures>().Hold("person-3", "lawsuit", "ben");
        var retention = app.Services.GetRequiredService<RetentionService>();

        var plan = await retention.Plan();
        var run = await retention.Run("ann", "run-1");
        var again = await retention.Run("ann", "run-2");

        Assert.Equal(1, Assert.Single(plan.Results).ErasedSubjects);
        var result = Assert.Single(run.Results);
        Assert.Equal((1, 0), (result.ErasedSubjects, result.Events));
        Assert.Equal(
            ["has younger data, or data under another policy: person-2", "legal hold: person-3"],
            result.Kept.Select(kept => $"{kept.Reason}: {kept.Examples[0]}"));
        Assert.Equal("""{"name":"[erased]"}""", await PayloadOf(app, "person-1"));
        Assert.Contains("Bob Smith-Jones", await PayloadOf(app, "person-2"), StringComparison.Ordinal);
        Assert.Contains("Cyd Charisse", await PayloadOf(app, "person-3"), StringComparison.Ordinal);
        var erasure = Assert.Single(await app.Services.GetRequiredService<Erasures>().List());
        Assert.True(erasure.Certificate!.IsSignedBy(_key.ExportSubjectPublicKeyInfoPem()));
        Assert.Equal(0, Assert.Single(again.Results).ErasedSubjects);
    }

    [Fact]
    public async Task A_run_that_ended_during_an_erasure_records_the_erasure_when_it_continues()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var isFirst = true;
        await using var app = await Run(shared, options =>
        {
            options.Category("person").ErasePersonalDataAfter(RetentionPeriod.Years(3));
            options.AfterStep = step =>
            {
                if (step == "erasure-ended" && isFirst)
                {
                    isFirst = false;
                    throw new InvalidOperationException("The program ends.");
                }
            };
        }, withPeople: true);
        await Append(app, "person-1", "person.imported", """{"name":"Ada Lovelace-King"}""");
        _clock.Advance(TimeSpan.FromDays(1_200));
        var retention = app.Services.GetRequiredService<RetentionService>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => retention.Run("ann", "run-1"));

        await retention.Resume();

        var run = await retention.Find("run-1");
        Assert.Equal(1, Assert.Single(run!.Results).ErasedSubjects);
        Assert.NotNull(run.EndedAt);
    }

    [Theory]
    [StoreKinds]
    public async Task A_legal_hold_keeps_other_streams_with_values_of_the_person(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await Run(shared, options =>
            options.Category("visit").DeleteAfter().EvenIfReadBy("people"), withPeople: true);
        await Append(app, "visit-1", "visit.made", """{"person":1,"text":"met Ada Lovelace-King"}""");
        await Append(app, "visit-2", "visit.made", """{"person":2,"text":"met Bob Smith-Jones"}""");
        _clock.Advance(TimeSpan.FromDays(100));
        await app.Services.GetRequiredService<Erasures>().Hold("person-1", "lawsuit", "ben");
        var retention = app.Services.GetRequiredService<RetentionService>();
        await RetentionSample.SettlePeople(app.Services.GetRequiredService<EventStore>(), _clock);

        var run = await retention.Run("ann", "run-1");

        var result = Assert.Single(run.Results);
        Assert.Equal(1, result.Streams);
        Assert.Equal(["visit-1"], Assert.Single(result.Kept).Examples);
        Assert.Equal("legal hold", result.Kept[0].Reason);
        // A tool without keys cannot find out to which person the values belong.
        var tool = await RetentionService.Of(app.Services.GetRequiredService<EventStore>()).ListPolicies();
        Assert.Equal(["category visit: delete after 30 days"], tool);
    }

    [Fact]
    public async Task One_of_several_nodes_runs_the_policies_at_the_scheduled_time()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await GivenCart(shared, 40);
        await using var first = await Run(shared, Nightly);
        await using var second = await Run(shared, Nightly);
        var retention = first.Services.GetRequiredService<RetentionService>();

        // Until the scheduled time. A later clock would end the lock of a run that is slow on a busy machine.
        for (var hour = 0; hour < 13; hour++)
            await Advance(TimeSpan.FromHours(1));

        // On 29 March, the clock in Berlin skips the hour from 2 to 3.
        var run = Assert.Single(await Eventually.Get(
            async () => await retention.List(), runs => runs.Any(one => one.EndedAt is not null)));
        Assert.Equal("scheduled-20260329-010000", run.Id);
        Assert.Equal(("schedule", 1L), (run.By, run.Streams));
    }

    [Fact]
    public async Task A_time_at_which_no_node_ran_is_made_up_for_at_the_next_start()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await GivenCart(shared, 29);
        await using (var first = await Run(shared, Nightly))
        {
            var service = first.Services.GetRequiredService<RetentionService>();
            await service.RunScheduled("scheduled-20260328-013000", default);
            await Assert.ThrowsAsync<InvalidNameException>(() => service.Run("ann", "scheduled-yesterday"));
        }
        _time.Advance(TimeSpan.FromDays(3));

        await using var second = await Run(shared, Nightly);

        var retention = second.Services.GetRequiredService<RetentionService>();
        var runs = await Eventually.Get(
            async () => await retention.List(), runs => runs.Count == 2 && runs[1].EndedAt is not null);
        // One run makes up for all missed times.
        Assert.Equal(("scheduled-20260331-003000", 1L), (runs[1].Id, runs[1].Streams));
    }

    [Fact]
    public async Task The_policies_of_each_tenant_are_run()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var app = await Run(
            shared,
            options =>
            {
                options.Category("cart").DeleteAfter();
                options.Tenant("beta").Category("cart").KeepForever();
            },
            withTenants: true);
        var tenants = app.Services.GetRequiredService<Tenants>();
        foreach (var name in new[] { "acme", "beta" })
        {
            await tenants.Create(new TenantId(name));
            await using var scope = await tenants.Enter(new TenantId(name));
            await Append(scope.Store, "cart-1", "cart.opened", _clock.GetUtcNow(), "{}");
        }
        _clock.Advance(TimeSpan.FromDays(40));
        foreach (var name in new[] { "acme", "beta" })
        {
            await using var scope = await tenants.Enter(new TenantId(name));

            var run = await scope.Services.GetRequiredService<RetentionService>().Run("ann", "run-1");

            Assert.Equal(name == "acme" ? 1 : 0, run.Streams);
            Assert.NotNull(await scope.Services.GetRequiredService<RetentionService>().Find("run-1"));
        }
    }

    [Fact]
    public async Task An_application_with_a_policy_that_cannot_be_carried_out_does_not_start()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => Run(shared, options =>
        {
            options.Category("person").ErasePersonalDataAfter();
            options.EventType("cart.opened").DeleteAfter().EvenIfReadBy("none");
            options.Tenant("Acme").Category("cart").KeepForever();
        }));

        Assert.Contains("category person: erases personal data", refused.Message, StringComparison.Ordinal);
        Assert.Contains("names the read model 'none'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            "category cart of tenant Acme: applies to one tenant, but the application has none",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains("'Acme' is not the name of a tenant", refused.Message, StringComparison.Ordinal);
    }

    private static void Nightly(RetentionOptions options)
    {
        options.Schedule = "30 2 * * *";
        options.TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        options.StreamsPerSecond = 1_000_000; // The manual clock would never end the pause of a throttled run.
        options.Category("cart").DeleteAfter();
    }

    private async Task<App> Run(
        SharedStore shared, Action<RetentionOptions> configure, bool withPeople = false, bool withTenants = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(withPeople || withTenants ? _clock : _time);
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UseStorage(_ => shared.OpenWithNodeClock()).AddRetention(configure);
            if (withTenants)
                millrace.WithTenants();
            if (!withPeople)
                return;
            millrace.AddModel(People.Register).ConfigureConsumers(TestNode.UseShortIntervals)
                .AddModel(model => model.Protect(
                    "visit.made",
                    new ProtectedMember("/text") { Subject = "/person", SubjectType = "person" }))
                .UseKeys(_ => _keys.Store, options => options.MasterKey = _keys.Master)
                .AddErasures(options =>
                {
                    options.PrivateKeyPem = _key.ExportPkcs8PrivateKeyPem();
                    options.SettleTime = TimeSpan.Zero;
                });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new App(host);
    }

    /// <summary>Advances the clock, and gives the schedulers the time to set their next timers.</summary>
    private async Task Advance(TimeSpan by)
    {
        _time.Advance(by);
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
    }

    private Task<AppendResult> Append(App app, string stream, string type, string json) =>
        Append(app.Services.GetRequiredService<EventStore>(), stream, type, _clock.GetUtcNow(), json);

    private static Task<AppendResult> Append(
        EventStore store, string stream, string type, DateTimeOffset at, string json) =>
        store.Append(new AppendRequest { RecordedAt = at }.To(
            new StreamId(stream), ExpectedVersion.Any, NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))));

    /// <summary>Appends an old event before the application starts.</summary>
    private async Task GivenCart(SharedStore shared, int days)
    {
        await using var store = await EventStore.Open(shared.OpenWithNodeClock(), EventTypeMap.Empty, time: _time);
        await Append(store, "cart-1", "cart.opened", _time.GetUtcNow().AddDays(-days), "{}");
    }

    private static async Task<string> PayloadOf(App app, string stream)
    {
        await foreach (var recorded in app.Services.GetRequiredService<EventStore>().ReadStream(new StreamId(stream)))
            return Encoding.UTF8.GetString(recorded.Payload.Span);
        return "";
    }

    private sealed class App(IHost host) : IAsyncDisposable
    {
        public IServiceProvider Services => host.Services;

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
