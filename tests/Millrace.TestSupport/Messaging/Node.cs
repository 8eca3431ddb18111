using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>An application with transports and a store, which is in memory by default.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly IHost _host;

    private Node(IHost host) => _host = host;

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public Consumers Consumers => _host.Services.GetRequiredService<Consumers>();

    public ConsumerHost ConsumerHost => _host.Services.GetRequiredService<ConsumerHost>();

    public DeadLetters DeadLetters => _host.Services.GetRequiredService<DeadLetters>();

    public Transports Transports => _host.Services.GetRequiredService<Transports>();

    public Erasures Erasures => _host.Services.GetRequiredService<Erasures>();

    public DataKeys Keys => _host.Services.GetRequiredService<DataKeys>();

    public UnmarkedMembers Unmarked => _host.Services.GetRequiredService<UnmarkedMembers>();

    public ICommandBus Commands => _host.Services.GetRequiredService<ICommandBus>();

    public Requests Requests => _host.Services.GetRequiredService<Requests>();

    public static async Task<Node> Start(
        Action<MillraceBuilder> configure,
        IStorage? storage = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        TimeProvider? time = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UseStorage(_ => storage ?? new InMemoryStorage(time)).AddModel(model => Shop.Register(model));
            millrace.ConfigureConsumers(options =>
            {
                options.LookEvery = TimeSpan.FromMilliseconds(10);
                // A machine that pauses for some seconds keeps its leases.
                options.LeaseDuration = TimeSpan.FromSeconds(10);
                options.CheckpointEvery = TimeSpan.FromMilliseconds(20);
                options.RetryDelay = TimeSpan.FromMilliseconds(1);
                options.MaxRetryDelay = TimeSpan.FromMilliseconds(20);
                options.Retries = 2;
            });
            configure(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Node(host);
    }

    /// <summary>Waits until a consumer has handled all events.</summary>
    public Task<ConsumerStatus> WaitUntilFinished(string consumer) =>
        Eventually.Get(Consumers, consumer, static status => status.LagEvents == 0, TimeSpan.FromMinutes(3));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
