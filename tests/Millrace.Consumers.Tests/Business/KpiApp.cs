using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Testing;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>A running node of an application with business figures.</summary>
internal sealed class KpiApp : IAsyncDisposable
{
    private readonly IHost _host;

    private KpiApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public Kpis Kpis => Services.GetRequiredService<Kpis>();

    public static EventTypeMap Types { get; } = Register(new ModelBuilder(), version: 1).BuildEventTypes();

    public static Task<KpiApp> Start(
        IStorage storage,
        int version = 1,
        int partitions = 1,
        TimeProvider? time = null,
        IReadOnlyList<KpiDefinition>? more = null) =>
        Start(millrace => millrace.UseStorage(_ => storage), version, partitions, time, more);

    public static async Task<KpiApp> Start(
        Action<MillraceBuilder> useStore,
        int version = 1,
        int partitions = 1,
        TimeProvider? time = null,
        IReadOnlyList<KpiDefinition>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.ConfigureContainer(new DefaultServiceProviderFactory(
            new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddMillrace(millrace =>
        {
            useStore(millrace);
            millrace
                .AddModel(model =>
                {
                    Register(model, version);
                    foreach (var kpi in more ?? [])
                        model.Kpi(kpi);
                })
                .ConfigureConsumers(options =>
                {
                    TestNode.UseShortIntervals(options);
                    foreach (var projection in (more ?? []).Select(static kpi => kpi.Projection).Append("kpi-revenue"))
                        options.Partitions[projection] = partitions;
                });
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
        return new KpiApp(host);
    }

    public async Task<ConsistencyToken> Append(string stream, params object[] events) =>
        (await Store.Append(new StreamId(stream), ExpectedVersion.Any, events)).Token;

    /// <summary>Pauses a consumer, and waits until it has ended its batch, while time passes.</summary>
    public async Task Pause(string consumer, VirtualClock clock)
    {
        var consumers = Services.GetRequiredService<Consumers>();
        await consumers.Pause(consumer);
        await clock.WhileTimePasses(Eventually.Get(
            consumers,
            consumer,
            static status => status is { State: ConsumerState.Paused, IsHere: true },
            TestNode.WaitTimeout));
    }

    /// <summary>Waits until the figures contain all events, except those that a test has paused.</summary>
    public async Task WaitForFigures(params string[] paused)
    {
        var token = await Store.GetToken();
        foreach (var kpi in (await Kpis.List(CancellationToken.None)).ExceptBy(paused, static kpi => kpi.Name))
            Assert.True(await Services.GetRequiredService<Consumers>()
                .WaitFor($"{kpi.Projection}@1", token, TestNode.WaitTimeout));
    }

    /// <summary>Reads the hours of the revenue that a token contains.</summary>
    public static KpiQuery Hours(string name, DateTimeOffset from, DateTimeOffset to, ConsistencyToken token) => new()
    {
        Name = name,
        From = from,
        To = to,
        After = new ReadAfter(token, TestNode.WaitTimeout),
    };

    public static ModelBuilder Register(ModelBuilder model, int version) => model
        .Event("goods.sold", 1, KpiEventsJson.Default.Sold)
        .Event("request.answered", 1, KpiEventsJson.Default.Answered)
        .Kpi(new KpiDefinition
        {
            Name = "revenue",
            Version = version,
            Unit = "GBP",
            Dimensions = ["country"],
            MaxMembers = 3,
            Events = [typeof(Sold)],
            Rules = ["Revenue.Measure(Sold)"],
            Measure = static (recorded, values) =>
            {
                if (recorded.Data is Sold sold)
                    values.Add(KpiValue.Of(sold.Amount).At(sold.At).By("country", sold.Country));
            },
        })
        .Kpi(Answers("availability", KpiKind.Ratio, static answer => KpiValue.Success(answer.IsSuccess)))
        .Kpi(Answers("satisfaction", KpiKind.Mean, static answer => KpiValue.Of(answer.Stars)))
        .Kpi(Answers("requests", KpiKind.Count, static _ => KpiValue.One))
        .Kpi(Answers(
            "response-time",
            KpiKind.Duration,
            static answer => KpiValue.Of(TimeSpan.FromMilliseconds(answer.Milliseconds))));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static KpiDefinition Answers(string name, KpiKind kind, Func<Answered, KpiValue> measure) => new()
    {
        Name = name,
        Kind = kind,
        Events = [typeof(Answered)],
        Measure = (recorded, values) =>
        {
            if (recorded.Data is Answered answered)
                values.Add(measure(answered));
        },
    };
}
