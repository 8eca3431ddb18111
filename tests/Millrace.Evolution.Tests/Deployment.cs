using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>A running build of the application on a file that other builds may use concurrently.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly IHost _host;

    private Deployment(IHost host) => _host = host;

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public Projections Projections => _host.Services.GetRequiredService<Projections>();

    public Consumers Consumers => _host.Services.GetRequiredService<Consumers>();

    public AggregateRepository Aggregates => _host.Services.GetRequiredService<AggregateRepository>();

    /// <summary>Starts a build of a model.</summary>
    public static async Task<Deployment> Of<TModel>(string file, Action<MillraceBuilder>? configure = null)
        where TModel : IModel
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UseSqlite(file).AddModel<TModel>().ConfigureConsumers(options =>
            {
                options.LeaseDuration = TimeSpan.FromMinutes(1); // A build on a slow machine keeps its leases.
                options.LookEvery = TimeSpan.FromMilliseconds(10);
                options.CheckpointEvery = TimeSpan.FromMilliseconds(20);
                options.RetryDelay = TimeSpan.FromMilliseconds(1);
                options.MaxRetryDelay = TimeSpan.FromMilliseconds(10);
                options.ReadTimeout = WaitTimeout;
            });
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Deployment(host);
    }

    public IReadModel<TKey, TDocument> Model<TKey, TDocument>(string name)
        where TKey : notnull
        where TDocument : class => _host.Services.GetRequiredKeyedService<IReadModel<TKey, TDocument>>(name);

    public async Task<ConsistencyToken> Append(Guid order, params object[] events) =>
        (await Store.Append(StreamOf(order), ExpectedVersion.Any, events)).Token;

    public async Task<List<RecordedEvent>> Read(Guid order)
    {
        var events = new List<RecordedEvent>();
        await foreach (var recorded in Store.ReadStream(StreamOf(order)))
            events.Add(recorded);
        return events;
    }

    /// <summary>Waits until the status of a consumer satisfies a condition. Fails with the actual status.</summary>
    public Task<ConsumerStatus> WaitUntil(string consumer, Func<ConsumerStatus, bool> condition) =>
        Eventually.Get(Consumers, consumer, condition, WaitTimeout);

    public static StreamId StreamOf(Guid order) => StreamId.For("order", order);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            _host.Dispose();
    }
}
