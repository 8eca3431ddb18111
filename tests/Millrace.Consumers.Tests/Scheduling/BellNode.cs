using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>A node of an application with a bell and timers.</summary>
internal sealed class BellNode : IAsyncDisposable
{
    private readonly IHost _host;

    private BellNode(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Bell Bell => Services.GetRequiredService<Bell>();

    public Timers Timers => Services.GetRequiredService<Timers>();

    public Projections Projections => Services.GetRequiredService<Projections>();

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public ICommandBus Commands => Services.GetRequiredService<ICommandBus>();

    public Consumers Consumers => Services.GetRequiredService<Consumers>();

    public static async Task<BellNode> Start(
        IStorage storage,
        TimeProvider? time = null,
        Action<MillraceBuilder>? configure = null,
        Action<ConsumerOptions>? options = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<Bell>();
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseStorage(_ => storage)
                .AddModel(model => Bell.Register(model))
                .AddTimers()
                .ConfigureConsumers(all =>
                {
                    all.LookEvery = TimeSpan.FromMilliseconds(10);
                    all.LeaseDuration = TimeSpan.FromMinutes(1);
                    all.StopTimeout = TestNode.WaitTimeout;
                    options?.Invoke(all);
                });
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new BellNode(host);
    }

    /// <summary>Returns the names of the rings, in order.</summary>
    public async Task<IReadOnlyList<string>> Rings()
    {
        var names = new List<string>();
        await foreach (var recorded in Store.ReadStream(new StreamId(Bell.Stream)))
            names.Add(((Rung)recorded.Data!).Name);
        return names;
    }

    public Task<IReadOnlyList<string>> WaitForRings(int count) =>
        Eventually.Get(Rings, rings => rings.Count >= count, TestNode.WaitTimeout);

    /// <summary>Returns the event types in the history of a timer.</summary>
    public async Task<IReadOnlyList<string>> EventTypes(string key)
    {
        var types = new List<string>();
        await foreach (var recorded in Store.ReadStream(new StreamId("$timer-" + key)))
            types.Add(recorded.Type);
        return types;
    }

    public Task<IReadOnlyList<string>> WaitForLastEvent(string key, string last) =>
        Eventually.Get(() => EventTypes(key), story => story.Count > 0 && story[^1] == last, TestNode.WaitTimeout);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
